"""Starting from earlier weights: what is kept, what is fresh, what does not fit."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from netspec.errors.training import UnmatchedGlob
from netspec.errors.weights import WeightsDoNotFit, WeightsUnreadable
from netspec.train.distributed import World
from netspec.train.optimizers import norms_and_biases
from netspec.train.setup import Job
from netspec.weights import read_weights
from tests.train.conftest import TINY, run_tiny

TWO = Path(__file__).with_name("two_outputs.yaml")


@pytest.fixture
def weights(make_recipe: Any, tmp_path: Path) -> Path:
    run_tiny(make_recipe(), tmp_path / "base")
    return tmp_path / "base/last.safetensors"


def job(recipe: Any) -> Job:
    return Job(TINY, {}, recipe, World("cpu"))


def test_a_fresh_head_on_kept_features(make_recipe: Any, weights: Path) -> None:
    recipe = make_recipe(
        data__classes=4,
        weights=f"{{file: {weights}, replace: [fc.*]}}",
        freeze="[conv.*, bn.*]",
        frozen_norms="true",
    )
    made = job(recipe)
    before = load_file(weights)
    now = made.main.module.state_dict()
    assert now["fc.weight"].shape == (4, 256)
    for key in ("conv.weight", "bn.running_mean"):
        assert torch.equal(now[key], before[key])
    groups = made.main.optimizer.param_groups
    assert sum(p.numel() for g in groups for p in g["params"]) == 4 * 256 + 4


def test_a_head_of_another_size_is_said(make_recipe: Any, weights: Path) -> None:
    recipe = make_recipe(data__classes=4, weights=f"{{file: {weights}}}")
    with pytest.raises(WeightsDoNotFit, match=r"fc\.weight"):
        job(recipe)


def test_what_the_file_alone_has_is_left_out(
    make_recipe: Any, weights: Path, tmp_path: Path
) -> None:
    """As the auxiliary head of a published file is, where the spec has none."""
    more = tmp_path / "more.safetensors"
    save_file({**load_file(weights), "Aux.fc.weight": torch.ones(2)}, more)
    with pytest.raises(WeightsDoNotFit, match=r"Aux\.fc\.weight"):
        job(make_recipe(weights=f"{{file: {more}}}"))
    recipe = make_recipe(weights=f"{{file: {more}, replace: [Aux]}}")
    now = job(recipe).main.module.state_dict()
    assert torch.equal(now["fc.weight"], load_file(weights)["fc.weight"])


def test_a_nodes_name_means_all_below_it(make_recipe: Any, weights: Path) -> None:
    groups = "[{path: fc, lr: 0.5}]"
    recipe = make_recipe(
        data__classes=4,
        weights=f"{{file: {weights}, replace: [fc]}}",
        freeze="[conv, bn]",
        optimizer=f"{{type: SGD, lr: 0.1, groups: {groups}}}",
        schedule="constant",
    )
    (group,) = job(recipe).main.optimizer.param_groups
    assert [len(group["params"]), group["lr"]] == [2, 0.5]


def test_a_glob_that_replaces_nothing_is_said(make_recipe: Any, weights: Path) -> None:
    recipe = make_recipe(weights=f"{{file: {weights}, replace: [head.*]}}")
    with pytest.raises(UnmatchedGlob, match=r"`head\.\*` in weights\.replace"):
        job(recipe)


def test_weights_of_the_old_form_are_read_safely(
    make_recipe: Any, weights: Path, tmp_path: Path
) -> None:
    old = tmp_path / "old.pth"
    torch.save(load_file(weights), old)
    now = job(make_recipe(weights=f"{{file: {old}}}")).main.module.state_dict()
    assert torch.equal(now["fc.weight"], load_file(weights)["fc.weight"])


def test_groups_have_their_own_rates(make_recipe: Any) -> None:
    groups = "[{path: 'fc.*', lr: 0.5}, {path: '*.bias', weight_decay: 0.25}]"
    optimizer = f"{{type: SGD, lr: 0.1, weight_decay: 0.01, groups: {groups}}}"
    made = job(make_recipe(optimizer=optimizer, schedule="constant"))
    names = {id(p): name for name, p in made.main.module.named_parameters()}
    found = {
        names[id(parameter)]: (group["lr"], group["weight_decay"])
        for group in made.main.optimizer.param_groups
        for parameter in group["params"]
    }
    assert found == {
        "conv.weight": (0.1, 0.01),
        "conv.bias": (0.1, 0.25),
        "bn.weight": (0.1, 0.0),
        "bn.bias": (0.1, 0.25),
        "fc.weight": (0.5, 0.01),
        "fc.bias": (0.5, 0.25),
    }


@pytest.mark.parametrize("norms", [True, False])
@pytest.mark.parametrize("biases", [True, False])
def test_what_decays(norms: bool, biases: bool, make_recipe: Any) -> None:
    flags = f"decay_norms: {norms}, decay_biases: {biases}".lower()
    optimizer = f"{{type: SGD, lr: 0.1, weight_decay: 0.01, {flags}}}"
    made = job(make_recipe(optimizer=optimizer))
    names = {id(p): name for name, p in made.main.module.named_parameters()}
    decaying = {
        names[id(parameter)]
        for group in made.main.optimizer.param_groups
        for parameter in group["params"]
        if group["weight_decay"]
    }
    more = {"bn.weight", "bn.bias"} if norms else set()
    more |= {"conv.bias", "fc.bias"} if biases else set()
    assert decaying == {"conv.weight", "fc.weight"} | more


def test_the_biases_of_every_layer_are_known() -> None:
    layers = {
        "attention": torch.nn.MultiheadAttention(4, 2, add_bias_kv=True),
        "lstm": torch.nn.LSTM(3, 4, bidirectional=True),
        "conv": torch.nn.Conv2d(1, 1, 1),
        "norm": torch.nn.LayerNorm(4),
    }
    norms, biases = norms_and_biases(torch.nn.ModuleDict(layers))
    assert norms == {"norm.weight", "norm.bias"}
    attention = {"in_proj_bias", "out_proj.bias", "bias_k", "bias_v"}
    found = {f"attention.{name}" for name in attention} | {"conv.bias"}
    ends = ("l0", "l0_reverse")
    found |= {f"lstm.bias_{kind}_{end}" for kind in ("ih", "hh") for end in ends}
    assert biases == found


@pytest.mark.parametrize("losses", ["{logits: 1.0, aux_logits: 0.4}", "{}"])
def test_an_auxiliary_loss_is_weighted_or_off(
    losses: str, make_recipe: Any, tmp_path: Path
) -> None:
    recipe = make_recipe(
        task=f"{{type: classification, losses: {losses}}}",
        optimizer="{type: SGD, lr: 0.1}",
    )
    before = Job(TWO, {}, recipe, World("cpu")).main.module.state_dict()
    after = run_tiny(recipe, tmp_path, spec=TWO).job.main.module.state_dict()
    moved = {key for key in before if not torch.equal(before[key], after[key])}
    assert ("aux.weight" in moved) == (losses != "{}")
    assert "fc.weight" in moved


def test_what_cannot_be_read_is_said(make_recipe: Any, tmp_path: Path) -> None:
    torn = tmp_path / "torn.safetensors"
    save_file({"a": torch.ones(3)}, torn)
    torn.write_bytes(torn.read_bytes()[:-4])
    with pytest.raises(WeightsUnreadable, match=r"torn\.safetensors"):
        job(make_recipe(weights=f"{{file: {torn}}}"))
    pickled = tmp_path / "module.pth"
    torch.save(torch.nn.Linear(2, 2), pickled)
    with pytest.raises(WeightsUnreadable, match="pickles more than tensors"):
        job(make_recipe(weights=f"{{file: {pickled}}}"))


def test_the_old_names_of_a_densenet_are_read(tmp_path: Path) -> None:
    tensors = {"features.denseblock1.denselayer1.norm.1.weight": torch.ones(2)}
    torch.save(tensors, tmp_path / "old.pth")
    found = read_weights(tmp_path / "old.pth")
    assert list(found) == ["features.denseblock1.denselayer1.norm1.weight"]
