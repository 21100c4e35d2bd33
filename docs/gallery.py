"""Draws the pictures of the gallery and writes its page: `python docs/gallery.py`.

Pictures are PNGs of few colours, so that the repository stays small.
"""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

import netspec

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
COLORS = 48
DPI = 110


class Picture(NamedTuple):
    """A picture: its file's name, the spec, its title, the options."""

    name: str
    spec: str
    title: str
    options: Mapping[str, Any] = {}


OWN = "tests/draw/networks"
PICTURES = (
    Picture("resnet50", "specs/resnet50.yaml", "ResNet-50"),
    Picture(
        "bottleneck", "specs/resnet50.yaml", "A block's own diagram",
        {"block": "Bottleneck"},
    ),
    Picture("googlenet", "specs/googlenet.yaml", "GoogLeNet"),
    Picture("inception_v3", "specs/inception_v3.yaml", "Inception-v3"),
    Picture("densenet121", "specs/densenet121.yaml", "DenseNet-121"),
    Picture("vit_b_16", "specs/vit_b_16.yaml", "ViT-B/16"),
    Picture("convnext_tiny", "specs/convnext_tiny.yaml", "ConvNeXt-T"),
    Picture("unet", "specs/unet.yaml", "U-Net"),
    Picture("siamese", "specs/siamese.yaml", "Two inputs and shared weights"),
    Picture("two_inputs", f"{OWN}/two_inputs.yaml", "Two inputs and a gate"),
    Picture("lstm", f"{OWN}/lstm.yaml", "LSTM"),
    Picture("transformer", f"{OWN}/transformer.yaml", "Transformer"),
    Picture(
        "resnet18_heat", "specs/resnet18.yaml", "ResNet-18 by parameters",
        {"heat": "params", "depth": 2},
    ),
    Picture(
        "resnet18_dark", "specs/resnet18.yaml", "Dark, left to right",
        {"theme": "dark", "direction": "LR", "depth": 1},
    ),
    Picture(
        "resnet18_print", "specs/resnet18.yaml", "For black and white print",
        {"theme": "print", "depth": 1},
    ),
)  # fmt: skip


def command(picture: Picture) -> str:
    """The command that draws a picture."""
    words = ["netspec draw", picture.spec]
    for name, value in picture.options.items():
        words.append(
            f"--{name} {','.join(value) if isinstance(value, tuple) else value}"
        )
    return " ".join([*words, f"-o {picture.name}.png"])


def small(data: bytes) -> bytes:
    """A PNG with few colours."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    made = io.BytesIO()
    image.quantize(COLORS, dither=Image.Dither.NONE).save(made, "png", optimize=True)
    return made.getvalue()


def main() -> None:
    """Draw every picture, then write the page."""
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
        lines += [f"## {picture.title}", ""]
        lines += ["```console", f"$ {command(picture)}", "```", ""]
        lines += [f"![{network.name}](images/{picture.name}.png)", ""]
    (ROOT / "docs" / "gallery.md").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
