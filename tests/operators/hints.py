"""Inputs and arguments that fit, for operators whose inputs depend on one another.

A hint draws some of the arguments and the inputs' types; the rest comes from the kinds.
"""

from collections.abc import Callable
from math import prod
from typing import Any

from hypothesis import strategies as st

from netspec.operators import Operator
from netspec.tensors import TensorType
from tests.operators.strategies import Draw, channel, side, tensor

Hinted = tuple[dict[str, Any], tuple[TensorType, ...]]
batched = TensorType.batched
small = st.integers(1, 4)


def _sequence(draw: Draw) -> TensorType:
    return batched((draw(small), draw(st.sampled_from([2, 4, 6, 8]))))


def _recurrent(draw: Draw, kind: type[Operator]) -> Hinted:
    hidden, layers = draw(st.integers(2, 5)), draw(st.integers(1, 2))
    both = draw(st.booleans())
    sizes = {"hidden_size": hidden, "num_layers": layers, "bidirectional": both}
    projected = hidden
    if "proj_size" in kind.fields:
        sizes["proj_size"] = draw(st.sampled_from([0, 0, 1, hidden]))
        projected = sizes["proj_size"] or hidden
    rows = layers * (2 if both else 1)
    states = (batched((rows, projected)), batched((rows, hidden)))
    count = draw(st.sampled_from([0, 0, len(kind.outputs) - 1]))
    return sizes, (_sequence(draw), *states[:count])


def _heads(draw: Draw) -> dict[str, Any]:
    return {"num_heads": draw(st.sampled_from([1, 2, 2, 3]))}


def _attention(draw: Draw, kind: type[Operator]) -> Hinted:
    query = _sequence(draw)
    keys = draw(st.sampled_from([query.sizes[1], draw(small)]))
    key = batched((keys, draw(st.sampled_from([query.sizes[-1], 2, 3]))))
    value = batched((keys, draw(st.sampled_from([query.sizes[-1], 2, 3]))))
    mask = batched((keys,), "bool")
    count = draw(st.integers(1, 4))
    return _heads(draw), (query, key, value, mask)[:count]


def _transformer(draw: Draw, kind: type[Operator]) -> Hinted:
    target = _sequence(draw)
    memory = batched((draw(small), target.sizes[-1]))
    arguments = {"nhead": draw(st.sampled_from([1, 2, 3])), "dim_feedforward": 5}
    return arguments, (target, memory)[: kind.arity[1]]


def _dot_product(draw: Draw, kind: type[Operator]) -> Hinted:
    front = tuple(draw(small) for _ in range(draw(st.integers(0, 1))))
    queries, keys, size = draw(small), draw(small), draw(small)
    types = (
        batched((*front, queries, size)),
        batched((*front, keys, size)),
        batched((*front, keys, draw(small))),
        TensorType((queries, keys), "bool"),
    )
    return {}, types[: draw(st.integers(3, 4))]


def _embedding(draw: Draw, kind: type[Operator]) -> Hinted:
    rank = draw(st.integers(1, 3)) if kind.__name__ == "Embedding" else 2
    return {}, (tensor(draw, rank, draw(st.sampled_from(["int64", "int32"]))),)


def _bag(draw: Draw, kind: type[Operator]) -> Hinted:
    arguments, (bag,) = _embedding(draw, kind)
    if draw(st.booleans()):
        return {"mode": "sum"}, (bag, TensorType(bag.sizes))
    return arguments, (bag,)


def _unpool(draw: Draw, kind: type[Operator]) -> Hinted:
    values = tensor(draw, kind.spatial + 2)  # type: ignore[attr-defined]
    return {}, (values, TensorType(values.sizes, "int64"))


def _fold(draw: Draw, kind: type[Operator]) -> Hinted:
    target = (draw(side), draw(side))
    kernel = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    places = [max(n - k + 1, 1) for n, k in zip(target, kernel, strict=True)]
    columns = batched((draw(channel) * prod(kernel), prod(places)))
    fixed = {"dilation": 1, "padding": 0, "stride": 1}
    return {"output_size": target, "kernel_size": kernel, **fixed}, (columns,)


