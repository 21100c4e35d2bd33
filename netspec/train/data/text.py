"""Plain text as windows of tokens, each to be continued by one."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from netspec.errors.training import DataMissing
from netspec.kinds import (
    Choice,
    Integer,
    Number,
    PositiveInt,
    optional,
)
from netspec.kinds import (
    Text as TextKind,
)
from netspec.train.samples import DataSource, Splits, TensorSamples

if TYPE_CHECKING:
    from torch import Tensor

SONNETS = Path(__file__).with_name("sonnets.txt")
UNKNOWN = "<unk>"


class Text(DataSource):
    """A UTF-8 file, by default some of Shakespeare's sonnets; its end is held out.

    Tokens are bytes (a vocabulary of 256), characters or words of the training part;
    the `vocabulary` most frequent are kept and the rest are `<unk>`.
    """

    type_name = "text"
    sized_by = "length"
    unit = "samples"
    paths = ("file",)
    file: Annotated[str | None, optional(TextKind())] = None
    tokens: Annotated[str, Choice("byte", "character", "word")] = "byte"
    vocabulary: Annotated[int, Integer(2)] = 10_000
    length: PositiveInt = 64
    heldout: Annotated[float, Number(0.001, 0.9)] = 0.1

    def load(self) -> Splits:
        tokens = self._tokens()
        cut = round(len(tokens) * (1 - self.heldout))
        train, heldout = tokens[:cut], tokens[cut:]
        words = self._vocabulary(train)
        return Splits(
            self._windows(train, words, "training"),
            self._windows(heldout, words, "held-out"),
            tuple(words),
        )

    def params(self, splits: Splits) -> Mapping[str, Any]:
        size = len(splits.classes)
        return {"vocab_size": size, "vocabulary": size, "num_tokens": size}

    def files(self) -> tuple[Path, ...]:
        return (Path(self.file),) if self.file else ()

    def _tokens(self) -> list[str]:
        path = Path(self.file) if self.file else SONNETS
        try:
            data = path.read_bytes()
            text = data.decode()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8"
            advice = "give `data.file` the path of a UTF-8 text"
            raise DataMissing(
                field="data.file", name=str(path), reason=reason, advice=advice
            ) from None
        if self.tokens == "byte":
            return [_byte(value) for value in data]
        if self.tokens == "character":
            return list(text)
        return text.replace("\n", " \n ").split(" ")

    def _vocabulary(self, train: list[str]) -> list[str]:
        if self.tokens == "byte":
            return [_byte(value) for value in range(256)]
        common = Counter(train).most_common(self.vocabulary - 1)
        return [UNKNOWN, *sorted(word for word, _ in common)]

    def _windows(self, tokens: list[str], words: list[str], part: str) -> TensorSamples:
        """Windows [N, length] that follow each other, and the same one token later."""
        import torch

        number = {word: index for index, word in enumerate(words)}
        stream = torch.tensor([number.get(token, 0) for token in tokens])
        count = (len(stream) - 1) // self.length
        if count < 1:
            found = f"{len(stream)} tokens of its {part} part"
            reason = f"the {found} make no window of {self.length}"
            advice = "lower `data.length` or take a longer text"
            name = self.file or SONNETS.name
            raise DataMissing(
                field="data.length", name=name, reason=reason, advice=advice
            )

        def cut(start: int) -> "Tensor":
            part = stream[start : start + count * self.length]
            return part.view(count, self.length)

        return TensorSamples(cut(0), cut(1))


def _byte(value: int) -> str:
    return chr(value) if 32 <= value < 127 else f"<{value:02x}>"
