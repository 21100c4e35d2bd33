"""Names that a spec may use are safe as attributes of a module."""

import keyword

import pytest

from netspec import names


@pytest.mark.parametrize("name", ["conv1", "layer_norm", "Conv", "a" * 64])
def test_plain_names_are_allowed(name: str) -> None:
    assert names.refusal(name) is None


WRONG = [
    "",
    "1a",
    "a-b",
    "größe",
    "ﬁ",
    "a b",
    "a" * 65,
    "_",
    "_x",
    "__init__",
    "self",
    "torch",
]


@pytest.mark.parametrize("name", [*WRONG, *keyword.kwlist])
def test_others_are_refused_with_a_reason(name: str) -> None:
    assert names.refusal(name)


def test_a_node_may_be_called_by_a_number() -> None:
    assert names.refusal("0", index=True) is None
    assert names.refusal("01", index=True)
    assert names.refusal("0")


def test_every_attribute_of_a_module_is_refused() -> None:
    torch = pytest.importorskip("torch")
    attributes = set(dir(torch.nn.Module())) | set(torch.nn.Module.__annotations__)
    hidden = {name for name in attributes if names.refusal(name) is None}
    assert hidden == set()


def test_the_list_holds_no_more_than_torch_has() -> None:
    torch = pytest.importorskip("torch")
    attributes = set(dir(torch.nn.Module())) | set(torch.nn.Module.__annotations__)
    assert names.MODULE_ATTRIBUTES - attributes <= {"ipu", "mtia", "xpu"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("resnet50", "Resnet50"), ("residual_cnn", "ResidualCnn"), ("_", "Network")],
)
def test_class_names(name: str, expected: str) -> None:
    assert names.class_name(name) == expected