def _reshape(draw: Draw, kind: type[Operator]) -> Hinted:
    given = tensor(draw, draw(st.integers(2, 4)))
    shape = draw(st.permutations(given.shape))
    if draw(st.booleans()):
        shape = [prod(shape[:2]), *shape[2:]]
    if draw(st.booleans()):
        shape[draw(st.integers(0, len(shape) - 1))] = -1
    return {"shape": tuple(shape)}, (given,)


def _unflatten(draw: Draw, kind: type[Operator]) -> Hinted:
    parts = [draw(small), draw(small)]
    given = batched((draw(channel), prod(parts)))
    if draw(st.booleans()):
        parts[draw(st.integers(0, 1))] = -1
    return {"dim": draw(st.sampled_from([-1, 2])), "unflattened_size": tuple(parts)}, (
        given,
    )


def _permute(draw: Draw, kind: type[Operator]) -> Hinted:
    given = tensor(draw, draw(st.integers(2, 5)))
    order = draw(st.permutations(range(1, given.rank)))
    return {"dims": (0, *order)}, (given,)


def _squeeze(draw: Draw, kind: type[Operator]) -> Hinted:
    return {"dim": draw(st.sampled_from([1, (1,), -2]))}, (batched((1, draw(side))),)


def _expand(draw: Draw, kind: type[Operator]) -> Hinted:
    given = tensor(draw, draw(st.integers(2, 4)))
    wide = [draw(st.sampled_from([size, -1])) for size in given.shape]
    i = draw(st.integers(0, len(wide) - 1))
    sizes = list(given.sizes)
    sizes[i + 1], wide[i] = 1, draw(small)
    return {"shape": tuple(wide)}, (given.with_sizes(sizes),)


def _split(draw: Draw, kind: type[Operator]) -> Hinted:
    parts = tuple(draw(st.lists(small, min_size=1, max_size=3)))
    return {"split_size_or_sections": parts, "dim": 1}, (
        batched((sum(parts), draw(side))),
    )


def _chunk(draw: Draw, kind: type[Operator]) -> Hinted:
    given = tensor(draw, draw(st.integers(2, 4)))
    return {"chunks": draw(st.integers(1, 4)), "dim": 1}, (given,)


def _roll(draw: Draw, kind: type[Operator]) -> Hinted:
    given = tensor(draw, draw(st.integers(3, 5)))
    count = draw(st.integers(1, 2))
    dims = draw(st.sampled_from([(1, 2), (-1, 1), (2, -2)]))[:count]
    shifts = tuple(draw(st.integers(-3, 3)) for _ in dims)
    return {"shifts": shifts, "dims": dims}, (given,)


def _index(draw: Draw, kind: type[Operator]) -> Hinted:
    given = tensor(draw, draw(st.integers(2, 4)))
    dtype = draw(st.sampled_from(["int64", "int32"]))
    return {}, (given, TensorType((draw(small),), dtype))


def _einsum(draw: Draw, kind: type[Operator]) -> Hinted:
    equation = draw(
        st.sampled_from(
            [
                "bij,bjk->bik",
                "bij,kj->bik",
                "bi,bi->b",
                "bi,bj->bij",
                "bij->bji",
                "bij->b",
                "bii->bi",
                "bij,bjk->ik",
                "bij,bkj->ikb",
                "nhqd, nhkd -> nhqk",
            ]
        )
    )
    terms = equation.replace(" ", "").partition("->")[0].split(",")
    sizes = {letter: draw(small) for letter in sorted(set("".join(terms)))}
    types = []
    for term in terms:
        shape = [sizes[letter] for letter in term]
        leads = term[0] in "bn"
        types.append(batched(shape[1:]) if leads else TensorType(tuple(shape)))
    return {"equation": equation}, tuple(types)


def _matmul(draw: Draw, kind: type[Operator]) -> Hinted:
    rows, inner, columns = draw(small), draw(small), draw(small)
    front = tuple(draw(small) for _ in range(draw(st.integers(0, 1))))
    second = draw(
        st.sampled_from(
            [
                batched((*front, inner, columns)),
                TensorType((inner, columns)),
                TensorType((inner,)),
            ]
        )
    )
    return {}, (batched((*front, rows, inner)), second)


def _affine(draw: Draw, kind: type[Operator]) -> Hinted:
    given = tensor(draw, draw(st.integers(2, 5)))
    count = given.sizes[1]
    return {"scale": (0.5,) * count, "shift": (0.1,) * count}, (given,)


