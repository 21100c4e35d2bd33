"""Image transforms a recipe may list: torchvision's names and argument names.

Those with a batch form run on the device for the whole batch at once; the others, and
what stands before them, run a sample at a time in the workers (transforms.v2).
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from netspec.kinds import (
    Bool,
    Choice,
    Integer,
    Integers,
    ListOf,
    NonNegativeFloat,
    NonNegativeInt,
    Number,
    OneOf,
    PositiveInt,
    Probability,
)
from netspec.train.ranges import Areas, Range
from netspec.train.sections import TypedRecord

if TYPE_CHECKING:
    from torch import Tensor

    Draw = Callable[[int], Tensor]  # k -> uniform numbers [B, k], a row a sample

Numbers = Annotated[tuple[float, ...], ListOf(Number(), least=1)]
Shares = Annotated[tuple[float, ...], ListOf(Number(0, 1), exactly=2)]
Size = Annotated[int | tuple[int, ...], Integers(2, 1)]
# One number is the shorter side's here, and two equal ones are not the same as one.
Sides = Annotated[
    int | tuple[int, ...], OneOf(Integer(1), ListOf(Integer(1), exactly=2))
]
Interpolation = Annotated[str, Choice("nearest", "bilinear", "bicubic")]


class Transform(TypedRecord):
    """One step from an image as it is stored to one the network takes."""

    draws: ClassVar[int] = 0  # uniform numbers the batch form needs for a sample
    batched: ClassVar[bool] = False  # has a batch form
    late: ClassVar[bool] = False  # has only a batch form, on float images

    def sample(self) -> Any:
        """The torchvision transform for one uint8 image [C, H, W]."""
        from torchvision.transforms import v2

        return getattr(v2, self.type_name)(**self.arguments())

    def arguments(self) -> dict[str, Any]:
        """The torchvision transform's arguments."""
        return {name: _listed(value) for name, value in self.items()}

    def batch(self, images: "Tensor", uniform: "Tensor") -> "Tensor":
        """The same for float images [B, C, H, W]; `uniform` is [B, draws] in [0, 1)."""
        raise NotImplementedError(f"{type(self).__name__} has no batch form")


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _with_interpolation(arguments: dict[str, Any]) -> dict[str, Any]:
    from torchvision.transforms import InterpolationMode

    name = arguments.pop("interpolation")
    return {**arguments, "interpolation": InterpolationMode(name)}


class RandomCrop(Transform):
    """A crop of `size` at a random place, after padding with zeros."""

    type_name = "RandomCrop"
    batched = True
    draws = 2
    size: Size
    padding: NonNegativeInt = 0

    def batch(self, images: "Tensor", uniform: "Tensor") -> "Tensor":
        import torch
        from torch.nn.functional import pad

        height, width = _pair(self.size)
        images = pad(images, [self.padding] * 4)
        if images.shape[2] < height or images.shape[3] < width:
            raise ValueError(f"a part of {height} x {width} is larger than the image")
        rows = _offsets(uniform[:, 0], images.shape[2] - height, height)
        columns = _offsets(uniform[:, 1], images.shape[3] - width, width)
        sample = torch.arange(len(images), device=images.device)
        return images[
            sample[:, None, None], :, rows[:, :, None], columns[:, None]
        ].permute(0, 3, 1, 2)


def _pair(size: Any) -> tuple[int, int]:
    return size if isinstance(size, tuple) else (size, size)


def _offsets(uniform: "Tensor", room: int, size: int) -> "Tensor":
    """The indices [B, size] that start anywhere in the room."""
    import torch

    starts = (uniform * (room + 1)).long()
    return starts[:, None] + torch.arange(size, device=uniform.device)


class RandomHorizontalFlip(Transform):
    """Left and right exchanged with probability `p`."""

    type_name = "RandomHorizontalFlip"
    batched = True
    draws = 1
    p: Probability = 0.5

    def batch(self, images: "Tensor", uniform: "Tensor") -> "Tensor":
        turned = (uniform[:, 0] < self.p)[:, None, None, None]
        return images.flip(3).where(turned, images)


class RandomAffine(Transform):
    """A turn, shift and scaling, zeros coming in at the border, bilinear."""

    type_name = "RandomAffine"
    batched = True
    draws = 4
    degrees: NonNegativeFloat = 0.0
    translate: Shares = (0.0, 0.0)
    scale: Range = (1.0, 1.0)

    def arguments(self) -> dict[str, Any]:
        from torchvision.transforms import InterpolationMode

        found = super().arguments()
        return {**found, "interpolation": InterpolationMode.BILINEAR}

    def batch(self, images: "Tensor", uniform: "Tensor") -> "Tensor":
        import torch
        from torch.nn.functional import affine_grid, grid_sample

        signed = uniform * 2 - 1
        angle = signed[:, 0] * self.degrees * (torch.pi / 180)
        low, high = self.scale
        scale = low + uniform[:, 3] * (high - low)
        cos, sin = angle.cos() / scale, angle.sin() / scale
        right, down = (signed[:, i + 1] * 2 * self.translate[i] for i in range(2))
        # The grid goes from -1 to 1 on either side; the turn is one of pixels.
        tall = images.shape[2] / images.shape[3]
        across, along = sin * tall, sin / tall
        first = torch.stack([cos, across, -(cos * right + across * down)], dim=1)
        second = torch.stack([-along, cos, along * right - cos * down], dim=1)
        grid = affine_grid(
            torch.stack([first, second], dim=1), list(images.shape), align_corners=False
        )
        return grid_sample(images, grid.to(images.dtype), align_corners=False)


