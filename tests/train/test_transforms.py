"""Batch forms against torchvision's; randomness depends on the sample alone."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional

from netspec.train.loader import Loader
from netspec.train.mixes import MIXES, MixUp
from netspec.train.pipeline import Mixing, Pipeline
from netspec.train.sampler import Plan
from netspec.train.samples import Batch, TensorSamples
from netspec.train.seeds import seeded
from netspec.train.transforms import (
    TRANSFORMS,
    AutoAugment,
    Normalize,
    RandAugment,
    RandomAffine,
    RandomCrop,
    RandomErasing,
    RandomHorizontalFlip,
    RandomResizedCrop,
    Resize,
    TrivialAugmentWide,
)

IMAGES = torch.randint(256, (16, 3, 12, 10), dtype=torch.uint8)


def batch_of(ids: list[int]) -> Batch:
    at = torch.tensor(ids)
    return Batch(IMAGES[at], at % 5, at)


def pipeline(*transforms: Any, seed: int = 1) -> Pipeline:
    return Pipeline(transforms, seed=seed, in_memory=True)


RANDOM = (
    RandomCrop(size=8, padding=2),
    RandomHorizontalFlip(),
    RandomAffine(degrees=30.0, translate=(0.1, 0.1), scale=(0.8, 1.2)),
    RandomErasing(p=0.9),
)


@pytest.mark.parametrize("transform", RANDOM, ids=lambda t: t.type_name)
def test_a_sample_is_changed_alike_in_any_batch(transform: Any) -> None:
    one = pipeline(transform).batch(batch_of([3, 1, 4]), epoch=2, total=16).inputs
    two = pipeline(transform).batch(batch_of([4, 9, 2, 6, 3]), 2, 16).inputs
    torch.testing.assert_close(one[0], two[4])
    torch.testing.assert_close(one[2], two[0])


@pytest.mark.parametrize("transform", RANDOM, ids=lambda t: t.type_name)
def test_seed_and_epoch_change_the_batch(transform: Any) -> None:
    everything = batch_of(list(range(16)))
    base = pipeline(transform).batch(everything, 0, 16).inputs
    assert not torch.equal(base, pipeline(transform).batch(everything, 1, 16).inputs)
    other = pipeline(transform, seed=2).batch(everything, 0, 16).inputs
    assert not torch.equal(base, other)


def test_crops_are_parts_of_the_padded_image() -> None:
    images = IMAGES.float()
    uniform = torch.rand(16, 2)
    found = RandomCrop(size=8, padding=2).batch(images, uniform)
    padded = torch.nn.functional.pad(images, [2] * 4)
    for number, (y, x) in enumerate(uniform):
        top, left = int(y * 9), int(x * 7)
        expected = functional.crop(padded[number], top, left, 8, 8)
        assert torch.equal(found[number], expected)


def test_flips_are_torchvisions() -> None:
    images = IMAGES.float()
    uniform = torch.arange(16)[:, None] / 16
    found = RandomHorizontalFlip(p=0.5).batch(images, uniform)
    assert torch.equal(found[:8], functional.horizontal_flip(images[:8]))
    assert torch.equal(found[8:], images[8:])


@pytest.mark.parametrize("angle", [-25.0, 0.0, 10.0])
@pytest.mark.parametrize("scale", [0.8, 1.0, 1.3])
@pytest.mark.parametrize("size", [(16, 16), (32, 64), (48, 20)])
def test_affine_is_torchvisions(
    size: tuple[int, int], angle: float, scale: float
) -> None:
    images = torch.rand(1, 2, *size)
    transform = RandomAffine(degrees=90.0, translate=(0.5, 0.5), scale=(0.5, 1.5))
    shift = (2, -3)
    uniform = (
        torch.tensor([[angle / 180, shift[0] / size[1], shift[1] / size[0], scale - 1]])
        + 0.5
    )
    found = transform.batch(images, uniform)
    expected = functional.affine(
        images, angle, list(shift), scale, [0.0, 0.0], v2.InterpolationMode.BILINEAR
    )
    torch.testing.assert_close(found, expected, atol=1e-3, rtol=0)


def test_erasing_stays_in_its_bounds() -> None:
    images = torch.ones(400, 1, 20, 20)
    found = RandomErasing(p=0.5, scale=(0.1, 0.2)).batch(images, torch.rand(400, 5))
    share = 1 - found.mean((1, 2, 3))
    assert 0.4 < (share > 0).float().mean() < 0.6
    assert share[share > 0].min() > 0.06
    assert share.max() < 0.26


def test_normalize_is_torchvisions() -> None:
    numbers = {"mean": (0.1, 0.2, 0.3), "std": (1.0, 2.0, 3.0)}
    images = torch.rand(4, 3, 5, 5)
    expected = functional.normalize(images, [0.1, 0.2, 0.3], [1.0, 2.0, 3.0])
    found = Normalize(**numbers).batch(images, torch.empty(4, 0))
    torch.testing.assert_close(found, expected)


def test_normalize_refuses_numbers_for_other_channels() -> None:
    with pytest.raises(ValueError, match="`std` has 2 numbers for 3 channels"):
        Normalize(mean=(0.1,), std=(1.0, 2.0)).batch(
            torch.rand(4, 3, 5, 5), torch.empty(4, 0)
        )


def test_what_has_no_batch_form_goes_first_and_a_sample_at_a_time() -> None:
    late = Normalize(mean=(0.5,), std=(0.5,))
    flip = RandomHorizontalFlip()
    split = pipeline(RandomResizedCrop(size=8), flip, RandAugment(), late)
    assert [t.type_name for t in split.per_sample] == [
        "RandomResizedCrop",
        "RandomHorizontalFlip",
        "RandAugment",
    ]
    assert pipeline(flip, late).per_sample == ()
    files = Pipeline((Resize(size=(8, 8)), flip, late), seed=0, in_memory=False)
    assert [t.type_name for t in files.per_sample] == ["Resize"]
    crops = Pipeline((RandomCrop(size=8), late), seed=0, in_memory=False)
    assert [t.type_name for t in crops.per_sample] == ["RandomCrop"]


@pytest.mark.parametrize("per_sample", [True, False])
def test_repeats_are_augmented_anew(per_sample: bool) -> None:
    """Copies of a sample differ; the first is as it would be alone."""
    transform = RandAugment() if per_sample else RandomCrop(size=16, padding=8)
    samples = TensorSamples(IMAGES, torch.arange(16))

    def images(repeats: int, ids: list[int]) -> Tensor:
        made = Loader(samples, pipeline(transform), torch.device("cpu"), 0, repeats)
        (batch,) = made.batches([torch.tensor(ids)], epoch=2)
        assert batch.targets.tolist() == [number % 16 for number in ids]
        return batch.inputs

    alone, repeated = images(1, [3]), images(4, [3, 19, 35, 51])
    assert torch.equal(repeated[0], alone[0])
    assert len({image.numpy().tobytes() for image in repeated}) > 1


def test_samples_are_seeded_and_leave_no_trace() -> None:
    augment = pipeline(RandAugment())
    torch.manual_seed(0)
    before = torch.get_rng_state()
    first = augment.sample(IMAGES[0], epoch=3, index=5)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(7)
    assert torch.equal(augment.sample(IMAGES[0], epoch=3, index=5), first)


@pytest.mark.parametrize("kind", TRANSFORMS, ids=lambda k: k.type_name)
def test_every_transform_runs_by_sample_or_in_batch(kind: Any) -> None:
    given = {"size": 8, "mean": (0.5,) * 3, "std": (0.2,) * 3}
    needed = {n: given[n] for n, field in kind.fields.items() if field.required}
    transform = kind(**needed)
    found = transform.sample()(IMAGES[0]) if not transform.late else None
    assert found is None or found.dtype == torch.uint8
    if transform.batched:
        uniform = torch.rand(16, transform.draws)
        assert transform.batch(IMAGES.float(), uniform).shape[:2] == (16, 3)


@pytest.mark.parametrize("kind", [RandAugment, TrivialAugmentWide, AutoAugment])
def test_policies_interpolate_as_asked(kind: Any) -> None:
    """Torchvision's training script passes bilinear; its classes default to nearest."""
    assert kind().sample().interpolation == v2.InterpolationMode.BILINEAR
    nearest = kind(interpolation="nearest").sample()
    assert nearest.interpolation == v2.InterpolationMode.NEAREST