def _layer_norm(draw: Draw, kind: type[Operator]) -> Hinted:
    given = tensor(draw, draw(st.integers(2, 5)))
    shape = given.shape[-draw(st.integers(1, 3)) :]
    return {"normalized_shape": draw(st.sampled_from([None, shape]))}, (given,)


def _pad(draw: Draw, kind: type[Operator]) -> Hinted:
    given = tensor(draw, draw(st.integers(3, 5)))
    count = draw(st.integers(1, given.rank - 1))
    ends = tuple(draw(st.integers(-1, 3)) for _ in range(2 * count))
    return {"pad": ends}, (given,)


def _resize(draw: Draw, kind: type[Operator]) -> Hinted:
    given = tensor(draw, draw(st.sampled_from([3, 4, 4, 5])))
    if draw(st.booleans()):
        return {"scale_factor": None, "size": draw(small)}, (given,)
    factor = draw(st.sampled_from([0.5, 1.5, 2.0, 0.1, 0.3, 2.7]))
    return {"scale_factor": factor, "size": None}, (given,)


def _shuffle(draw: Draw, kind: type[Operator]) -> Hinted:
    by = draw(st.integers(1, 3))
    depth, height, width = draw(channel) * by * by, draw(small) * by, draw(small) * by
    return {next(iter(kind.fields)): by}, (batched((depth, height, width)),)


def _bilinear(draw: Draw, kind: type[Operator]) -> Hinted:
    front = tuple(draw(small) for _ in range(draw(st.integers(0, 2))))
    return {}, (batched((*front, draw(channel))), batched((*front, draw(channel))))


def _grouped(draw: Draw, kind: type[Operator]) -> Hinted:
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    given = list(tensor(draw, kind.spatial + 2).sizes)  # type: ignore[attr-defined]
    given[1] = groups * draw(small)
    wide = {"out_channels": groups * draw(small), "groups": groups}
    return wide, (TensorType(tuple(given)),)


def _prelu(draw: Draw, kind: type[Operator]) -> Hinted:
    given = tensor(draw, draw(st.integers(2, 4)))
    return {"num_parameters": draw(st.sampled_from([1, given.sizes[1]]))}, (given,)


def _fractional(draw: Draw, kind: type[Operator]) -> Hinted:
    kernel = draw(st.integers(1, 3))
    rank = kind.spatial + 2  # type: ignore[attr-defined]
    given = batched(
        (draw(channel), *(draw(st.integers(4, 9)) for _ in range(rank - 2)))
    )
    if draw(st.booleans()):
        size = {"output_size": draw(st.integers(1, 4)), "output_ratio": None}
    else:
        size = {"output_size": None, "output_ratio": draw(st.sampled_from([0.5, 0.3]))}
    return {"kernel_size": kernel, **size}, (given,)


def _unfold(draw: Draw, kind: type[Operator]) -> Hinted:
    return {"kernel_size": draw(small)}, (batched((draw(channel), 12, 10)),)


HINTS: dict[str, Callable[[Draw, type[Operator]], Hinted]] = {
    "Recurrent": _recurrent,
    "MultiheadAttention": _attention,
    "TransformerLayer": _transformer,
    "ScaledDotProductAttention": _dot_product,
    "Embedding": _embedding,
    "EmbeddingBag": _bag,
    "MaxUnpool": _unpool,
    "Fold": _fold,
    "Unfold": _unfold,
    "FractionalMaxPool": _fractional,
    "Reshape": _reshape,
    "Unflatten": _unflatten,
    "Permute": _permute,
    "Squeeze": _squeeze,
    "Expand": _expand,
    "Split": _split,
    "Chunk": _chunk,
    "Roll": _roll,
    "IndexSelect": _index,
    "Einsum": _einsum,
    "MatMul": _matmul,
    "ChannelAffine": _affine,
    "Trailing": _layer_norm,
    "Pad": _pad,
    "Resizing": _resize,
    "PixelShuffle": _shuffle,
    "PixelUnshuffle": _shuffle,
    "Bilinear": _bilinear,
    "Weighted": _grouped,
    "PReLU": _prelu,
}