class RandomErasing(Transform):
    """A rectangle set to zero, after normalising (Zhong et al. 2017)."""

    type_name = "RandomErasing"
    batched = late = True
    draws = 5
    p: Probability = 0.5
    scale: Areas = (0.02, 0.33)
    ratio: Range = (0.3, 3.3)

    def batch(self, images: "Tensor", uniform: "Tensor") -> "Tensor":
        import math

        import torch

        height, width = images.shape[2:]
        low, high = self.scale
        area = (low + uniform[:, 1] * (high - low)) * height * width
        low, high = (math.log(r) for r in self.ratio)
        ratio = (low + uniform[:, 2] * (high - low)).exp()
        tall = (area * ratio).sqrt().round().clamp(1, height)
        wide = (area / ratio).sqrt().round().clamp(1, width)
        top = (uniform[:, 3] * (height - tall + 1)).floor()
        left = (uniform[:, 4] * (width - wide + 1)).floor()
        y = torch.arange(height, device=images.device)
        x = torch.arange(width, device=images.device)
        rows = (y >= top[:, None]) & (y < (top + tall)[:, None])
        columns = (x >= left[:, None]) & (x < (left + wide)[:, None])
        hit = (uniform[:, 0] < self.p)[:, None, None, None]
        return images.masked_fill(
            hit & (rows[:, None, :, None] & columns[:, None, None]), 0
        )


class Normalize(Transform):
    """The mean taken off and the rest divided by std, a number a channel."""

    type_name = "Normalize"
    batched = late = True
    mean: Numbers
    std: Annotated[tuple[float, ...], ListOf(Number(above=0), least=1)]

    def batch(self, images: "Tensor", uniform: "Tensor") -> "Tensor":
        channels = images.shape[1]
        for name, given in (("mean", self.mean), ("std", self.std)):
            if len(given) not in (1, channels):
                found = f"{channels} channel{'s' * (channels > 1)}"
                raise ValueError(f"`{name}` has {len(given)} numbers for {found}")
        mean = images.new_tensor(self.mean)[:, None, None]
        return (images - mean) / images.new_tensor(self.std)[:, None, None]


class RandomResizedCrop(Transform):
    """A random part of the image, resized to `size`."""

    type_name = "RandomResizedCrop"
    size: Size
    scale: Range = (0.08, 1.0)
    ratio: Range = (3 / 4, 4 / 3)
    interpolation: Interpolation = "bilinear"
    antialias: Bool = True

    def arguments(self) -> dict[str, Any]:
        return _with_interpolation(super().arguments())


class Resize(Transform):
    """The shorter side (or both) brought to `size`."""

    type_name = "Resize"
    size: Sides
    interpolation: Interpolation = "bilinear"
    antialias: Bool = True

    def arguments(self) -> dict[str, Any]:
        return _with_interpolation(super().arguments())


class CenterCrop(Transform):
    """The middle of the image."""

    type_name = "CenterCrop"
    size: Size


class ColorJitter(Transform):
    """Brightness, contrast, saturation and hue changed at random."""

    type_name = "ColorJitter"
    brightness: NonNegativeFloat = 0.0
    contrast: NonNegativeFloat = 0.0
    saturation: NonNegativeFloat = 0.0
    hue: Annotated[float, Number(0, 0.5)] = 0.0


class _Policy(Transform):
    """Random operations; torchvision's own default would be `nearest`."""

    interpolation: Interpolation = "bilinear"

    def arguments(self) -> dict[str, Any]:
        return _with_interpolation(super().arguments())


class RandAugment(_Policy):
    """`num_ops` random operations of one strength (Cubuk et al. 2019)."""

    type_name = "RandAugment"
    num_ops: PositiveInt = 2
    magnitude: Annotated[int, Integer(0, 30)] = 9


class TrivialAugmentWide(_Policy):
    """One random operation of random strength (Müller and Hutter 2021)."""

    type_name = "TrivialAugmentWide"


class AutoAugment(_Policy):
    """The policy found for ImageNet (Cubuk et al. 2018)."""

    type_name = "AutoAugment"


TRANSFORMS: Sequence[type[Transform]] = (
    RandomCrop,
    RandomHorizontalFlip,
    RandomAffine,
    RandomErasing,
    Normalize,
    RandomResizedCrop,
    Resize,
    CenterCrop,
    ColorJitter,
    RandAugment,
    TrivialAugmentWide,
    AutoAugment,
)
