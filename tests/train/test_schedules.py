"""Schedules beside torch's, with warm-up, and for groups with rates of their own."""

from typing import Any

import pytest
import torch
from torch.optim import lr_scheduler as theirs

from netspec.train.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    OneCycle,
    Polynomial,
    ScheduleRecipe,
    Step,
)

EPOCHS, STEPS = 4, 10
TOTAL = EPOCHS * STEPS


def optimizer_of(*rates: float) -> Any:
    groups = [{"params": [torch.nn.Parameter(torch.ones(1))], "lr": r} for r in rates]
    return torch.optim.SGD(groups, lr=rates[0])


def rates_of(recipe: ScheduleRecipe, *rates: float) -> list[list[float]]:
    """The rate of every group at every step."""
    optimizer = optimizer_of(*rates)
    schedule = recipe.build(optimizer, EPOCHS, STEPS)
    found = []
    for step in range(TOTAL):
        schedule.go_to(step)
        found.append([group["lr"] for group in optimizer.param_groups])
    return found


def one_of(kind: type[ScheduleRecipe], **more: Any) -> ScheduleRecipe:
    return kind(**({"at": (2.0,)} if kind is Step else {}), **more)


TORCHS = {
    "cosine": (Cosine(), lambda o: theirs.CosineAnnealingLR(o, T_max=TOTAL)),
    "final": (
        Cosine(final=0.1),
        lambda o: theirs.CosineAnnealingLR(o, T_max=TOTAL, eta_min=0.05),
    ),
    "step": (
        Step(at=(1.0, 2.5), factor=0.3),
        lambda o: theirs.MultiStepLR(o, milestones=[10, 25], gamma=0.3),
    ),
    "polynomial": (
        Polynomial(power=2.0),
        lambda o: theirs.PolynomialLR(o, total_iters=TOTAL, power=2.0),
    ),
    "one_cycle": (
        OneCycle(),
        lambda o: theirs.OneCycleLR(o, 0.5, total_steps=TOTAL, cycle_momentum=False),
    ),
    "constant": (Constant(), lambda o: theirs.ConstantLR(o, factor=1.0)),
}


@pytest.mark.parametrize("name", TORCHS)
def test_schedules_are_torchs(name: str) -> None:
    recipe, make = TORCHS[name]
    optimizer = optimizer_of(0.5)
    scheduler = make(optimizer)
    expected = []
    for step in range(TOTAL):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step + 1 < TOTAL:
            scheduler.step()
    found = [rate for (rate,) in rates_of(recipe, 0.5)]
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("warmup", [0.0, 1.0])
@pytest.mark.parametrize("kind", SCHEDULES, ids=lambda kind: kind.type_name)
def test_the_rate_that_was_asked_for_is_reached(kind: Any, warmup: float) -> None:
    found = [rate for (rate,) in rates_of(one_of(kind, warmup=warmup), 0.5)]
    assert max(found) == pytest.approx(0.5, rel=0.01)
    if warmup:
        start = found[STEPS]  # where the schedule itself begins
        rise = [start * (0.01 + 0.99 * n / STEPS) for n in range(STEPS)]
        assert found[:STEPS] == pytest.approx(rise)


@pytest.mark.parametrize("kind", SCHEDULES, ids=lambda kind: kind.type_name)
def test_groups_keep_their_proportion(kind: Any) -> None:
    more = {"final": 0.1} if kind is Cosine else {}
    for rate, slower, none in rates_of(one_of(kind, warmup=0.5, **more), 0.5, 5e-3, 0):
        assert slower == pytest.approx(rate / 100)
        assert none == 0


def test_one_cycle_ends_at_its_lowest() -> None:
    found = [rate for (rate,) in rates_of(OneCycle(warmup=1.0), 0.5)]
    assert found[-1] == min(found) == pytest.approx(0.5 / 25 / 1e4)


@pytest.mark.parametrize("kind", SCHEDULES, ids=lambda kind: kind.type_name)
def test_one_step_and_steps_past_the_end_have_a_rate(kind: Any) -> None:
    schedule = one_of(kind, warmup=3.0).build(optimizer_of(0.5), 1, 1)
    for step in (0, 1, 5):
        schedule.go_to(step)
        assert 0 <= schedule.optimizer.param_groups[0]["lr"] <= 0.5
