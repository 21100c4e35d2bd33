"""Tar shards as WebDataset lays them: `0001.jpg` beside `0001.cls`, in local files.

Python's own tarfile finds where each member lies, once; samples are then read in any
order. The webdataset package streams instead, so that a run could not go on at the very
sample where it was stopped; its shard names may also be shell commands.
"""

import tarfile
from collections.abc import Iterator
from glob import glob
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from netspec.errors.training import DataMissing
from netspec.kinds import Str
from netspec.train.data.folder import decode
from netspec.train.samples import BadSample, DataSource, Splits

IMAGES = ("jpg", "jpeg", "png", "webp", "ppm")
LABEL = "cls"


class WebDataset(DataSource):
    """Shards by a glob, `shards/train-*.tar`, of images and their classes' numbers.

    `names` is a file of the classes' names, a line each.
    """

    type_name = "webdataset"
    paths = ("train", "heldout", "names")
    train: Str
    heldout: Str
    names: Str

    def load(self) -> Splits:
        try:
            names = tuple(Path(self.names).read_text("utf-8").split("\n"))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8"
            advice = "a file of the classes' names is expected, a line each"
            raise DataMissing(
                field="data.names", name=self.names, reason=reason, advice=advice
            ) from None
        classes = tuple(name.strip() for name in names if name.strip())
        train = _open("data.train", self.train, classes)
        heldout = _open("data.heldout", self.heldout, classes)
        return Splits(train, heldout, classes)


class _Member(NamedTuple):
    """Where an image lies."""

    shard: str
    name: str
    offset: int
    size: int
    target: int


class _Members(NamedTuple):
    """Decodes an image by its number into uint8 [3, H, W]."""

    members: list[_Member]

    def __len__(self) -> int:
        return len(self.members)

    def __getitem__(self, index: Any) -> Any:
        member = self.members[index]
        name = f"{member.shard}/{member.name}"
        try:
            with open(member.shard, "rb") as shard:
                shard.seek(member.offset)
                data = shard.read(member.size)
        except OSError as error:
            raise BadSample(f"{name}: {error.strerror}") from None
        return decode(BytesIO(data), name), member.target

    def listing(self) -> Iterator[str]:
        for member in self.members:
            shard = Path(member.shard).name
            yield f"{shard}/{member.name} {member.size} {member.target}"


def _open(field: str, pattern: str, classes: tuple[str, ...]) -> _Members:
    """The samples of all shards that a field's glob matches. Raises DataMissing."""
    found: list[_Member] = []
    for shard in sorted(glob(pattern)):
        try:
            found += _index(shard, classes)
        except (OSError, tarfile.TarError, ValueError) as error:
            advice = "uncompressed tar files of images and their .cls are expected"
            raise DataMissing(
                field=field, name=shard, reason=error, advice=advice
            ) from None
    if not found:
        reason = "no samples in the shards that match"
        advice = "a glob is expected: shards/train-*.tar"
        raise DataMissing(field=field, name=pattern, reason=reason, advice=advice)
    return _Members(found)


def _index(shard: str, classes: tuple[str, ...]) -> Iterator[_Member]:
    """The samples of one shard in its order. Raises ValueError for a bad class."""
    images: dict[str, tarfile.TarInfo] = {}
    targets: dict[str, int] = {}
    with tarfile.open(shard, "r:") as tar:
        for member in tar:
            folder, slash, name = member.name.rpartition("/")
            key, _, kind = name.partition(".")
            key = folder + slash + key
            if member.isreg() and kind.lower() in IMAGES:
                images[key] = member
            elif member.isreg() and kind == LABEL:
                targets[key] = _target(tar, member, classes)
    if odd := sorted(images.keys() ^ targets.keys()):
        raise ValueError(f"{odd[0]} lacks its image or its .{LABEL}")
    for key, member in images.items():
        yield _Member(shard, member.name, member.offset_data, member.size, targets[key])


def _target(
    tar: tarfile.TarFile, member: tarfile.TarInfo, classes: tuple[str, ...]
) -> int:
    file = tar.extractfile(member)
    text = file.read(20).decode("ascii", "replace").strip() if file else ""
    if not text.isdecimal() or int(text) >= len(classes):
        last = len(classes) - 1
        raise ValueError(f"{member.name} says {text!r}, and not 0 to {last}")
    return int(text)
