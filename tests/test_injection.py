"""What a spec says in names, docs and texts stays text, in every file that is made."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from netspec.compiler import compile
from netspec.diagnostics import SpecError
from netspec.emit.allowed import NotAllowed, check, check_torch
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
        check_torch(check(source))


OWN = {"mine.Gate": frozenset({"x"}), "torch.ao.nn.Quant": frozenset[str]()}
OWN_REFUSED = [
    "mine.Gate(x=mine.os.system('x'))",
    "mine.Gate(x=mine)",
    "mine.Gate(x=mine.Gate)",
    "mine.Gate(y=1)",
    "mine.Gate(1)",
    "mine.Gate(**{})",
    "mine.Gate(x=1).__class__",
    "mine.os.system('x')",
    "x = mine",
    "import os",
    "def f(self):\n    x = [mine for mine in x]\n    mine.os.system('x')",
    "def f(mine=mine.os.system('x')):\n    mine.os.system('x')",
    "torch.ao.nn.Other()",
    "torch.ao.sys.exit()",
]


@pytest.mark.parametrize("source", OWN_REFUSED)
def test_of_own_modules_only_the_named_class_is_called(source: str) -> None:
    with pytest.raises(NotAllowed):
        check_torch(check(source, OWN), OWN)


@pytest.mark.parametrize(
    "source",
    [
        "import mine\nimport torch.ao.nn",
        "def f(self, width):\n    self.a = mine.Gate(x=width)",
        "torch.ao.nn.Quant()",
        "def forward(self, x):\n    mine = self.mine(x)\n    return mine.mean(1)",
        "self.load(self.save)",
    ],
)
def test_what_is_written_for_own_modules_is_allowed(source: str) -> None:
    check_torch(check(source, OWN), OWN)


HARM = "os.system('touch HACKED')"
ARGUMENTS = [
    f"x=__import__('os').{HARM[3:]} or 1, y",
    f"x=own_layers.{HARM}, y",
    "lambda",
    "self",
    "__class__",
    "__x",
    "a b",
    "é",
    "n" * 300,
]


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments_of_own_types_are_names(name: str) -> None:
    node = f"{{type: python:own_layers.Gate, shape: [8], {quoted(name)}: 1}}"
    spec = f"netspec: 1\nname: x\ninput: [8]\ngraph: {{f: {node}}}\n"
    with pytest.raises(SpecError, match="NS0502"):
        compile(loads(spec))


@pytest.mark.parametrize(
    "path", ["class.import", "a.lambda", "self.B", "nn.B", "i.B", "open.B", "a.b\n.C"]
)
def test_paths_of_own_types_can_be_written(path: str) -> None:
    node = f"{{type: {quoted('python:' + path)}, shape: [8]}}"
    with pytest.raises(SpecError, match="NS0701"):
        compile(loads(f"netspec: 1\nname: x\ninput: [8]\ngraph: {{f: {node}}}\n"))


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
