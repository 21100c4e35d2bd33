"""What a word that is not known was meant to be: a slip, or another framework's word.

arguments   `filters` of Keras is `out_channels`
types       `Dense` of Keras is `Linear`, `nn.ReLU` is `ReLU`
"""

import re
from collections.abc import Collection, Iterable
from functools import cache

from netspec.diagnostics import Source
from netspec.kinds import KindError
from netspec.locate import LIBRARY, SCHEME
from netspec.source import Mapping, Scalar, Tree, parse
from netspec.spelling import did_you_mean, suggest

KEYS = ("from", "when", "else", "repeat", "doc")  # of nodes, beside their arguments

ARGUMENTS = {
    "alpha": "negative_slope",
    "channels": "out_channels",
    "features": "out_features",
    "filters": "out_channels",
    "input": "from",
    "inputs": "from",
    "ksize": "kernel_size",
    "pad": "padding",
    "pool_size": "kernel_size",
    "rate": "p",
    "size": "kernel_size",
    "strides": "stride",
    "units": "out_features",
    "use_bias": "bias",
}

TYPES = {
    "batchnormalization": "BatchNorm2d",
    "bmm": "MatMul",
    "dense": "Linear",
    "fc": "Linear",
    "globalaveragepooling2d": "AdaptiveAvgPool2d",
    "layernormalization": "LayerNorm",
    "maxpooling2d": "MaxPool2d",
    "averagepooling2d": "AvgPool2d",
    "swish": "SiLU",
    "view": "Reshape",
}

_GRAPH_KNOWS = {
    "in_channels", "in_features", "num_features", "input_size", "embed_dim", "d_model",
    "normalized_shape", "batch_first",
}  # fmt: skip
NEEDLESS = {  # arguments of others that have no place in a spec, and why
    "inplace": "leave it out: activations run in place where that is provably safe",
    "activation": "leave it out: an activation is a node of its own, `type: ReLU`",
} | {name: f"leave it out: `{name}` is known from the graph" for name in _GRAPH_KNOWS}

_TRUTH = dict.fromkeys(("yes", "on", "true", "1"), "true") | dict.fromkeys(
    ("no", "off", "false", "none", "0"), "false"
)  # what other languages call them
_DRESS = re.compile(r"^(torch\.|nn\.|functional\.|F\.)+|\(.*\)$")  # `nn.ReLU()`


def argument_meant(name: str, fields: Collection[str]) -> str | None:
    """The field, or key of the node, that an unknown argument was meant to be."""
    word = ARGUMENTS.get(name)
    if word in fields or word in KEYS:
        return word
    return suggest(name, fields) or suggest(name, KEYS)


def argument_advice(
    name: str, fields: Collection[str], needed: Iterable[str] = ()
) -> str | None:
    """What to write for an unknown argument; `needed` are those that are missing."""
    word = ARGUMENTS.get(name)
    if word in fields or word in KEYS:
        return f"did you mean `{word}`?"
    takes = ", ".join(f"`{field}`" for field in fields) or "no arguments"
    lacks = " and ".join(f"`{field}`" for field in needed)
    otherwise = f"it needs {lacks}" if lacks else f"it takes {takes}"
    return did_you_mean(name, fields, did_you_mean(name, KEYS, otherwise))


def truth_meant(text: str) -> str | None:
    """`false` for `no`, `None` or `"False"`; None for what is no word of the kind."""
    return _TRUTH.get(text.lower())


def at_fault(tree: Tree, error: KindError) -> Tree:
    """The part of a value that is wrong."""
    for depth, name in enumerate(error.path, 1):
        entry = tree.entries.get(name) if isinstance(tree, Mapping) else None
        if entry is None:
            break
        last = depth == len(error.path)
        tree = entry.key if error.at_key and last else entry.value
    return tree


LISTED = 40  # words that anyone reads through


def value_advice(tree: Tree, error: KindError) -> str | None:
    """What to write for a value, or the part at fault, that is not of its kind."""
    if not isinstance(tree, Scalar):
        return None
    text, expected = tree.text, str(error).partition(", found")[0]
    if "true or false" in expected and (meant := truth_meant(text)):
        return f"write `{meant}`"
    if "integer" in expected and re.search(r"[^/]/[^/]", text):
        return f"`//` divides without a remainder: `{text.replace('/', '//')}`"
    if not error.words:
        return None
    listed = None
    if len(error.words) <= LISTED and not all(word in expected for word in error.words):
        listed = f"there are {', '.join(error.words)}"
    return did_you_mean(text.rpartition(".")[2], error.words, listed)


def type_advice(
    name: str, known: Collection[str], params: Collection[str]
) -> str | None:
    """What to write for an unknown type."""
    if name in params:
        return f"a param is written `${name}`"
    if name == "Sequential":
        return "write a list in place of the `type`: `graph: [ReLU, …]`"
    bare = _DRESS.sub("", name)
    word = TYPES.get(bare.lower(), bare)
    if word in known and word != name:
        return f"did you mean `{word}`?"
    library = _libraries().get(name)
    if library is not None:
        return f"`imports: [{SCHEME}{library}]` brings it in"
    return did_you_mean(bare, known)


@cache
def _libraries() -> dict[str, str]:
    """The libraries that ship, by the names of their blocks."""
    found: dict[str, str] = {}
    for file in sorted(LIBRARY.glob("*.yaml"), reverse=True):
        tree = parse(Source(file.name, file.read_text("utf-8")))
        assert isinstance(tree, Mapping)
        blocks = tree.entries["blocks"].value
        if isinstance(blocks, Mapping):
            found |= dict.fromkeys(blocks.entries, file.stem)
    return found
