"""Specs that mean harm, each with the code of the finding that answers it.

A code of "" is a spec that may be built: large, and within every limit.
"""

from collections.abc import Iterable

HEAD = "netspec: 1\nname: x\ninput: [3, 32, 32]\n"
SYMBOLS = "netspec: 1\nname: x\ninput: [3, H, W]\n"
NINES = "9" * 5000


def nodes(lines: Iterable[str], head: str = HEAD) -> str:
    return head + "graph:\n" + "".join(f"  {line}\n" for line in lines)


def expression(text: str) -> str:
    return nodes([f"a: {{type: Linear, out_features: '{text}'}}"])


def doubling(depth: int, uses: int) -> str:
    """Blocks that use the next several times: uses ** depth nodes in all."""
    text = HEAD + "blocks:\n"
    for i in range(depth):
        inner = "".join(f"      n{j}: B{i + 1}\n" for j in range(uses))
        text += f"  B{i}:\n    graph:\n{inner}"
    return text + f"  B{depth}: {{graph: [ReLU]}}\ngraph:\n  r: B0\n"


def distinct(depth: int) -> str:
    """The same, each use with arguments of its own: nothing can be taken again."""
    text = HEAD + "blocks:\n"
    for i in range(depth):
        uses = "".join(
            f"      n{j}: {{type: B{i + 1}, k: '3 * $k + {j}'}}\n" for j in range(3)
        )
        text += f"  B{i}:\n    params: {{k: int}}\n    graph:\n{uses}"
    last = "{params: {k: int}, graph: [{type: Dropout, p: 1 / (2 + $k)}]}"
    return text + f"  B{depth}: {last}\ngraph:\n  r: {{type: B0, k: 1}}\n"


def aliases(count: int) -> str:
    """Each line holds the one before ten times."""
    lines = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, count)]
    return HEAD + "a0: &a0 [x]\n" + "\n".join(lines) + "\n"


def chain(count: int, node: str, head: str = SYMBOLS) -> str:
    return nodes((f"n{i}: {node}" for i in range(count)), head)


def numbered(pattern: str, count: int) -> str:
    return "".join(f"  {pattern.format(i=i)}\n" for i in range(count))


def tower(uses: int, length: int) -> str:
    """A node of many layers, and siblings that share it."""
    layers = numbered("    n{i}: {{type: Linear, out_features: 32}}", length)
    shares = numbered("s{i}: {{share: a}}", uses)
    return HEAD + "graph:\n  a:\n    graph:\n" + layers + shares


def reader(i: int) -> str:
    """A node that adds all before it."""
    return f"a{i}: {{type: Add, from: [a0, {', '.join(f'a{j}' for j in range(i))}]}}"


def inputs(entries: str) -> str:
    """Inputs of their own, the first of which a layer reads."""
    graph = "graph: {r: {type: ReLU, from: a0}}\n"
    return f"netspec: 1\nname: x\ninputs:\n{entries}{graph}"


def own(shape: str, count: int) -> str:
    """Modules of a user's own, each of a size made of the one before."""
    node = f"{{type: 'python:a.B', shape: ['{shape}'], repeat: {count}}}"
    return nodes([f"f: {node}"], "netspec: 1\nname: x\ninput: [H]\n")


def halves(i: int) -> str:
    """A size taken apart and put together again."""
    apart = f"m{i}: {{type: Unflatten, dim: 2, unflattened_size: [-1, {2 + i % 3}]}}"
    return f"{apart}\n  t{i}: {{type: Flatten, start_dim: 2}}"


def params(entries: str, graph: str = "graph: [ReLU]\n") -> str:
    return f"{HEAD}params:\n{entries}{graph}"


def skipped(count: int) -> str:
    """A normalisation behind a convolution, and many absent nodes between them."""
    gone = [f"n{i}: {{type: ReLU, when: 1 == 2}}" for i in range(count)]
    ends = ["m: {type: BatchNorm2d, from: c}", "b: BatchNorm2d"]
    return nodes(["c: {type: Conv2d, out_channels: 3, kernel_size: 1}", *gone, *ends])


ADD = ", ".join(["a"] * 30_000)
ADD_400 = ", ".join(["r"] * 400)
NUMBERS = ", ".join(["1"] * 1020)
CHOICES = ", ".join(f"c{i}" for i in range(1020))
CONDITIONS = "H > 0 and H < 100000 and H * H > 0"
POOLS = ", ".join(f"c{i}" for i in range(200))
LONG = ", ".join(["8"] * 16_000)

