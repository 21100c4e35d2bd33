"""Images in folders: read by workers, resized, and the unreadable named."""

import gzip
import io
import struct
import tarfile
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
from netspec.train.data.folder import ImageFolder, read_image
from netspec.train.samples import BadSample
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
    colour.write_text(colour.read_text().replace("[3, 8, 8]", "[3, H, 12]"))
    colour.write_text(
        colour.read_text().replace(
            "  flatten", "  mean: {type: Mean, dim: 2}\n  flatten"
        )
    )
    with pytest.raises(DataMismatch, match="images of sizes"):
        run_tiny(recipe, tmp_path / "x", spec=colour)


@pytest.fixture
def shards(images: Path) -> Path:
    """The same images as tar shards, three samples a shard, and the classes' names."""
    root = images.parent / "shards"
    root.mkdir()
    names = [folder.name for folder in sorted((images / "train").iterdir())]
    (root / "classes.txt").write_text("\n".join(names) + "\n")
    for split in ("train", "val"):
        paths = sorted((images / split).glob("*/*.png"))
        for first in range(0, len(paths), 3):
            with tarfile.open(root / f"{split}-{first:03}.tar", "w") as tar:
                for number, path in enumerate(paths[first : first + 3]):
                    tar.add(path, f"{number:04}.png")
                    label = tarfile.TarInfo(f"{number:04}.cls")
                    data = str(names.index(path.parent.name)).encode()
                    label.size = len(data)
                    tar.addfile(label, io.BytesIO(data))
    return root


def shards_recipe(make_recipe: Any, root: Path, **settings: Any) -> Any:
    globs = f"train: {root}/train-*.tar, heldout: {root}/val-*.tar"
    names = f"names: {root}/classes.txt"
    folder = recipe_of(make_recipe, root, **settings)
    source = make_recipe(data=f"{{type: webdataset, {globs}, {names}}}").data
    return type(folder)(**{**dict(folder.items()), "data": source})


def test_shards_train_as_folders_do(
    make_recipe: Any, images: Path, shards: Path, colour: Path, tmp_path: Path
) -> None:
    folder = run_tiny(recipe_of(make_recipe, images), tmp_path / "0", spec=colour)
    recipe = shards_recipe(make_recipe, shards, workers=1)
    whole = run_tiny(recipe, tmp_path / "1", spec=colour)
    assert bits(folder) == bits(whole)
    assert whole.job.classes == ("dark", "light")
    run_tiny(recipe, tmp_path / "2", stop=4, spec=colour)
    assert bits(run_tiny(recipe, tmp_path / "2", spec=colour)) == bits(whole)


def test_a_torn_sample_of_a_shard_is_named(
    make_recipe: Any, shards: Path, colour: Path, tmp_path: Path
) -> None:
    shard = shards / "train-000.tar"
    data = shard.read_bytes()
    shard.write_bytes(data.replace(b"\x89PNG", b"\x89PMG", 1))
    with pytest.raises(TooManyBadSamples, match=r"1 of 24 .*train-000\.tar/0000\.png"):
        run_tiny(shards_recipe(make_recipe, shards), tmp_path / "x", spec=colour)


def break_label(root: Path) -> None:
    shard = root / "train-000.tar"
    with tarfile.open(shard) as tar:
        place = tar.getmember("0001.cls").offset_data
    data = bytearray(shard.read_bytes())
    data[place] = ord("7")
    shard.write_bytes(data)


def cut_shard(root: Path) -> None:
    shard = root / "train-000.tar"
    shard.write_bytes(shard.read_bytes()[:700])


def lose_label(root: Path) -> None:
    shard = root / "train-000.tar"
    shard.write_bytes(shard.read_bytes().replace(b"0002.cls", b"0002.lab"))


def squeeze(root: Path) -> None:
    shard = root / "train-000.tar"
    shard.write_bytes(gzip.compress(shard.read_bytes()))


BROKEN_SHARDS = {
    "says '7', and not 0 to 1": break_label,
    "empty header": cut_shard,
    r"0002 lacks its image or its \.cls": lose_label,
    "uncompressed tar files": squeeze,
    "no samples in the shards": lambda root: [p.unlink() for p in root.glob("t*.tar")],
    "No such file": lambda root: (root / "classes.txt").unlink(),
}


@pytest.mark.parametrize("said", BROKEN_SHARDS)
def test_shards_that_cannot_be_used_are_said(
    said: str, make_recipe: Any, shards: Path
) -> None:
    BROKEN_SHARDS[said](shards)
    with pytest.raises(DataMissing, match=said):
        shards_recipe(make_recipe, shards).data.load()


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
        open_writers(make_recipe(tensorboard="true"), tmp_path, 0)


@pytest.mark.parametrize(
    "error", [struct.error("no integer"), TypeError("str"), KeyError()]
)
def test_whatever_a_decoder_raises_is_a_bad_sample(
    error: Exception, images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Odd EXIF makes Pillow fail in many ways."""

    def fail(_: Any) -> None:
        raise error

    monkeypatch.setattr("PIL.ImageOps.exif_transpose", fail)
    with pytest.raises(BadSample, match=r"light/0\.png: \w+"):
        read_image(str(images / "val/light/0.png"))
