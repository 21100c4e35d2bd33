"""Images in folders: read by workers, resized, and the unreadable named."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torchvision.transforms.v2.functional import to_pil_image

from netspec.errors.training import (
    DataMismatch,
    DataMissing,
    NeedsExtra,
    TooManyBadSamples,
)
from netspec.train.data.folder import ImageFolder
from tests.train.conftest import bits, run_tiny

SIZED = "[{type: RandomResizedCrop, size: 8}, RandomHorizontalFlip]"


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Two classes that differ in brightness, in images of many sizes."""
    root = tmp_path / "images"
    generator = torch.Generator().manual_seed(0)
    for split, count in (("train", 12), ("val", 4)):
        for number, name in enumerate(("dark", "light")):
            folder = root / split / name
            folder.mkdir(parents=True)
            for index in range(count):
                size = (3, 10 + index, 12)
                noise = torch.randint(100, size, generator=generator)
                image = (noise + 150 * number).to(torch.uint8)
                to_pil_image(image).save(folder / f"{index}.png")
    return root


def recipe_of(make_recipe: Any, root: Path, **settings: Any) -> Any:
    return make_recipe(
        data=f"{{type: folder, root: {root}}}",
        train_transforms=SIZED,
        eval_transforms="[{type: Resize, size: [8, 8]}]",
        epochs=2,
        **settings,
    )


@pytest.fixture
def colour(tmp_path: Path) -> Path:
    spec = tmp_path / "colour.yaml"
    spec.write_text(
        "netspec: 1\nname: colour\nparams: {num_classes: 10}\ninput: [3, 8, 8]\n"
        "graph:\n  flatten: Flatten\n  fc: {type: Linear, out_features: $num_classes}\n"
    )
    return spec


def test_workers_read_folders_alike(
    make_recipe: Any, images: Path, colour: Path, tmp_path: Path
) -> None:
    alone = run_tiny(recipe_of(make_recipe, images), tmp_path / "0", spec=colour)
    two = recipe_of(make_recipe, images, workers=2)
    helped = run_tiny(two, tmp_path / "2", spec=colour)
    assert bits(alone) == bits(helped)
    assert alone.job.classes == ("dark", "light")
    assert alone.job.main.module.get_parameter("fc.bias").shape == (2,)


def test_a_torn_image_is_named_and_above_one_percent_stops(
    make_recipe: Any, images: Path, colour: Path, tmp_path: Path
) -> None:
    (images / "train/dark/3.png").write_bytes(b"\x89PNG torn")
    recipe = recipe_of(make_recipe, images)
    with pytest.raises(TooManyBadSamples, match=r"1 of 24 .*train/dark/3\.png"):
        run_tiny(recipe, tmp_path / "x", spec=colour)


@pytest.mark.parametrize("workers", [0, 1])
def test_sizes_that_differ_are_said(
    workers: int, make_recipe: Any, images: Path, colour: Path, tmp_path: Path
) -> None:
    recipe = make_recipe(
        data=f"{{type: folder, root: {images}}}",
        train_transforms="[]",
        eval_transforms="[]",
        workers=workers,
    )
    with pytest.raises(DataMismatch, match="images of sizes"):
        run_tiny(recipe, tmp_path / "x", spec=colour)


def test_splits_with_other_classes_are_said(images: Path) -> None:
    (images / "val/light").rename(images / "val/bright")
    with pytest.raises(DataMissing, match="bright, light not in both train and val"):
        ImageFolder(root=str(images)).load()


def test_a_missing_package_is_named(
    make_recipe: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    from netspec.train.writers import open_writers

    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(NeedsExtra, match="pip install tensorboard"):
        open_writers(make_recipe(tensorboard="true"), tmp_path)
