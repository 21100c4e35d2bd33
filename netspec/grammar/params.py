"""Params and inputs."""

import re
from typing import Any

from netspec.declarations import InputDecl, ParamDecl
from netspec.grammar.keys import (
    DTYPES_ELSEWHERE,
    INHERITED,
    INPUT_KEYS,
    NODE_KEYS,
    PARAM_KEYS,
    PARAM_TYPES,
    TRUTH_ELSEWHERE,
)
from netspec.grammar.reader import Need, Reader, given, listed, places, written
from netspec.kinds import PARAM_KINDS, KindError
from netspec.source import Mapping, Scalar, Sequence, Tree, plain
from netspec.spelling import suggest
from netspec.tensors import DTYPES


class ParamReader(Reader):
    """Reads what may be set from outside: params, and the shapes of inputs."""

    def params(self, tree: Tree) -> dict[str, ParamDecl]:
        """The params of a spec or a block."""
        found = {}
        for name, (key, value) in self.entries(tree, "`params`").items():
            found[name] = self.declared(self.named_param, key, value)
        return found

    def named_param(self, key: Scalar, value: Tree) -> ParamDecl:
        """A param under a name that it can have."""
        if key.text in NODE_KEYS:
            self.bad_name(key, "it is a key of every node")
        else:
            self.check_name(key)
        return self.param(key, value)

    def param(self, key: Scalar, value: Tree) -> ParamDecl:
        """A param in its long form, as a default, or as the name of its type."""
        match value:
            case Mapping() if is_long(value) or _misses_type(value):
                return self.long_param(key, value)
            case Scalar(value=None | str()):
                return self.word_param(key, value)
            case _:
                return ParamDecl(key.text, _kind(value), value, key.span)

    def word_param(self, key: Scalar, value: Scalar) -> ParamDecl:
        """`width: int`; a spec that extends another may give a text as default."""
        if self.extends and value.text not in PARAM_TYPES:
            return ParamDecl(key.text, INHERITED, value, key.span)
        kind = value.text
        if kind not in PARAM_TYPES or value.value is None:
            expected = f"a default, or one of {listed(PARAM_TYPES)}"
            advice = None if value.value is None else _default(kind)
            self.wrong(value, f"the param `{key.text}`", expected, advice)
            kind = "int"
        return ParamDecl(key.text, kind, None, key.span)

    def long_param(self, key: Scalar, value: Mapping) -> ParamDecl:
        """`{type: int, default: 3}`; without a type, its default's."""
        keys = self.entries(value, f"the param `{key.text}`", PARAM_KEYS)
        default = keys["default"].value if "default" in keys else None
        what = f"the type of `{key.text}`"
        kind = given(keys, "type", self.word, what, PARAM_TYPES)
        is_short = "type" not in keys and len(keys) == len(value.entries)
        if is_short and default is not None:
            short = self.param(key, default)
            kind = short.kind if short.default is not None else None
        return ParamDecl(
            key.text,
            kind or "int",
            default,
            key.span,
            given(keys, "choices", self.choices, key.text, kind) or (),
            given(keys, "doc", self.doc) or "",
        )

    def choices(self, tree: Tree, name: str, kind: str | None) -> tuple[Any, ...]:
        """The values a param may have, each in the form its own is compared in."""
        items = self.items(tree, "`choices`")
        return tuple(self.choice(item, name, kind) for item in items)

    def choice(self, tree: Tree, name: str, kind: str | None) -> Any:
        """A choice, settled as a value of its kind is."""
        value, settled = _value(tree), PARAM_KINDS.get(kind or "")
        if settled is None:
            return value
        try:
            return settled.accept(value)
        except KindError:
            self.wrong(tree, f"a choice of `{name}`", settled.description)
            return value

    def inputs(self, tree: Tree) -> tuple[InputDecl, ...]:
        """The inputs of a network by name."""
        found = tree.entries if isinstance(tree, Mapping) else {}
        if not found:
            text = written(tree) if isinstance(tree, Sequence) else None
            advice = f"the shape of a single input is `input: {text}`" if text else None
            self.wrong(tree, "`inputs`", "a mapping of at least one input", advice)
        read = self.input_of
        return tuple(self.declared(read, key, value) for key, value in found.values())

    def input_of(self, key: Scalar, value: Tree) -> InputDecl:
        """An input: its shape, or a mapping that says more."""
        self.check_name(key)
        what = f"the input `{key.text}`"
        match value:
            case Mapping():
                return self.long_input(key, value, what)
            case Sequence():
                return InputDecl(key.text, self.shape(value, what), key.span)
        expected = "a list without the batch, [3, H, W], or a mapping"
        self.wrong(value, what, expected, _shape(value))
        return InputDecl(key.text, (), key.span)

    def long_input(self, key: Scalar, value: Mapping, what: str) -> InputDecl:
        """`{shape: [3, H, W], example: {H: 224, W: 224}}`."""
        need = Need("shape", key.span, "for instance `shape: [3, H, W]`")
        keys = self.entries(value, what, INPUT_KEYS, need)
        of = f"the dtype of `{key.text}`"
        dtype = given(keys, "dtype", self.word, of, DTYPES, DTYPES_ELSEWHERE)
        return InputDecl(
            key.text,
            given(keys, "shape", self.shape, what) or (),
            key.span,
            dtype or "float32",
            given(keys, "where", self.scalar, "`where`", "a condition"),
            given(keys, "example", self.example) or {},
            given(keys, "example", places) or {},
        )

    def shape(self, tree: Tree, what: str) -> tuple[Scalar, ...]:
        """The sizes of an input."""
        expected = "a list without the batch, [3, H, W]"
        size = "a positive integer, a symbol or an expression"
        items = self.items(tree, f"the shape of {what}", expected)
        found = [self.scalar(item, "a size", size) for item in items]
        return tuple(item for item in found if item)

    def example(self, tree: Tree) -> dict[str, int]:
        """A size for each symbol."""
        sizes = {}
        for name, (_, value) in self.entries(tree, "`example`").items():
            size = value.value if isinstance(value, Scalar) else None
            if type(size) is int and size > 0:
                sizes[name] = size
            else:
                self.wrong(value, f"the example size of `{name}`", "a positive integer")
        return sizes


