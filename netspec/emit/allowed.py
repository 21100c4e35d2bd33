"""What emitted source may hold, checked on its syntax tree before it is run.

Emission writes names that were checked and text that was escaped; this is the second
lock. It is a list of what is allowed, so whatever is new is refused until it is added.
"""

import ast
import builtins
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

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
    "next print range reversed round slice str sum super tuple zip".split()
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


Own = Mapping[str, frozenset[str]]  # the user's own classes, each with its arguments
NONE: Own = {}


def check(source: str, own: Own = NONE) -> ast.Module:
    """The syntax tree of source that holds only what is allowed. Raises NotAllowed.

    Of the user's modules it may only call the classes in `own`, with those arguments.
    """
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    mine = {path: given for path, given in own.items() if _root(path) not in ROOTS}
    made = set(_made(nodes, mine))
    modules = {path.rpartition(".")[0] for path in own}
    bound = {name for node in nodes for name in _bound(node)}
    for node in nodes:
        for reason in _reasons(node, bound, modules) if id(node) not in made else ():
            raise _refused(node, f"holds {reason}")
    for name in _handed_on(nodes, set(map(_root, mine)), made):
        raise _refused(name, f"hands on `{name.id}`")
    return tree


def check_torch(tree: ast.Module, own: Own = NONE) -> None:
    """Of torch, only layers and functions, as torch itself says. Raises NotAllowed."""
    for node in ast.walk(tree):
        path = _dotted(node) if isinstance(node, ast.Attribute) else ""
        given = any(f"{name}.".startswith(f"{path}.") for name in own)
        for reason in _of_torch(path) if _root(path) in ROOTS and not given else ():
            raise _refused(node, f"holds {reason}")


def _refused(node: ast.AST, what: str) -> NotAllowed:
    return NotAllowed(f"line {getattr(node, 'lineno', 0)} of the emitted source {what}")


def _root(path: str) -> str:
    return path.partition(".")[0]


def _dotted(node: ast.AST) -> str:
    """`a.b.c` of attributes of a name; empty for those of anything else."""
    steps: list[str] = []
    while isinstance(node, ast.Attribute):
        steps.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(steps)]) if isinstance(node, ast.Name) else ""


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that a node gives a meaning of its own, a builtin's perhaps."""
    match node:
        case ast.Name(ctx=ast.Store()):
            yield node.id
        case ast.arg():
            yield node.arg
        case ast.ClassDef():
            yield node.name


def _made(nodes: list[ast.AST], mine: Own) -> Iterator[int]:
    """The nodes that name a class of the user's where it is called as it should be."""
    for call in nodes if mine else ():
        if isinstance(call, ast.Call) and not call.args:
            given = mine.get(_dotted(call.func))
            if given is not None and {k.arg for k in call.keywords} <= given:
                yield from map(id, ast.walk(call.func))


def _handed_on(
    nodes: list[ast.AST], roots: set[str], made: set[int]
) -> Iterator[ast.Name]:
    """Names of modules where nothing is taken from torch and no class is made."""
    rooted = {id(n.value) for n in nodes if isinstance(n, ast.Attribute)}
    known = made | set(_local(nodes)) if roots else made
    for node in nodes:
        if isinstance(node, ast.Name):
            of_torch = node.id in ROOTS and id(node) not in rooted
            if of_torch or (node.id in roots and id(node) not in known):
                yield node


def _local(nodes: list[ast.AST]) -> Iterator[int]:
    """The names in functions that are variables of theirs."""
    for function in nodes:
        if isinstance(function, ast.FunctionDef):
            inside = [node for part in function.body for node in ast.walk(part)]
            loops = {id(n.target) for n in inside if isinstance(n, ast.comprehension)}
            stored = [n for n in inside if id(n) not in loops] + function.args.args
            bound = {name for node in stored for name in _bound(node)}
            names = [node for node in inside if isinstance(node, ast.Name)]
            yield from (id(name) for name in names if name.id in bound)


def _reasons(node: ast.AST, bound: set[str], modules: set[str]) -> Iterator[str]:
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
            yield from _name(node.id, bound)
        case ast.Attribute():
            yield from _attribute(node)


def _name(name: str, bound: set[str]) -> Iterator[str]:
    is_builtin = name in EVERY_BUILTIN and name not in bound
    if is_builtin and name not in BUILTINS | OWN:
        yield f"the builtin `{name}`"
    if name.startswith("__") and name not in OWN:
        yield f"the name `{name}`"


def _attribute(node: ast.Attribute) -> Iterator[str]:
    if node.attr.startswith("_") and node.attr not in OWN:
        yield f"the attribute `{node.attr}`"
    if node.attr in REFUSED and _root(_dotted(node)) != "self":
        yield f"`{node.attr}`"


def _of_torch(path: str) -> Iterator[str]:
    """What torch itself says of a dotted name: no module but those of layers."""
    import torch

    value: Any = torch
    for step in path.removeprefix("torch.").split("."):
        value = getattr(value, step, None)
        if value is None:
            yield f"`{path}`"
            return
        if isinstance(value, ModuleType) and value.__name__ not in NAMESPACES:
            yield f"the module `{path}`"
            return
