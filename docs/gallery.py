"""Draws the pictures of the gallery and writes its page: `python docs/gallery.py`.

Pictures are PNGs of few colours, so that the repository stays small.
"""

import io
import re
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import wrap
from typing import Any, NamedTuple

from PIL import Image

import netspec

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
COLORS = 96
DPI = 110


class Picture(NamedTuple):
    """A picture: its file's name, the spec, its title, what to see, the options."""

    name: str
    spec: str
    title: str
    seen: str
    options: Mapping[str, Any] = {}


OWN = "tests/draw/networks"
PICTURES = (
    Picture(
        "resnet50", "specs/resnet50.yaml", "ResNet-50",
        "The first block of each kind is open; those like it are closed, with their "
        "number and their parameters.",
    ),
    Picture(
        "resnet50_beside", "specs/resnet50.yaml", "ResNet-50 on a page",
        "The network closed, the two kinds of its blocks beside it, as papers do.",
        {"beside": ("layer1.0", "layer1.1")},
    ),
    Picture(
        "bottleneck", "specs/resnet50.yaml", "A block's own diagram, in the dark",
        "A block is short enough to be drawn from left to right.",
        {"block": "Bottleneck", "theme": "dark", "direction": "LR"},
    ),
    Picture(
        "googlenet", "specs/googlenet.yaml", "GoogLeNet",
        "Four branches and their concatenation ⧺; outputs that exist in training only.",
    ),
    Picture(
        "inception_v3", "specs/inception_v3.yaml", "Inception-v3",
        "Each kind of module is open once, until there are 60 boxes: the last stays "
        "closed.",
    ),
    Picture(
        "densenet121", "specs/densenet121.yaml", "DenseNet-121",
        "Layers that differ in inferred sizes alone are one, with the sum Σ of their "
        "parameters.",
    ),
    Picture(
        "vit_b_16", "specs/vit_b_16.yaml", "ViT-B/16",
        "Patches become tokens; two residuals in a layer, which stands for twelve.",
    ),
    Picture(
        "convnext_tiny", "specs/convnext_tiny.yaml", "ConvNeXt-T",
        "A parameter, `layer_scale`, comes in from the side and is multiplied ⊗.",
    ),
    Picture(
        "unet", "specs/unet.yaml", "U-Net",
        "Skips go from the way down, past it, to the way up.",
    ),
    Picture(
        "siamese", "specs/siamese.yaml", "Two inputs and shared weights",
        "The encoder is drawn once; its second use is a closed box that names it.",
    ),
    Picture(
        "two_inputs", f"{OWN}/two_inputs.yaml", "Two inputs and a gate",
        "A squeeze-and-excitation gate scales what it was computed from.",
    ),
    Picture(
        "lstm", f"{OWN}/lstm.yaml", "LSTM",
        "A layer with three outputs, each of them named.",
    ),
    Picture(
        "transformer", f"{OWN}/transformer.yaml", "Transformer",
        "The encoder's memory enters each layer of the decoder.",
    ),
    Picture(
        "resnet18_heat", "specs/resnet18.yaml", "ResNet-18 by parameters",
        "Colour is cost: most of the parameters are in `layer4`.",
        {"heat": "params", "depth": 1},
    ),
    Picture(
        "resnet18_print", "specs/resnet18.yaml", "ResNet-18 for black and white print",
        "Every category has a grey of its own.",
        {"theme": "print", "depth": 1},
    ),
)  # fmt: skip


def command(picture: Picture) -> str:
    """The command that draws a picture."""
    words = ["netspec draw", picture.spec]
    for name, value in picture.options.items():
        values = value if isinstance(value, tuple) else (value,)
        words += [f"--{name} {part}" for part in values]
    return " ".join([*words, f"-o {picture.name}.png"])


def small(data: bytes) -> bytes:
    """A PNG with few colours."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    made = io.BytesIO()
    image.quantize(COLORS, dither=Image.Dither.NONE).save(made, "png", optimize=True)
    return made.getvalue()


def readme() -> str:
    """The README's picture, of the spec that it shows; no links, which lead nowhere."""
    text = (ROOT / "README.md").read_text()
    found = re.search(r"^```yaml file=tiny.yaml\n(.*?)^```$", text, re.M | re.S)
    assert found is not None
    with TemporaryDirectory() as folder, chdir(folder):
        Path("tiny.yaml").write_text(found[1])
        network = netspec.compile("tiny.yaml")
    return str(network.draw(beside=("body.0", "body.1"), link=""))


def main() -> None:
    """Draw every picture, then write the page."""
    (IMAGES / "tiny.svg").write_text(readme())
    lines = [
        "# Gallery",
        "",
        "Made by `netspec draw`, as `docs/gallery.py` calls it.",
        "",
    ]
    for picture in PICTURES:
        network = netspec.compile(ROOT / picture.spec)
        data = network.draw("png", dpi=DPI, **picture.options)
        assert isinstance(data, bytes)
        (IMAGES / f"{picture.name}.png").write_bytes(small(data))
        lines += [f"## {picture.title}", "", *wrap(picture.seen, 88), ""]
        lines += ["```console", f"$ {command(picture)}", "```", ""]
        lines += [
            f"![{picture.title}, drawn by netspec](images/{picture.name}.png)",
            "",
        ]
    (ROOT / "docs" / "gallery.md").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
