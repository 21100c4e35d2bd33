"""What to write where an operator refuses its inputs: changes that were tried and fit.

A change of an argument, of a node that made an input or of the operator itself, is
recommended only if the shapes come out right with it.
"""

from collections.abc import Callable, Iterator, Sequence

from netspec.constraints import Assumptions
from netspec.dimensions import TooComplex
from netspec.elaborate.body import Producer
from netspec.elaborate.changes import (
    Change,
    as_it_is,
    as_written,
    few,
    makes,
    paddings,
    resizes,
    strides,
)
from netspec.graph import Node
from netspec.operators import OPERATORS, Category, Operator, OperatorError
from netspec.tensors import FLOATING, TensorType

Types = tuple[TensorType, ...]
FEATURES = ("out_channels", "out_features", "embedding_dim")
BATCHES = {"1", "N", "B", "n", "b", "batch", "batch_size"}
POINTWISE = {2: "Linear", 3: "Conv1d", 4: "Conv2d", 5: "Conv3d"}  # by rank
AXES = ["1d", "2d", "3d"]


class Remedy:
    """Looks for the change that makes an operator take its inputs."""

    def __init__(
        self,
        operator: Operator,
        types: Types,
        producers: Sequence[Producer],
        assume: Assumptions,
    ) -> None:
        self.operator = operator
        self.types = types
        self.producers = producers
        self.where = assume

    def find(self, error: OperatorError) -> str | None:
        """What to write, where that is known."""
        least, most = self.operator.arity
        joins = self.operator.category is Category.JOIN
        ways: tuple[Callable[[], str | None], ...] = (
            self.batch, self.order, self.dtype, self.flat, self.rank, self.window,
            self.sequence,
        )  # fmt: skip
        if most is not None and len(self.types) > most:
            ways = (self.join,)
        elif joins and len(self.types) >= least:
            ways = (self.produced, self.pointwise, self.resized, self.dim)
        if error.argument not in (None, "kernel_size"):
            ways = (self.batch, self.order)
        return next(filter(None, (way() for way in ways)), None)

    def takes(self, types: Types, operator: Operator | None = None) -> bool:
        """Whether the operator, or another, takes these."""
        return self.given(operator or self.operator, types) is not None

    def given(self, operator: Operator, types: Types) -> Types | None:
        """What an operator makes of these; None if it refuses them."""
        aside = Assumptions()
        aside.where, aside.multiples = self.where.where, self.where.multiples
        try:
            operator.admit(types)
            found = operator.infer(types, aside)
        except (OperatorError, TooComplex):
            return None
        if any(constraint.relation == "==" for constraint in aside.needed):
            return None  # it would fit at some sizes alone
        return (found,) if isinstance(found, TensorType) else found

    def instead(self, position: int, type: TensorType) -> Types:
        """The inputs with another one at a position."""
        return (*self.types[:position], type, *self.types[position + 1 :])

    # Inputs of the network ----------------------------------------------------------

    def batch(self) -> str | None:
        """The batch is written in the input's shape."""
        for i, (type, producer) in enumerate(self.each()):
            shape = type.shape
            if producer.origin() is None and shape and str(shape[0]) in BATCHES:
                without = TensorType.batched(shape[1:], type.dtype)
                if self.takes(self.instead(i, without)):
                    return f"a shape leaves the batch out: write {without}"
        return None

    def order(self) -> str | None:
        """The channels are last in the input's shape."""
        for i, (type, producer) in enumerate(self.each()):
            *places, channels = type.shape or (0,)
            if producer.origin() is None and channels in (1, 3) and len(places) > 1:
                first = TensorType.batched((channels, *places), type.dtype)
                if self.takes(self.instead(i, first)):
                    return f"a shape has the channels first: write {first}"
        return None

    def dtype(self) -> str | None:
        """An input of the network has the dtype that it has if none is given."""
        for i, (type, producer) in enumerate(self.each()):
            if producer.origin() is not None:
                continue
            wanted = "int64" if type.dtype in FLOATING else "float32"
            if self.takes(self.instead(i, type._replace(dtype=wanted))):
                shape = ", ".join(map(str, type.shape))
                written = f"{{shape: [{shape}], dtype: {wanted}}}"
                return f"declare the input as `{written}`"
        return None

    def each(self) -> Iterator[tuple[TensorType, Producer]]:
        """The inputs' types, and where they come from."""
        return zip(self.types, self.producers, strict=False)

    # One input ----------------------------------------------------------------------

    def flat(self) -> str | None:
        """A `Flatten` comes before a layer of images."""
        producer = self.producers[0] if self.producers else None
        node = producer.origin() if producer is not None else None
        if (
            node is None
            or producer is None
            or type(node.operator).__name__ != "Flatten"
        ):
            return None
        before = producer.body.inputs_of(node)
        if None in before or not self.takes(tuple(t for t in before if t is not None)):
            return None
        return f"move the `Flatten` of `{node.name}` below this node"

    def rank(self) -> str | None:
        """The layer for another number of dimensions."""
        name = type(self.operator).__name__
        several = any(isinstance(value, tuple) for _, value in self.operator.items())
        if name[-2:] not in AXES or several:
            return None
        for axes in AXES:
            kind = OPERATORS.get(name[:-2] + axes)
            if kind is not None and kind is not type(self.operator):
                other = self.changed(self.operator, {}, kind)
                if other is not None and self.takes(self.types, other):
                    return f"`{kind.__name__}` takes {self.types[0]}"
        return None

    def window(self) -> str | None:
        """A window is larger than what it slides over."""
        kernel = getattr(self.operator, "kernel_size", None)
        if not isinstance(kernel, int):
            return None
        padding = ({"padding": p} for p in range(1, kernel))
        smaller = ({"kernel_size": k} for k in range(kernel - 1, 0, -1))
        for changes in (padding, smaller):
            for change in few(changes):
                other = self.changed(self.operator, change)
                if other is not None and self.takes(self.types, other):
                    return f"{as_written(change)} makes it fit"
        return None

    def sequence(self) -> str | None:
        """An image is given to a layer of sequences."""
        if len(self.types) != 1 or self.types[0].rank != 4:
            return None
        batch, channels, height, width = self.types[0].sizes
        pixels = self.types[0].with_sizes((batch, height * width, channels))
        if height != width or not self.takes((pixels,)):  # it may be windows
            return None
        return (
            "a `Flatten` with `start_dim: 2` and a `Transpose` with `dim0: 1, dim1: 2` "
            f"before it make a sequence of its pixels, {pixels}"
        )

    def join(self) -> str | None:
        """Several inputs are given to an operator of one."""
        names = ", ".join(str(p.written) for p in self.producers if p.written)
        for key, kind in (("add", "Add"), ("concat", "Concat")):
            joined = self.given(OPERATORS[kind](), self.types)
            if joined is not None and self.takes(joined):
                return f"join them: `from: {{{key}: [{names}]}}`"
        return None

    # Joins --------------------------------------------------------------------------

    def produced(self) -> str | None:
        """Other arguments for a node that made one of two."""
        if len(self.types) != 2:
            return None
        for kind in (as_it_is, paddings, strides, resizes):
            for i, (_, producer) in enumerate(self.each()):
                node, wanted = producer.origin(), self.types[1 - i]
                if node is None or node.operator is None:
                    continue
                features = self.features(node, wanted)
                for change in few(kind(node.operator, wanted)):
                    for each in (change, features | change):
                        if self.fits(i, node, each):
                            return f"{as_written(each)} for `{node.name}` {makes(each)}"
        return None

    def features(self, node: Node, wanted: TensorType) -> Change:
        """The number of features that a node would have to make."""
        assert node.operator is not None
        for name in FEATURES:
            place = 1 if name == "out_channels" else -1
            size = wanted.sizes[place] if wanted.rank > 1 else None
            if name in node.operator.fields and isinstance(size, int):
                given = getattr(node.operator, name)
                fixed = name in node.origin.expressions or given == size
                return {} if fixed else {name: size}
        return {}

    def fits(self, position: int, node: Node, change: Change) -> bool:
        """Whether the inputs fit once a node that made one of them is another."""
        assert node.operator is not None
        producer, other = self.producers[position], self.changed(node.operator, change)
        before = producer.body.inputs_of(node)
        known = tuple(type for type in before if type is not None)
        if other is None or not change or len(known) < len(before):
            return False
        types = self.given(other, known)
        for step in reversed(producer.chain()):
            types = self.given(step, types[:1]) if types is not None else None
        return types is not None and self.takes(self.instead(position, types[0]))

    def changed(
        self, operator: Operator, change: Change, kind: type[Operator] | None = None
    ) -> Operator | None:
        """The operator with other arguments, or of another type with the same."""
        kind = kind or type(operator)
        values = dict(operator.items()) | change
        if not values.keys() <= kind.fields.keys():
            return None
        return kind(**values)

    def pointwise(self) -> str | None:
        """A layer of one place, on the path of the first."""
        name = POINTWISE.get(self.types[0].rank)
        wanted = self.types[-1].sizes[-1 if name == "Linear" else 1 :][:1]
        if name is None or not wanted or not isinstance(wanted[0], int):
            return None
        sizes = {"out_features": wanted[0]}
        if name != "Linear":
            sizes = {"out_channels": wanted[0], "kernel_size": 1}
        made = self.given(OPERATORS[name](**sizes), self.types[:1])
        if made is None or not self.takes(self.instead(0, made[0])):
            return None
        return f"a `{name}` with {as_written(sizes)} {self.first()} makes them fit"

    def resized(self) -> str | None:
        """A resize on the path of the first."""
        size = self.types[-1].sizes[2:]
        if len(size) < 2 or not all(isinstance(each, int) for each in size):
            return None
        made = self.given(OPERATORS["Interpolate"](size=size), self.types[:1])
        if made is None or not self.takes(self.instead(0, made[0])):
            return None
        written = f"[{', '.join(map(str, size))}]"
        return f"an `Interpolate` with `size: {written}` {self.first()} makes them fit"

    def first(self) -> str:
        """Where the first of two paths ends."""
        name = str(self.producers[0].written or self.producers[0].ref)
        return "on the first path" if ":" in name else f"after `{name}`"

    def dim(self) -> str | None:
        """Another dimension to join along."""
        for dim in range(1, self.types[0].rank):
            other = self.changed(self.operator, {"dim": dim})
            if other is not None and self.takes(self.types, other):
                return f"`dim: {dim}` joins them"
        return None
