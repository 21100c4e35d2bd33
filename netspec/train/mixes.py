"""MixUp and CutMix: samples of a batch blended with each other, labels too."""

from typing import Any

from netspec.kinds import PositiveFloat
from netspec.train.sections import TypedRecord


class Mix(TypedRecord):
    """Samples of a batch blended with each other, labels too."""

    alpha: PositiveFloat = 1.0

    def build(self, classes: int) -> Any:
        """The torchvision transform of (images, labels)."""
        from torchvision.transforms import v2

        return getattr(v2, self.type_name)(num_classes=classes, alpha=self.alpha)


class MixUp(Mix):
    """Two images averaged (Zhang et al. 2017)."""

    type_name = "MixUp"


class CutMix(Mix):
    """A rectangle of one image put into another (Yun et al. 2019)."""

    type_name = "CutMix"


MIXES = (MixUp, CutMix)
