"""Generator against discriminator, step by step beside a loop written by hand."""

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy

from netspec.train.distributed import World
from netspec.train.folder import RunFolder
from netspec.train.loop import Loop
from netspec.train.preparation import set_training
from netspec.train.progress import Silent
from netspec.train.setup import Job
from netspec.train.signals import Signals
from netspec.train.tasks.adversarial import Adversarial
from tests.train.conftest import bits, run_tiny

HERE = Path(__file__).parent
GENERATOR, JUDGE = HERE / "generator.yaml", HERE / "discriminator.yaml"
LATENT = 16


@pytest.fixture
def recipe(make_recipe: Any) -> Any:
    return make_recipe(
        task=f"{{type: adversarial, discriminator: {JUDGE}, latent: {LATENT}}}",
        optimizer="{type: Adam, lr: 0.01, beta1: 0.5}",
        schedule="constant",
        train_transforms="[]",
        eval_transforms="[]",
    )


def by_hand(judge: Any, maker: Any, images: list[Tensor]) -> None:
    """The loop that textbooks print: each side's gradients are zeroed first."""
    sides = [
        torch.optim.Adam(one.parameters(), lr=0.01, betas=(0.5, 0.999), fused=True)
        for one in (judge, maker)
    ]

    def against(verdict: Tensor, target: float) -> Tensor:
        return binary_cross_entropy(verdict, torch.full_like(verdict, target))

    for real in images:
        made = maker(torch.randn(len(real), LATENT)).detach()
        sides[0].zero_grad()
        loss = against(judge(real * 2 - 1), 1.0) + against(judge(made), 0.0)
        (loss / 2).backward()
        sides[0].step()
        made = maker(torch.randn(len(real), LATENT))
        sides[1].zero_grad()
        against(judge(made), 1.0).backward()
        sides[1].step()


def test_both_sides_step_as_by_hand(recipe: Any, tmp_path: Path) -> None:
    job = Job(GENERATOR, {}, recipe, World("cpu"))
    loop = Loop(job, RunFolder(tmp_path), Signals(), Silent())
    for learner in job.learners:
        set_training(learner.model, frozen_norms=False)
    expected = [copy.deepcopy(learner.module) for learner in job.learners]
    steps = list(loop.steps())
    torch.manual_seed(7)
    by_hand(*expected, [parts[0].inputs for parts in steps])
    torch.manual_seed(7)
    for parts in steps:
        loop.train_step(parts)
    for learner, module in zip(job.learners, expected, strict=True):
        for name, tensor in module.state_dict().items():
            torch.testing.assert_close(learner.module.state_dict()[name], tensor)


def test_resume_is_bit_exact_for_both_sides(recipe: Any, tmp_path: Path) -> None:
    whole = run_tiny(recipe, tmp_path / "whole", spec=GENERATOR)
    for stop in (3, 12):
        run_tiny(recipe, tmp_path / "parts", stop, spec=GENERATOR)
    parts = run_tiny(recipe, tmp_path / "parts", spec=GENERATOR)
    pairs = zip(whole.job.learners, parts.job.learners, strict=True)
    assert all(bits(one) == bits(other) for one, other in pairs)


def test_a_verdict_that_is_no_number_is_a_loss_that_is_none() -> None:
    task = Adversarial(discriminator=str(JUDGE))
    assert task._against(torch.tensor([0.5, torch.nan]), 1.0).isnan()
