"""The drawing model: what is one box, what is folded, which blocks are open."""

from collections.abc import Callable
from pathlib import Path

import pytest

import netspec
from netspec.diagnostics import SpecError
from netspec.draw import levels
from netspec.draw.focus import focus
from netspec.draw.model import Drawing, Item
from netspec.draw.options import Options
from netspec.draw.picture import model, select
from netspec.draw.wires import Wires
from netspec.graph import Elaborated

SPECS = Path(__file__).parents[2] / "specs"
Network = Callable[[str], Elaborated]


def items(drawing: Drawing) -> dict[str, Item]:
    return {item.id: item for item in drawing.walk()}


def drawn(elaborated: Elaborated, **options: object) -> Drawing:
    given = Options.of(options)
    return select(model(elaborated, given), given)


def test_layers_are_stacked(resnet50: Elaborated) -> None:
    found = items(model(resnet50, Options()))
    assert [row.name for row in found["conv1"].rows] == ["conv1", "bn1", "relu"]
    assert [row.name for row in found["layer1.0.downsample.0"].rows] == ["0", "1"]
    assert found["layer1.0.relu3+add"].kind == "join"


def test_equal_neighbours_are_one(resnet50: Elaborated) -> None:
    found = items(model(resnet50, Options()))
    again = found["layer3.1"]
    assert (again.times, again.alike, again.head.name) == (5, False, "1…5")
    assert "layer3.2" not in found
    assert "layer3.2" in items(model(resnet50, Options(unfold=True)))


def test_dense_layers_are_alike(network: Network) -> None:
    block = items(model(network("densenet121"), Options()))["denseblock1"]
    assert (block.times, block.alike, block.head.type) == (6, True, "DenseLayer")
    assert block.head.parameters == 335_040


def test_parameters_add_up(resnet50: Elaborated) -> None:
    def total(item: Item) -> int:
        inside = item.children or ()
        if not inside:
            return item.times * sum(row.parameters for row in item.rows)
        return item.times * sum(map(total, inside))

    drawing = model(resnet50, Options())
    assert sum(map(total, drawing.items)) == drawing.parameters == 25_557_032


def test_every_edge_ends_at_a_leaf(network: Network) -> None:
    for name in (
        "densenet121",
        "googlenet",
        "lstm",
        "transformer",
        "two_inputs",
        "unet",
    ):
        drawing = model(network(name), Options())
        leaves = {item.id for item in drawing.walk() if not item.children}
        assert {e.source for e in drawing.edges} | {
            e.target for e in drawing.edges
        } <= leaves


def test_small_networks_are_drawn_whole_and_large_ones_can_be_read(
    resnet50: Elaborated, network: Network
) -> None:
    whole = drawn(network("two_inputs"))
    assert all(item.kind != "block" or item.children for item in whole.walk())
    boxes = [item for item in drawn(resnet50).walk() if not item.children]
    assert len(boxes) < 60


FAMILIES = (
    "alexnet", "convnext_tiny", "densenet121", "digits_resnet", "efficientnet_b0",
    "googlenet", "inception_v3", "mobilenet_v2", "resnet152", "resnext50_32x4d",
    "squeezenet1_0", "vgg16_bn", "vit_b_16",
)  # fmt: skip


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_is_drawn_in_sixty_boxes(name: str) -> None:
    drawing = drawn(netspec.compile(SPECS / f"{name}.yaml").elaborated)
    assert sum(not i.children and i.kind != "fork" for i in drawing.walk()) <= 60


def test_each_kind_of_block_is_explained_once(resnet50: Elaborated) -> None:
    found = items(drawn(resnet50))
    assert found["layer1.0"].children
    assert found["layer1.1"].children
    assert not found["layer2.0"].children


def test_depth(resnet50: Elaborated) -> None:
    assert not items(drawn(resnet50, depth=0))["layer1"].children
    assert items(drawn(resnet50, depth=1))["layer1"].children
    assert not items(drawn(resnet50, depth=1))["layer1.0"].children


def test_expand_and_collapse(resnet50: Elaborated) -> None:
    found = items(drawn(resnet50, depth=0, expand=("layer2.0",)))
    assert found["layer2"].children
    assert found["layer2.0"].children
    assert not items(drawn(resnet50, collapse=("layer1",)))["layer1"].children


def test_blocks_stand_beside_the_network_that_has_them_closed(
    resnet50: Elaborated,
) -> None:
    drawing = drawn(resnet50, depth=0, beside=("layer1.0", "layer2.1"))
    first, second = drawing.beside
    assert (first.head.name, second.head.name) == ("layer1.0", "layer2.1")
    assert all(item.kind != "block" for item in first.children)
    (layer1,) = [item for item in drawing.items if item.id == "layer1"]
    assert [child.children for child in layer1.children] == [(), ()]
    ends = {(edge.source, edge.target) for edge in drawing.edges}
    assert ("layer1.0", "layer1.1") in ends
    assert ("layer1.0.conv1", "layer1.0.conv2") in ends
    assert ("layer1.0.relu3", "layer1.1") not in ends
    focused = drawn(resnet50, depth=0, beside=("layer1.0",), focus="fc", radius=0)
    assert [item.id for item in (*focused.items, *focused.beside)] == [
        "fc",
        "layer1.0+open",
    ]