def test_mixing_is_torchvisions_and_repeats() -> None:
    batch = batch_of(list(range(16)))._replace(inputs=IMAGES.float())
    mixing = Mixing([kind() for kind in MIXES], classes=5, seed=3)
    first, again = mixing(batch, 1, 2), mixing(batch, 1, 2)
    assert torch.equal(first.inputs, again.inputs)
    assert first.targets.shape == (16, 5)
    torch.testing.assert_close(first.targets.sum(1), torch.ones(16))
    with seeded(3, 1, 2, 2):
        chosen = [v2.MixUp, v2.CutMix][int(torch.randint(2, ()))]
        order = torch.randperm(16)
        images, targets = chosen(num_classes=5)(IMAGES[order].float(), order % 5)
    assert torch.equal(first.ids, order)
    assert torch.equal(first.inputs, images)
    assert torch.equal(first.targets, targets)


def test_copies_of_a_sample_are_not_mixed_with_each_other() -> None:
    samples, classes = 256, 256
    plan = Plan(samples=samples, batch_size=128, seed=0, repeats=4)
    (ids,) = plan.step(plan.order(0), 0)
    inputs = torch.zeros(128, 1, 2, 2)
    mixing = Mixing([MixUp()], classes=classes, seed=3)
    mixed = mixing(Batch(inputs, ids % samples, ids), 0, 0).targets
    alone = (mixed.max(1).values > 0.9999).float().mean()
    assert alone < 0.1
