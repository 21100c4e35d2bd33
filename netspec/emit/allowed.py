"""What emitted source may hold, checked on its syntax tree before it is run.

Emission writes names that were checked and text that was escaped; this is the second
lock. It is a list of what is allowed, so whatever is new is refused until it is added.
"""

import ast
import builtins
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

import torch

ROOTS = ("torch", "nn")
TORCH = ("torch", None)  # imported under its own name
IMPORTS = {
    "torch": {"Tensor", "nn"},
    "collections": {"OrderedDict"},
    "collections.abc": {"Sequence"},
    "typing": {"NamedTuple"},
    "fnmatch": {"fnmatchcase"},
}
BUILTINS = frozenset(
    "abs all any bool dict enumerate float hasattr int isinstance len list max min "
    "next print range reversed slice str sum super tuple zip".split()
)
EVERY_BUILTIN = frozenset(dir(builtins))
STATEMENTS = (
    *(ast.Module, ast.ClassDef, ast.FunctionDef, ast.Return, ast.Assign, ast.AnnAssign),
    *(ast.AugAssign, ast.Delete, ast.For, ast.If, ast.With, ast.Expr, ast.Assert),
    *(ast.Import, ast.ImportFrom, ast.Continue, ast.Break, ast.Pass),
)
EXPRESSIONS = (
    *(ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Compare, ast.Call, ast.Dict),
    *(ast.ListComp, ast.DictComp, ast.GeneratorExp, ast.JoinedStr, ast.FormattedValue),
    *(ast.Constant, ast.Attribute, ast.Subscript, ast.Starred, ast.Name, ast.List),
    *(ast.Tuple, ast.Slice),
)
PARTS = (
    *(ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop, ast.keyword),
    *(ast.comprehension, ast.arguments, ast.arg, ast.alias, ast.withitem),
)
OWN = frozenset({"__init__", "__name__", "_reset_parameters"})  # names with a `_` ahead
NAMESPACES = frozenset({"torch.nn", "torch.nn.init", "torch.nn.functional"})
REFUSED = frozenset({"load", "save", "compile", "from_file", "import_ir_module"})


class NotAllowed(Exception):
    """Emitted source with something in it that netspec never writes."""


def check(source: str, modules: Sequence[str] = ()) -> ast.Module:
    """The syntax tree of source that holds only what is allowed. Raises NotAllowed.

    `modules` are the user's own, which the caller allowed.
    """
    tree = ast.parse(source)
    own = {name for node in ast.walk(tree) for name in _bound(node)}
    rooted = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in ROOTS and id(node) not in rooted:
            raise NotAllowed(f"line {node.lineno} of the emitted source hands on torch")
        for reason in _reasons(node, own, modules):
            line = getattr(node, "lineno", 0)
            raise NotAllowed(f"line {line} of the emitted source holds {reason}")
    return tree


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that a node gives a meaning of its own, a builtin's perhaps."""
    match node:
        case ast.Name(ctx=ast.Store()):
            yield node.id
        case ast.arg():
            yield node.arg
        case ast.ClassDef():
            yield node.name


def _reasons(node: ast.AST, own: set[str], modules: Sequence[str]) -> Iterator[str]:
    if not isinstance(node, (*STATEMENTS, *EXPRESSIONS, *PARTS)):
        yield f"a {type(node).__name__}"
    match node:
        case ast.ImportFrom():
            wanted = {alias.name for alias in node.names}
            renamed = any(alias.asname for alias in node.names)
            if (
                renamed
                or node.level
                or not wanted <= IMPORTS.get(node.module or "", set())
            ):
                yield f"an import from {node.module}"
        case ast.Import():
            taken = [(alias.name, alias.asname) for alias in node.names]
            if taken not in [[TORCH], *([(name, None)] for name in modules)]:
                yield "an import"
        case ast.Name():
            yield from _name(node.id, own)
        case ast.Attribute():
            yield from _attribute(node)


def _name(name: str, own: set[str]) -> Iterator[str]:
    is_builtin = name in EVERY_BUILTIN and name not in own
    if is_builtin and name not in BUILTINS | OWN:
        yield f"the builtin `{name}`"
    if name.startswith("__") and name not in OWN:
        yield f"the name `{name}`"


def _attribute(node: ast.Attribute) -> Iterator[str]:
    if node.attr.startswith("_") and node.attr not in OWN:
        yield f"the attribute `{node.attr}`"
    path = ast.unparse(node)
    root, *steps = path.split(".")
    if node.attr in REFUSED:
        yield f"`{node.attr}`"
    if root in ROOTS and all(step.isidentifier() for step in steps):
        yield from _of_torch(path, ["nn", *steps] if root == "nn" else steps)


def _of_torch(path: str, steps: list[str]) -> Iterator[str]:
    """What torch itself says of a dotted name: no module but those of layers."""
    value: Any = torch
    for step in steps:
        value = getattr(value, step, None)
        if value is None:
            yield f"`{path}`"
            return
        if isinstance(value, ModuleType) and value.__name__ not in NAMESPACES:
            yield f"the module `{path}`"
            return