def test_edges_lead_to_what_is_seen(resnet50: Elaborated) -> None:
    ends = {(e.source, e.target) for e in drawn(resnet50, depth=0).edges}
    assert ("maxpool", "layer1") in ends
    assert ("layer1", "layer2") in ends


def test_block_is_drawn_alone(resnet50: Elaborated) -> None:
    drawing = drawn(resnet50, block="Bottleneck")
    assert drawing.name.startswith("Bottleneck(width=64, stride=1")
    assert {"conv1", "conv2", "conv3", ">input", ">"} <= items(drawing).keys()


def test_focus_shows_what_is_near(resnet50: Elaborated) -> None:
    found = items(drawn(resnet50, focus="layer2.0", radius=1))
    assert {"layer1", "layer2.0", "layer2.1"} <= found.keys()
    assert not {"conv1", "layer3", "fc"} & found.keys()


def test_focus_of_nothing_near_is_the_place_itself(resnet50: Elaborated) -> None:
    drawing = levels.cut(model(resnet50, Options()), set())
    assert [item.id for item in focus(drawing, "fc", 0).items] == ["fc"]


def test_symbols_are_kept_on_request(resnet50: Elaborated) -> None:
    shapes = {e.shape for e in model(resnet50, Options(show=("symbols",))).edges}
    assert "64×⌈H/2⌉×⌈W/2⌉" in shapes


def test_outputs_of_several_are_named(network: Network) -> None:
    drawing = model(network("lstm"), Options())
    assert {e.name for e in drawing.edges if e.source == "lstm"} == {
        "output", "hidden", "cell",
    }  # fmt: skip


def test_outputs_with_names_of_their_own_say_what_they_are() -> None:
    drawing = model(netspec.compile(SPECS / "siamese.yaml").elaborated, Options())
    words = {i.id: i.head.arguments for i in drawing.items if i.kind == "output"}
    assert words == {"distance>": "output", "left>": "output", "right>": "output"}
    assert drawing.facts.endswith("inputs 1×28×28, 1×28×28")


def test_only_sizes_are_written_as_sizes(network: Network) -> None:
    head = "netspec: 1\nname: x\ninput: [3, 8, 8]\ngraph:\n"
    roll = "  roll: {type: Roll, shifts: [-3, 3], dims: [1, 2]}\n"
    pool = "  pool: {type: MaxPool2d, kernel_size: [1, 3]}\n"
    found = items(model(network(head + roll + pool), Options()))
    assert found["roll"].head.arguments == "shifts [-3, 3], dims [1, 2]"
    assert found["pool"].head.arguments == "1×3"


def test_the_main_line_goes_straight_through(resnet50: Elaborated) -> None:
    drawing = drawn(resnet50)
    wires = Wires(drawing)
    main = {edge.source for edge in drawing.edges if wires.weight(edge) == 500}
    assert {"conv1", "layer1.0.conv2", "layer4.0", "fc"} <= main
    skips = [e for e in drawing.edges if e.source == "layer1.1.>input"]
    assert sorted(wires.weight(edge) for edge in skips) == [1, 500]


@pytest.mark.parametrize(
    ("options", "code", "advice"),
    [
        ({"expand": ("layr1",)}, "NS1001", "did you mean `layer1`?"),
        ({"beside": ("lyer1",)}, "NS1001", "did you mean `layer1`?"),
        ({"focus": "cnv1"}, "NS1001", "did you mean `conv1`?"),
        ({"block": "Botleneck"}, "NS1001", "did you mean `Bottleneck`?"),
        ({"show": ("shape",)}, "NS1002", "did you mean `shapes`?"),
        ({"direction": "UP"}, "NS1002", None),
        ({"heat": "parms"}, "NS1002", "did you mean `params`?"),
    ],
)
def test_wrong_options_are_findings(
    resnet50: Elaborated, options: dict[str, object], code: str, advice: str | None
) -> None:
    with pytest.raises(SpecError) as caught:
        drawn(resnet50, **options)
    (finding,) = caught.value.findings
    assert finding.code == code
    assert finding.advice == advice


def test_rows_tell_where_they_were_written(resnet50: Elaborated) -> None:
    row = items(model(resnet50, Options()))["layer1.0.conv1"].rows[0]
    assert row.place is not None
    assert row.place.file == "netspec:residual"
    assert row.link is not None
    assert row.link.file.endswith("specs/resnet50.yaml")


def test_what_is_too_large_stays_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netspec.draw.build.MOST_ITEMS", 10)
    drawing = model(netspec.compile(SPECS / "resnet50.yaml").elaborated, Options())
    assert not items(drawing)["layer4"].children
    assert sum(1 for _ in drawing.walk()) < 40