def is_long(param: Tree) -> bool:
    """Whether a param is in its long form: a mapping that is not a row."""
    keys = {"type", "default"}
    return isinstance(param, Mapping) and not keys.isdisjoint(param.entries)


def _misses_type(param: Mapping) -> bool:
    """Whether what looks like a row is a long param with its `type` misspelt."""
    return any(
        isinstance(value, Scalar)
        and value.text in PARAM_TYPES
        and suggest(key.text, ("type",))
        for key, value in param.entries.values()
    )


def _shape(tree: Tree) -> str | None:
    """Advice on a shape that is not written as a list."""
    sizes = tree.text.strip("() ") if isinstance(tree, Scalar) else ""
    is_plain = re.fullmatch(r"\$?\w+(,\s*\$?\w+)*,?", sizes)
    if not is_plain or not re.search(r"[\d,]", sizes):
        return None
    return f"write `[{sizes.strip(',')}]`"


def _kind(default: Tree) -> str:
    """The type of a param with this default."""
    match default:
        case Mapping():
            return "row"
        case Sequence():
            return "list"
        case Scalar(value=bool()):
            return "bool"
        case Scalar(value=int()):
            return "int"
        case _:
            return "float"


def _default(text: str) -> str:
    """Advice on a text that stands where only a type's name or a number can."""
    for value, words in TRUTH_ELSEWHERE.items():
        if text.lower() in words:
            return f"did you mean `{value}`?"
    for kind in PARAM_TYPES:
        if text.lower().startswith(kind) or sorted(text) == sorted(kind):
            return f"did you mean `{kind}`?"
    kind, said = ("int", "an expression") if "$" in text else ("str", "a text")
    return f"{said} as default is written `{{type: {kind}, default: {text[:30]}}}`"


def _value(tree: Tree) -> Any:
    """A tree as a value: its lists are tuples."""
    if isinstance(tree, Sequence):
        return tuple(_value(item) for item in tree.items)
    return plain(tree)
