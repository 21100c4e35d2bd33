"""Image sets of the Hugging Face hub, through its `datasets` package."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from netspec.errors.training import DataMissing, NeedsExtra
from netspec.kinds import Str
from netspec.train.samples import BadSample, DataSource, Splits


class HuggingFace(DataSource):
    """A hub set with an image and a class-label column."""

    type_name = "huggingface"
    name: Str
    image: Str = "image"
    label: Str = "label"
    train: Str = "train"
    heldout: Str = "test"

    def load(self) -> Splits:
        try:
            from datasets import load_dataset
        except ImportError:
            what = "the data source huggingface"
            raise NeedsExtra(field="data.type", what=what, package="datasets") from None
        try:
            train = load_dataset(self.name, split=self.train)
            heldout = load_dataset(self.name, split=self.heldout)
            classes = tuple(train.features[self.label].names)
        except (OSError, ValueError, KeyError, AttributeError) as error:
            reason = str(error).splitlines()[0]
            advice = "look up its splits and columns on the hub"
            raise DataMissing(
                field="data.name", name=self.name, reason=reason, advice=advice
            ) from None
        rows = [_Rows(part, self.image, self.label) for part in (train, heldout)]
        return Splits(rows[0], rows[1], classes)


class _Rows(NamedTuple):
    table: Any
    image: str
    label: str

    def __len__(self) -> int:
        return len(self.table)

    def __getitem__(self, index: Any) -> Any:
        from torchvision.transforms.v2.functional import pil_to_tensor

        try:
            row = self.table[index]
            return pil_to_tensor(row[self.image].convert("RGB")), row[self.label]
        except Exception as error:  # the bytes are a stranger's
            reason = str(error) or repr(error)
            raise BadSample(f"row {index}: {reason}") from None

    def listing(self) -> Iterator[str]:
        yield from map(str, self.table[self.label])
