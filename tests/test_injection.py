"""What a spec says in names, docs and texts stays text, in every file that is made."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from netspec.compiler import compile
from netspec.emit.allowed import NotAllowed, check
from netspec.link import loads
from netspec.source import Scalar
from tests.fuzz.texts import SHIPPED

DOCS = [
    '""" + __import__("os").system("touch HACKED") + """',
    "'''\nimport os\nos.system('touch HACKED')\n'''",
    "\\",
    'ends in a quote"',
    '\\"""\nimport os',
    "{__import__('os')}",
    "# netspec: ignore",
    "tab\tand \u2028 separator",
    "<script>alert(1)</script>",
    "\\N{BULLET} \\x41 \\",
]
SPEC = """\
netspec: 1
name: tiny
doc: {doc}
input: [3, 4, 4]
blocks:
  Unit:
    doc: {doc}
    graph:
      relu: {{type: ReLU, doc: {doc}}}
graph:
  unit: {{type: Unit, doc: {doc}}}
"""


def quoted(text: str) -> str:
    import json

    return json.dumps(text)


@pytest.mark.parametrize("doc", DOCS)
def test_docs_stay_text(doc: str, tmp_path: Path) -> None:
    source = compile(loads(SPEC.format(doc=quoted(doc)))).to_source()
    tree = check(source)
    assert {type(node) for node in tree.body} <= {
        ast.Expr, ast.Import, ast.ImportFrom, ast.ClassDef, ast.If
    }  # fmt: skip
    path = tmp_path / "model.py"
    path.write_text(source)
    subprocess.run([sys.executable, "-S", "-m", "py_compile", path], check=True)
    assert [entry.name for entry in tmp_path.iterdir() if "HACKED" in entry.name] == []


@pytest.mark.parametrize(
    "path", [p for p in SHIPPED if p.stem.startswith(("resnet", "g", "vgg11", "r"))]
)
def test_shipped_specs_emit_what_is_allowed(path: Path) -> None:
    assert check(compile(path).to_source()).body


REFUSED = [
    "import os",
    "import torch as t",
    "from torch import load",
    "from torch import nn as n",
    "from .x import y",
    "x = torch",
    "torch.load('x')",
    "torch.os.system('x')",
    "torch.hub.load('a')",
    "nn.os.system('ls')",
    "nn.Module.__subclasses__()",
    "nn.functional.torch.load(1)",
    "x = eval('1')",
    "open('x')",
    "getattr(1, 'real')",
    "().__class__",
    "x.__dict__",
    "lambda: 1",
    "async def f(): pass",
    "def f():\n    yield 1",
    "def f():\n    global x",
    "try:\n    x = 1\nexcept Exception:\n    x = 2",
    "while True:\n    pass",
    "x = (y := 1)",
]


@pytest.mark.parametrize("source", REFUSED)
def test_what_netspec_never_writes_is_refused(source: str) -> None:
    with pytest.raises(NotAllowed):
        check(source)


def test_expressions_reach_nothing_of_python() -> None:
    from netspec.elaborate.scope import Env
    from netspec.expressions import ExpressionError, evaluate, parse

    env = Env({"width": 8}, {})
    for text in ("$width.real", "$width.__class__", "__import__", "().x", "open('x')"):
        with pytest.raises(ExpressionError):
            evaluate(parse(text), env.lookup)
    assert evaluate(parse("$width * 2"), env.lookup) == 16


def test_yaml_makes_plain_data_alone() -> None:
    from netspec.diagnostics import Source, SpecError
    from netspec.source import parse

    for tag in ("!!python/object/apply:os.system [ls]", "!!binary aGk=", "!x y"):
        with pytest.raises(SpecError, match="NS0104"):
            parse(Source("spec", f"a: {tag}"))
    tree = parse(Source("spec", "2001-01-01"))
    assert isinstance(tree, Scalar)
    assert tree.value == "2001-01-01"