SPECS: dict[str, tuple[str | bytes, str]] = {
    "one name misspelt everywhere": (
        nodes(f"n{i}: Rlu" for i in range(9000)),
        "NS0501",
    ),
    "nothing is indented": (
        HEAD + "graph:\n" + "".join(f"a{i}: ReLU\n" for i in range(18_000)),
        "NS0205",
    ),
    "brackets": ("[" * 200_000, "NS0107"),
    "braces": (HEAD + "graph: " + "{a: " * 60_000, "NS0107"),
    "aliases": (aliases(10), "NS0107"),
    "alias of itself": ("a: &a [*a]\n", "NS0105"),
    "merge keys": ("a: &a {x: 1}\nb: {<<: [*a, *a]}\n", "NS0104"),
    "long integer": (nodes([f"a: {{type: Linear, out_features: {NINES}}}"]), "NS0106"),
    "not a number": (nodes(["a: {type: Dropout, p: .nan}"]), "NS0106"),
    "large file": ("#" * 300_000, "NS0107"),
    "comments": ("#\n" * 120_000, "NS0102"),
    "bytes": (bytes(range(256)) * 400, "NS0102"),
    "latin": (b"name: caf\xe9\n", "NS0102"),
    "utf-16": ("netspec: 1\n".encode("utf-16"), "NS0102"),
    "byte order mark": (b"\xef\xbb\xbf" + nodes(["a: ReLU"]).encode(), ""),
    "nul": (HEAD + "doc: a\0b\n", "NS0102"),
    "surrogate": (HEAD + 'doc: "\\ud800"\n', "NS0102"),
    "many keys": (HEAD + "".join(f"grph{i}: 1\n" for i in range(20_000)), "NS0201"),
    "many duplicates": (nodes(["a: ReLU"] * 20_000), "NS0103"),
    "many unknown nodes": (
        nodes(f"n{i}: {{type: ReLU, from: m{i}}}" for i in range(6000)),
        "NS0401",
    ),
    "many unknown types": (nodes(f"n{i}: Relu{i}" for i in range(12_000)), "NS0501"),
    "many nodes": (nodes(f"n{i}: ReLU" for i in range(15_000)), ""),
    "many shares": (
        nodes(["a: {type: Linear, out_features: 32}"])
        + "".join(f"  s{i}: {{share: a}}\n" for i in range(4000)),
        "",
    ),
    "many inputs": (nodes(["a: ReLU", f"s: {{type: Add, from: [{ADD}]}}"]), ""),
    "long name": (nodes(["a" * 900 + ": ReLU"]), "NS0204"),
    "long path": (HEAD + f"imports: [{'b' * 100_000}]\n", "NS0107"),
    "keyword": (nodes(["lambda: ReLU"]), "NS0204"),
    "module attribute": (nodes(["forward: ReLU"]), "NS0204"),
    "doubling": (doubling(14, 6), "NS0107"),
    "distinct": (distinct(12), "NS0107"),
    "nested repeats": (
        nodes(["a: {repeat: 9999, graph: {b: {repeat: 9999, graph: [ReLU]}}}"]),
        "NS0107",
    ),
    "huge repeat": (nodes(["a: {type: ReLU, repeat: 9007199254740992}"]), "NS0107"),
    "distinct repeat": (
        nodes(["a: {repeat: 16384, graph: [{type: Dropout, p: 1 / (2 + $i)}]}"]),
        "NS0107",
    ),
    "endless block": (
        HEAD + "blocks:\n  B:\n    params: {k: int}\n    graph:\n"
        "      a: {type: B, k: $k + 1}\ngraph:\n  a: {type: B, k: 1}\n",
        "NS0512",
    ),
    "deep expression": (expression("(" * 120 + "1" + ")" * 120), "NS0505"),
    "long expression": (expression("1 + " * 100 + "1"), "NS0505"),
    "signs": (expression("-" * 250 + "1"), "NS0505"),
    "power": (expression("2**64**64**64"), "NS0505"),
    "power of a float": (nodes(["a: {type: Dropout, p: 1e300**64}"]), "NS0505"),
    "attribute walk": (expression("$input.__class__.__mro__"), "NS0505"),
    "python": (expression('__import__("os")'), "NS0505"),
    "long polynomial": (
        nodes(
            [f"a: {{type: Reshape, shape: ['{'*'.join(['(H+W+1)'] * 30)}']}}"], SYMBOLS
        ),
        "NS0505",
    ),
    "strides": (
        chain(400, "{type: Conv2d, out_channels: 3, kernel_size: 3, stride: 2}"),
        "NS0508",
    ),
    "windows": (chain(2500, "{type: MaxPool2d, kernel_size: 3, stride: 1}"), "NS0508"),
    "unequal sizes": (
        nodes(
            [
                f"c{i}: {{type: MaxPool2d, kernel_size: {i + 2}, from: input}}"
                for i in range(200)
            ]
            + [f"s: {{type: Add, from: [{POOLS}]}}"],
            SYMBOLS,
        ),
        "NS0508",
    ),
    "impossible where": (
        "netspec: 1\nname: x\ninputs:\n  a: {shape: [A, B, C, D], "
        "where: A % 7 == 1 and B % 11 == 5 and C % 13 == 2 and A == B * C * D}\n"
        "graph:\n  f: Flatten\n",
        "NS0506",
    ),
    "doubled minima": (
        chain(
            16,
            "{type: MaxPool1d, kernel_size: 2, stride: 3, padding: 1, ceil_mode: true}",
            "netspec: 1\nname: x\ninput: [3, H]\n",
        ),
        "NS0508",
    ),
    "doubled floors": (own("$from.channels // ($from.channels + 1)", 20), "NS0505"),
    "long divisor": (own("$from.channels // 9007199254740992", 400), "NS0505"),
    "floors of products": (
        nodes(map(halves, range(100)), "netspec: 1\nname: x\ninput: [3, H*W*T]\n"),
        "NS0508",
    ),
    "powers of a sum": (
        "netspec: 1\nname: x\n"
        f"inputs: {{a0: ['{'*'.join(['(H+1)'] * 31)}']}}\ngraph: [ReLU]\n",
        "NS0505",
    ),
    "wheres": (
        inputs(numbered("a{i}: {{shape: [H], where: 'H > 0'}}", 100)),
        "NS0613",
    ),
    "wheres and pairs": (
        nodes(
            [
                f"m{i}_{j}: {{type: Add, from: [a{i}, a{j}]}}"
                for i in range(60)
                for j in range(i)
            ],
            "netspec: 1\nname: x\ninputs:\n"
            + numbered("a{i}: {{shape: [3, H{i}]}}", 60)
            + "  b: {shape: [3, H0], where: H0 > 0 and H0 > 1 and H0 > 2 and H0 > 3}\n",
        ),
        "NS0508",
    ),
    "where without a value": (
        inputs("  a0: {shape: [H, W], where: 1 // (H - 400) < 5}\n"),
        "NS0505",
    ),
    "where without a value there": (
        inputs(
            "  a0: {shape: [H, W], where: 1 // (H - 1000) < 5, "
            "example: {H: 1000, W: 300}}\n"
        ),
        "NS0607",
    ),
    "where beyond numbers": (
        inputs("  a0: {shape: [H], where: H * H > 0, example: {H: 2147483647}}\n"),
        "NS0607",
    ),
    "divided by zero": (
        nodes(
            ["f: {type: MaxPool2d, kernel_size: 2}"],
            "netspec: 1\nname: x\ninput: [3, 'W // (H - 4)', H]\n",
        ),
        "",
    ),
    "divided by zero there": (
        nodes(
            ["f: {type: Conv2d, out_channels: 2, kernel_size: 1, padding: 3}"],
            "netspec: 1\nname: x\ninputs:\n"
            "  a: {shape: [3, 'W // (H - 4)', H], example: {H: 4, W: 4}}\n",
        ),
        "NS0607",
    ),
    "samples mixed": (
        nodes(
            ["s: {type: Add, from: [a, b]}"],
            "netspec: 1\nname: x\ninputs: {a: [1, 1, 1, 1], b: [3, 3, 3]}\n",
        ),
        "NS0508",
    ),
    "huge padding": (
        nodes(
            [
                "c: {type: Conv2d, out_channels: 8, kernel_size: 3, "
                "padding: 9007199254740992}"
            ],
            SYMBOLS,
        ),
        "",
    ),
    "doubled lists": (
        params(
            "  p0: [1, 2]\n"
            + "".join(
                f"  p{i}: {{type: list, default: [$p{i - 1}, $p{i - 1}]}}\n"
                for i in range(1, 25)
            )
        ),
        "NS0107",
    ),
    "nested lists": (
        params(
            "  p0: [1]\n"
            + "".join(
                f"  p{i}: {{type: list, default: [$p{i - 1}]}}\n" for i in range(1, 900)
            )
        ),
        "NS0107",
    ),
    "nested rows": (
        params(
            "  p0: {a: 1}\n"
            + "".join(
                f"  p{i}: {{type: row, default: {{a: $p{i - 1}}}}}\n"
                for i in range(1, 900)
            )
        ),
        "NS0107",
    ),
    "repeats over doubled lists": (
        HEAD
        + "graph:\n"
        + "".join(
            f"{'    ' * i}  a:\n{'    ' * i}    repeat: "
            f"{{over: [{'[1, 2]' if i == 0 else f'[$w{i - 1}, $w{i - 1}]'}], "
            f"as: w{i}, index: i{i}}}\n{'    ' * i}    graph:\n"
            for i in range(12)
        )
        + f"{'    ' * 12}  a: ReLU\n",
        "NS0107",
    ),
    "long lists, compared by children": (
        params(
            numbered(f"p{{i}}: [{NUMBERS}]", 40),
            "graph:\n  r:\n    repeat: 16000\n    graph:\n"
            + numbered("    d{i}: {{type: Dropout, p: $p{i}.0 / 2, when: $i > 0}}", 40),
        ),
        "NS0107",
    ),
    "sums": (
        params(
            f"  w: [{NUMBERS}]\n",
            "graph:\n  d: {type: Dropout, p: 0 * sum($w), repeat: 16000}\n",
        ),
        "NS0107",
    ),
    "choices": (
        HEAD
        + "blocks:\n  B:\n    params: {k: {type: str, default: c0, "
        + f"choices: [{CHOICES}]}}}}\n    graph: [ReLU]\n"
        + "graph:\n  b: {type: B, k: c1019, repeat: 16000}\n",
        "NS0107",
    ),
    "edges": (
        nodes(["r: ReLU", f"a: {{type: Add, from: [{ADD_400}], repeat: 16000}}"]),
        "NS0107",
    ),
    "many outputs": (
        "netspec: 1\nname: x\ninput: [1024]\ngraph:\n"
        + numbered("c{i}: {{type: Chunk, chunks: 1024, from: input}}", 1100),
        "NS0107",
    ),
    "many symbols": (
        inputs(numbered("a{i}: [A{i}, B{i}, C{i}, D{i}, E{i}, F{i}, G{i}]", 4000)),
        "NS0613",
    ),
    "many symbols and wheres": (
        inputs(numbered("a{i}: {{shape: [H{i}], where: H{i} > 2}}", 140)),
        "NS0613",
    ),
    "long wheres": (
        inputs(numbered(f"a{{i}}: {{{{shape: [H], where: {CONDITIONS}}}}}", 1000)),
        "NS0107",
    ),
    "where of a list": (
        "netspec: 1\nname: x\nparams: {s: [4, 5]}\n"
        "inputs: {a: {shape: [3, H], where: 'H > $s.0'}}\ngraph: [ReLU]\n",
        "",
    ),
    "long names of unused params": (
        HEAD
        + "blocks:\n"
        + "".join(
            f"  B{b}:\n    graph: [ReLU]\n    params:\n"
            + numbered("    " + "p" * 40 + "{i}: 1", 1000)
            for b in range(4)
        )
        + "graph: [B0, B1, B2, B3]\n",
        "NS0604",
    ),
    "expected outputs": (
        HEAD
        + "graph: {r: ReLU}\noutputs:\n"
        + numbered("o{i}: r", 1500)
        + "expect:\n  outputs:\n"
        + numbered("  o{i}: [3, 32, 32]", 1500),
        "",
    ),
    "absent nodes": (skipped(5000), "NS0611"),
    "a repeat of nothing": (
        nodes(["b: {type: Buffer, shape: [2], repeat: 0}", "a: {type: ReLU, from: b}"]),
        "NS0506",
    ),
    "escaped nul": (HEAD + 'imports: ["a\\0b"]\ngraph: [ReLU]\n', "NS0102"),
    "parameters": (nodes(["a: {type: Linear, out_features: 2000000000}"]), "NS0107"),
    "many parameters": (
        nodes(["a: {type: Linear, out_features: 30000, repeat: 20}"]),
        "NS0107",
    ),
    "large tensor": (
        nodes(["a: {type: ZeroPad2d, padding: 10000000}"]),
        "NS0107",
    ),
    "rank": (
        nodes([f"a: {{type: Reshape, shape: [{'1, ' * 500}3072]}}"]),
        "NS0107",
    ),
    "chunks": (nodes(["a: {type: Chunk, chunks: 9007199254740992}"]), "NS0504"),
    "layers": (
        "netspec: 1\nname: x\ninput: [3, 4]\ngraph:\n"
        "  a: {type: LSTM, hidden_size: 1, num_layers: 2000000000}\n",
        "NS0504",
    ),
    "long list": (
        HEAD + f"params: {{w: [{LONG}]}}\nblocks:\n"
        "  B: {params: {w: list, i: int}, graph: [{type: Dropout, p: 1 / (2 + $i)}]}\n"
        "graph:\n  a: {type: B, w: $w, i: $i, repeat: 16000}\n",
        "NS0107",
    ),
    "many rules": (
        nodes(["a: {repeat: 3000, graph: [{type: Linear, out_features: 32}]}"])
        + "init:\n"
        + "".join(f"  - {{path: '*a*b*c*{i}', weight: 0}}\n" for i in range(6000)),
        "NS0107",
    ),
    "slow glob": (
        nodes([f"{'a' * 60}: {{type: Linear, out_features: 32}}"])
        + f"init:\n  - {{path: '{'a*' * 100}b', weight: 0}}\n",
        "NS0606",
    ),
    "long expectation": (
        nodes(["a: ReLU"]) + f"expect: {{output: [{'1, ' * 40_000}1]}}\n",
        "NS0601",
    ),
    "near names": (
        nodes(
            f"{'n' * 56}{i}: {{type: ReLU, from: {'n' * 56}z{i}}}" for i in range(1500)
        ),
        "NS0401",
    ),
    "one input for a join": (nodes(["a: {type: Add, from: [input]}"]), "NS0508"),
    "many params": (
        HEAD + "params:\n" + numbered("p{i}: {i}", 15_000) + "graph: [ReLU]\n",
        "NS0107",
    ),
    "params by uses": (
        HEAD + "blocks:\n  B:\n    params:\n" + numbered("    p{i}: {i}", 1000) + "    "
        "graph: [ReLU]\ngraph:\n  a: {type: B, p0: $i, repeat: 16000}\n",
        "NS0107",
    ),
    "long arguments": (
        nodes(
            [
                f"a: {{type: Conv2d, out_channels: '3{' + $i - $i' * 25}', "
                f"kernel_size: '3{' + $i - $i' * 25}', padding: 1, repeat: 16000}}"
            ]
        ),
        "NS0107",
    ),
    "list of lists": (
        HEAD
        + f"params: {{w: [{', '.join(['[1, 2, 3, 4]'] * 1000)}]}}\ngraph: [ReLU]\n",
        "NS0107",
    ),
    "shared towers": (tower(4000, 3000), "NS0107"),
    "shared tower": (tower(60, 3000), ""),
    "unused params": (
        HEAD + "params:\n" + numbered("p{i}: {i}", 1000) + "graph: [ReLU]\n",
        "NS0604",
    ),
    "unused blocks": (
        HEAD
        + "blocks:\n"
        + numbered("B{i}: {{graph: [ReLU]}}", 9000)
        + "graph: [ReLU]\n",
        "NS0609",
    ),
    "unread nodes": (
        HEAD + "graph:\n" + numbered("n{i}: {{type: ReLU, from: input}}", 7000),
        "NS0603",
    ),
    "whens": (
        HEAD + "graph:\n  n0: ReLU\n"
        "" + numbered("m{i}: {{type: ReLU, when: false, else: n0}}", 5000),
        "NS0611",
    ),
    "globs": (
        nodes(f"{'a' * 50}{i}: {{type: Linear, out_features: 32}}" for i in range(1500))
        + "init:\n"
        + numbered("- {{path: '" + "*a" * 40 + "b{i}', weight: 0}}", 600),
        "NS0606",
    ),
    "dense": (nodes(["a0: ReLU", *map(reader, range(1, 280))]), ""),
    "long list of layers": (HEAD + "graph:\n" + "  - ReLU\n" * 19_900, ""),
    "one alias": (
        SYMBOLS + "graph: [&a BatchNorm2d" + ",*a" * 19_900 + "]\n",
        "",
    ),
    "open quote": (HEAD + "doc: '" + "\n" * 200_000, "NS0102"),
    "sequences": ("- " * 120_000, "NS0107"),
    "keys of keys": ("? " * 120_000, "NS0107"),
    "documents": ("---\n" * 60_000, "NS0104"),
    "tags": (HEAD + f"graph: [{', '.join(['!!x a'] * 15_000)}]\n", "NS0104"),
    "control characters": (nodes(['a: "\\e[31mReLU\\e[0m\\a"']), "NS0501"),
    "wrong choices": (
        HEAD
        + "blocks:\n  B:\n    params: {c: {type: str, default: w0, choices: ["
        + ", ".join(f"w{i}" for i in range(20_000))
        + "]}}\n    graph: [ReLU]\n"
        + nodes((f"a{i}: {{type: B, c: zz}}" for i in range(10)), ""),
        "NS0504",
    ),
    "direction marks": (HEAD + 'doc: "\u202e evil"\nx: 1\n', "NS0201"),
}
