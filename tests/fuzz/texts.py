"""Bytes and mutated specs: whatever they are, the answer is a network or findings."""

import random
from pathlib import Path

from netspec.compiler import compile
from netspec.diagnostics import Source, SpecError
from netspec.format import format_text
from netspec.link import loads
from netspec.rendering import render
from netspec.source import parse

ROOT = Path(__file__).parents[2]
SHIPPED = sorted([*ROOT.glob("specs/*.yaml"), *ROOT.glob("specs/teaching/*.yaml")])
TEXTS = [text for path in SHIPPED if len(text := path.read_text()) < 6000]
HOSTILE = [
    *("{", "}", "[", "]", ": ", ", ", "- ", "*a", "&a ", "!!str ", "<<: *a", "|", ">"),
    *("'", '"', "\t", "\n", "  ", "#", "$", "$i", "$input", "$input.channels", "null"),
    *("~", "-1", "0", "1e9", ".inf", "true", "9007199254740993", "2**64", "1/0", "H"),
    *("H//0", "input", "Conv2d", "graph", "repeat: ", "when: ", "from: ", "type: "),
    *("share: ", "\0", "\ud7ff", "\u202e", "\N{PILE OF POO}", "python:os.system"),
    *(
        "{add: [input, input]}",
        "splice: true",
        "repeat: 0",
        "when: false",
        "else: input",
    ),
]


def answered(text: str) -> str:
    """Compile a text: "accepted" or "refused"; any other exception is a bug."""
    try:
        compile(loads(text, name=str(ROOT / "specs" / "fuzzed.yaml"), root=ROOT))
    except SpecError as error:
        findings = error.findings
    else:
        return "accepted"
    assert findings
    assert render(findings)
    assert all(finding.to_json() for finding in findings)
    return "refused"


def raw_bytes(rng: random.Random) -> str:
    """Random bytes, or a spec with some of its bytes changed."""
    data = bytearray(rng.choice(TEXTS).encode())
    if rng.random() < 0.2:
        data = bytearray(rng.randbytes(rng.randint(0, 400)))
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(data) + 1)
        data[at : at + rng.randint(0, 3)] = rng.randbytes(rng.randint(0, 3))
    return answered(data.decode("utf-8", "replace"))


def mutated(rng: random.Random) -> str:
    """A spec with lines moved, and pieces of YAML and of the language put in."""
    return answered(mutate(rng, rng.choice(TEXTS)))


def mutate(rng: random.Random, text: str) -> str:
    for _ in range(rng.randint(1, 4)):
        text = rng.choice((_splice, _word, _line))(rng, text)
    return text


def _splice(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(HOSTILE) + text[at + rng.randint(0, 4) :]


def _word(rng: random.Random, text: str) -> str:
    words = text.split(" ")
    words[rng.randrange(len(words))] = rng.choice([*HOSTILE, *words])
    return " ".join(words)


def _line(rng: random.Random, text: str) -> str:
    lines = text.split("\n")
    line = lines.pop(rng.randrange(len(lines)))
    lines.insert(rng.randrange(len(lines) + 1), rng.choice([line, "  " + line, ""]))
    return "\n".join(lines)


def formatted(rng: random.Random) -> str:
    """What is YAML is laid out without change of content, and once is enough."""
    text = mutate(rng, rng.choice(TEXTS))
    try:
        parse(Source("fuzzed", text))
    except SpecError:
        return "refused"
    once = format_text(text)  # itself compares the contents
    assert format_text(once) == once
    return "accepted"
