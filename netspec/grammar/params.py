"""Params and inputs."""

from netspec.declarations import (
    InputDecl,
    ParamDecl,
)
from netspec.diagnostics import Span, suggest
from netspec.errors import grammar as errors
from netspec.grammar.keys import (
    INHERITED,
    INPUT_KEYS,
    NODE_KEYS,
    PARAM_KEYS,
    PARAM_TYPES,
)
from netspec.grammar.reader import Reader, places
from netspec.source import Mapping, Scalar, Sequence, Tree, plain
from netspec.tensors import DTYPES


class ParamReader(Reader):
    """Reads what may be set from outside: params, and the shapes of inputs."""

    def params(self, tree: Tree) -> dict[str, ParamDecl]:
        found = {}
        for name, (key, value) in self.entries(tree, "`params`").items():
            if name in NODE_KEYS:
                reason = "it is a key of every node"
                self.findings.add(errors.BadName, key.span, name=name, reason=reason)
            else:
                self.name(key)
            found[name] = self.param(key, value)
        return found

    def param(self, key: Scalar, value: Tree) -> ParamDecl:
        match value:
            case Mapping() if "type" in value.entries or "default" in value.entries:
                return self.long_param(key, value)
            case Mapping():
                return ParamDecl(key.text, "row", value, key.span)
            case Sequence():
                return ParamDecl(key.text, "list", value, key.span)
            case Scalar(value=bool()):
                return ParamDecl(key.text, "bool", value, key.span)
            case Scalar(value=int()):
                return ParamDecl(key.text, "int", value, key.span)
            case Scalar(value=float()):
                return ParamDecl(key.text, "float", value, key.span)
        what = f"the param `{key.text}`"
        advice = None
        if self.extends and value.text not in PARAM_TYPES:
            return ParamDecl(key.text, INHERITED, value, key.span)
        if isinstance(value.value, str) and not suggest(value.text, PARAM_TYPES):
            typed, said = (
                ("int", "an expression") if "$" in value.text else ("str", "a text")
            )
            default = f"{{type: {typed}, default: {value.text[:30]}}}"
            advice = f"{said} as default is written {default}"
        kind = self.word(value, what, PARAM_TYPES) if not advice else None
        if advice:
            self.wrong(value, what, "a type's name, or a default", advice)
        return ParamDecl(key.text, kind or "int", None, key.span)

    def long_param(self, key: Scalar, value: Mapping) -> ParamDecl:
        what = f"the param `{key.text}`"
        keys = self.entries(value, what, PARAM_KEYS)
        if "type" in keys:
            kind = self.word(
                keys["type"].value, f"the type of `{key.text}`", PARAM_TYPES
            )
        else:
            kind = (
                self.param(key, keys["default"].value).kind
                if "default" in keys
                else None
            )
        choices = (
            self.items(keys["choices"].value, "`choices`") if "choices" in keys else ()
        )
        return ParamDecl(
            key.text,
            kind or "int",
            keys["default"].value if "default" in keys else None,
            key.span,
            tuple(plain(choice) for choice in choices),
            self.text(keys["doc"].value, "`doc`") if "doc" in keys else "",
        )

    def inputs(self, tree: Tree) -> tuple[InputDecl, ...]:
        found = self.entries(tree, "`inputs`")
        if isinstance(tree, Mapping) and not found:
            self.wrong(tree, "`inputs`", "a mapping of at least one input")
        return tuple(self.input_of(key, value) for key, value in found.values())

    def input_of(self, key: Scalar, value: Tree) -> InputDecl:
        self.name(key)
        what = f"the input `{key.text}`"
        if isinstance(value, Sequence):
            return InputDecl(key.text, self.shape(value, what), key.span)
        if isinstance(value, Scalar):
            self.wrong(value, what, "a list without the batch, [3, H, W], or a mapping")
            return InputDecl(key.text, (), key.span)
        keys = self.entries(value, what, INPUT_KEYS)
        if "shape" not in keys:
            self.missing(key.span, what, "shape", "for instance `shape: [3, H, W]`")
        dtype = "float32"
        if "dtype" in keys:
            dtype = (
                self.word(keys["dtype"].value, f"the dtype of `{key.text}`", DTYPES)
                or dtype
            )
        where = keys["where"].value if "where" in keys else None
        example: dict[str, int] = {}
        at: dict[str, Span] = {}
        if "example" in keys:
            example = self.example(keys["example"].value)
            at = places(keys["example"].value)
        return InputDecl(
            key.text,
            self.shape(keys["shape"].value, what) if "shape" in keys else (),
            key.span,
            dtype,
            self.scalar(where, "`where`", "a condition") if where else None,
            example,
            at,
        )

    def shape(self, tree: Tree, what: str) -> tuple[Scalar, ...]:
        found = [
            self.scalar(item, "a size", "a positive integer, a symbol or an expression")
            for item in self.items(
                tree, f"the shape of {what}", "a list without the batch, [3, H, W]"
            )
        ]
        return tuple(item for item in found if item)

    def example(self, tree: Tree) -> dict[str, int]:
        sizes = {}
        for name, entry in self.entries(tree, "`example`").items():
            value = entry.value.value if isinstance(entry.value, Scalar) else None
            if type(value) is int and value > 0:
                sizes[name] = value
            else:
                self.wrong(
                    entry.value, f"the example size of `{name}`", "a positive integer"
                )
        return sizes
