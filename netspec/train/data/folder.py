"""Images in folders, a folder a class: your own, or ImageNet as torchvision lays it."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from netspec.errors.training import DataMissing
from netspec.kinds import Str
from netspec.train.samples import BadSample, DataSource, Splits


class ImageFolder(DataSource):
    """`root/train/CLASS/*.jpg` and `root/val/CLASS/*.jpg`."""

    type_name = "folder"
    paths = ("root",)
    root: Str
    train: Str = "train"
    heldout: Str = "val"

    def load(self) -> Splits:
        train, heldout = self._open(self.train), self._open(self.heldout)
        if train.classes != heldout.classes:
            odd = sorted(set(train.classes) ^ set(heldout.classes))
            reason = f"{', '.join(odd[:5])} not in both {self.train} and {self.heldout}"
            raise DataMissing(name=self.root, reason=reason, advice="name both alike")
        return Splits(_Files(train), _Files(heldout), tuple(train.classes))

    def _open(self, split: str) -> Any:
        from torchvision.datasets import ImageFolder as Folder

        path = str(Path(self.root) / split)
        try:
            return Folder(path)
        except OSError as error:
            reason = error.strerror or str(error).splitlines()[0]
            advice = f"{path} must hold a folder of images for each class"
            raise DataMissing(
                field="data.root", name=path, reason=reason, advice=advice
            ) from None


class ImageNet(ImageFolder):
    """ILSVRC 2012 as `root/train/WNID` and `root/val/WNID`."""

    type_name = "ImageNet"
    root: Str = "data/imagenet"


class _Files(NamedTuple):
    """Decodes an image by its number into uint8 [3, H, W]."""

    folder: Any

    def __len__(self) -> int:
        return len(self.folder.samples)

    def __getitem__(self, index: Any) -> Any:
        path, target = self.folder.samples[index]
        return read_image(path), target

    def listing(self) -> Iterator[str]:
        root = str(self.folder.root)
        for path, target in self.folder.samples:
            yield f"{path.removeprefix(root)} {target}"


def read_image(path: str) -> Any:
    """An image file as a uint8 tensor [3, H, W], upright. Raises BadSample."""
    return decode(path, path)


def decode(file: "str | IO[bytes]", name: str) -> Any:
    """An image, called `name` in errors, as `read_image` gives it. Raises BadSample."""
    from PIL import Image, ImageOps
    from torchvision.transforms.v2.functional import pil_to_tensor

    try:
        with Image.open(file) as image:
            return pil_to_tensor(ImageOps.exif_transpose(image).convert("RGB"))
    except Exception as error:  # the bytes are a stranger's: anything may be wrong
        said = (
            getattr(error, "strerror", None)
            or (str(error) or repr(error)).splitlines()[0]
        )
        reason = said.removesuffix(f" {file!r}")
        raise BadSample(f"{name}: {reason}") from None
