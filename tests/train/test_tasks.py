"""Tasks: what is learned, what is measured, and what a run folder is good for after."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file
from torch import nn

from netspec.cli import main
from netspec.cli.eval import _table
from netspec.compiler import compile
from netspec.errors.training import DataMissing, UnknownOutput
from netspec.train.data.digits import Digits
from netspec.train.data.text import Text
from netspec.train.distributed import World
from netspec.train.meters import ClassMeter, MeanMeter
from netspec.train.recipe import dump_recipe
from netspec.train.samples import Batch, TensorSamples
from netspec.train.tasks.base import Outcome
from netspec.train.tasks.classification import Classification
from netspec.train.tasks.outputs import main_output, weighted
from tests.train.conftest import TINY

HERE = Path(__file__).parent
RECIPES = HERE.parents[1] / "specs/recipes"


@pytest.fixture
def cli() -> Callable[..., str]:
    def call(*arguments: Any) -> str:
        result = CliRunner().invoke(main, [str(one) for one in arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.stdout

    return call


@pytest.fixture
def digits_run(cli: Any, tmp_path: Path) -> Path:
    out = tmp_path / "digits"
    recipe = RECIPES / "digits.yaml"
    cli("train", TINY, "--recipe", recipe, "--set", "epochs=3", "--out", out)
    return out


def test_metrics_are_those_counted_by_hand() -> None:
    logits = torch.randn(50, 7)
    targets = torch.randint(7, (50,))
    loss = nn.functional.cross_entropy(logits, targets)
    meter = ClassMeter(7, "cpu")
    for part in (slice(0, 20), slice(20, 50)):
        some = nn.functional.cross_entropy(logits[part], targets[part])
        meter.add(Outcome(some, logits[part], targets[part]))
    found = meter.read(World("cpu"))
    assert found["loss"] == pytest.approx(float(loss), rel=1e-6)
    assert found["accuracy"] == float((logits.argmax(1) == targets).double().mean())
    five = logits.topk(5).indices.eq(targets[:, None]).any(1)
    assert found["top5"] == float(five.double().mean())
    confusion = torch.tensor(meter.details()["confusion"])
    assert confusion.sum() == 50
    assert confusion.trace() == (logits.argmax(1) == targets).sum()
    assert confusion[:, 3].sum() == (logits.argmax(1) == 3).sum()


def test_perplexity_is_the_exponential_of_the_mean_loss() -> None:
    meter = MeanMeter("cpu")
    logits, targets = torch.randn(2, 3, 9), torch.randint(9, (2, 3))
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
    meter.add(Outcome(loss, logits, targets))
    found = meter.read(World("cpu"))
    assert found["perplexity"] == pytest.approx(math.exp(float(loss)))


def test_digits_are_split_by_every_fifth_of_a_permutation() -> None:
    splits = Digits().load()
    assert (len(splits.train), len(splits.heldout)) == (1437, 360)
    again = Digits().load()
    assert isinstance(splits.heldout, TensorSamples)
    assert isinstance(again.heldout, TensorSamples)
    assert torch.equal(splits.heldout.inputs, again.heldout.inputs)
    assert splits.classes == tuple("0123456789")


def test_text_targets_are_the_inputs_one_later() -> None:
    splits = Text(length=10).load()
    train = splits.train
    assert isinstance(train, TensorSamples)
    assert torch.equal(train.inputs.flatten()[1:], train.targets.flatten()[:-1])
    first = "".join(splits.classes[token] for token in train.inputs[0].tolist())
    assert first == "Shall I co"


@pytest.mark.parametrize("kind", ["character", "word"])
def test_rare_tokens_are_one(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("a b a b c a b a b d " * 20)
    splits = Text(file=str(path), tokens=kind, vocabulary=3, length=4).load()
    assert len(splits.classes) == 3
    assert splits.classes[0] == "<unk>"


def test_a_text_too_short_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("short")
    with pytest.raises(DataMissing, match="make no window of 64"):
        Text(file=str(path)).load()


class Outputs(tuple[torch.Tensor, torch.Tensor]):
    _fields = ("logits", "aux")
    logits = property(lambda self: self[0])
    aux = property(lambda self: self[1])


def test_outputs_are_weighed_by_name() -> None:
    one, two = torch.ones(1), torch.zeros(1)
    outputs = Outputs((one, two))
    assert weighted(outputs, {}) == [(one, 1.0)]
    assert weighted(outputs, {"logits": 0, "aux": 0.4}) == [(two, 0.4)]
    assert weighted(outputs, {"logits": 1, "aux": 0.4}) == [(one, 1), (two, 0.4)]
    assert main_output(outputs) is one
    with pytest.raises(UnknownOutput, match="no output `auks`"):
        weighted(outputs, {"auks": 1})


def test_accuracy_is_that_of_the_first_output_however_losses_are_listed() -> None:
    logits, aux = torch.eye(3), torch.eye(3).flip(1)

    class Network(nn.Module):
        def forward(self, _: Any) -> Outputs:
            return Outputs((logits, aux))

    task = Classification(losses={"aux": 0.4, "logits": 1.0})
    batch = Batch(torch.zeros(3), torch.arange(3), torch.arange(3))
    outcome = task.loss(SimpleNamespace(model=Network()), (), batch)  # type: ignore[arg-type]
    assert torch.equal(outcome.prediction, logits)


def test_a_language_model_learns(cli: Any, tmp_path: Path) -> None:
    recipe = RECIPES / "language.yaml"
    spec = HERE / "language.yaml"
    cli("train", spec, "--recipe", recipe, "--set", "epochs=4", "--out", tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").open()]
    perplexities = [line["perplexity"] for line in lines if line["split"] == "heldout"]
    assert perplexities[-1] < 60 < 256
    assert perplexities == sorted(perplexities, reverse=True)
    assert "vocab_size: 256" in (tmp_path / "spec.yaml").read_text()
    assert "perplexity" in cli("eval", tmp_path)


def test_generator_and_discriminator_take_turns(cli: Any, tmp_path: Path) -> None:
    settings = {
        "data": "digits",
        "epochs": 2,
        "log_every": 11,
        "task.latent": 16,
        "task.discriminator": HERE / "discriminator.yaml",
    }
    pairs = [f"--set={name}={value}" for name, value in settings.items()]
    out = tmp_path / "gan"
    spec, recipe = HERE / "generator.yaml", RECIPES / "gan.yaml"
    cli("train", spec, "--recipe", recipe, *pairs, "--out", out)
    lines = [json.loads(line) for line in (out / "metrics.jsonl").open()]
    assert lines[-1]["discriminator_loss"] < lines[0]["discriminator_loss"]
    state = json.loads(
        max(out.glob("checkpoints/*")).joinpath("state.json").read_text()
    )
    assert list(state["state"]["learners"]) == ["discriminator", "tiny_generator"]
    assert (out / "last.safetensors").exists()
    assert "extends: discriminator/" in (out / "discriminator.yaml").read_text()
    assert compile(out / "discriminator.yaml").name == "discriminator"


def test_eval_repeats_the_score_of_training(cli: Any, digits_run: Path) -> None:
    found = json.loads(cli("eval", digits_run, "--json"))
    lines = [json.loads(line) for line in (digits_run / "metrics.jsonl").open()]
    best = max(line["accuracy"] for line in lines if line["split"] == "heldout")
    assert found["metrics"]["accuracy"] == best
    assert set(found["per_class"]) == set("0123456789")
    last = digits_run / "last.safetensors"
    assert "accuracy" in cli("eval", digits_run, "--weights", last)


def test_predict_names_the_classes(cli: Any, digits_run: Path, tmp_path: Path) -> None:
    from torchvision.transforms.v2.functional import to_pil_image

    heldout = Digits().load().heldout
    assert isinstance(heldout, TensorSamples)
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(20):
        to_pil_image(heldout.inputs[number]).save(folder / f"{number:02}.png")
    lines = cli("predict", digits_run, folder, "--json", "--top", 3).splitlines()
    found = [next(iter(json.loads(line)["classes"])) for line in lines]
    right = [str(int(target)) for target in heldout.targets[:20]]
    assert sum(a == b for a, b in zip(found, right, strict=True)) >= 17
    assert len(json.loads(lines[0])["classes"]) == 3
    one = to_pil_image(heldout.inputs[0])
    others = tmp_path / "others"
    others.mkdir()
    for kind in ("bmp", "tif", "gif"):
        one.save(others / f"a.{kind}")
    (others / "b.png").write_bytes(b"torn")
    # A .pth knows no classes: the run does.
    weights = tmp_path / "weights.pth"
    torch.save(load_file(digits_run / "best.safetensors"), weights)
    call = ["predict", digits_run, others, "--weights", weights, "--top", 1]
    result = CliRunner().invoke(main, [str(part) for part in call])
    assert result.exit_code == 1
    said = result.stdout.splitlines()
    assert [Path(line.split(":")[0]).name for line in said] == [
        "a.bmp",
        "a.gif",
        "a.tif",
    ]
    assert {line.split()[1] for line in said} == {found[0]}
    assert f"cannot use the image {others}/b.png" in result.stderr


PERCEPTRON = """netspec: 1
name: perceptron
input: [1, 8, 8]
graph: [Flatten, {type: Linear, out_features: 10}]
"""


def test_predict_looks_at_what_the_network_takes(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Colours become grey for its one channel; one of another size stops no other."""
    from torchvision.transforms.v2.functional import to_pil_image

    monkeypatch.chdir(tmp_path)
    Path("spec.yaml").write_text(PERCEPTRON)
    cli("train", "spec.yaml", "--recipe", RECIPES / "digits.yaml", "--set", "epochs=1")
    for name, size in (("a", 9), ("b", 8)):
        to_pil_image(torch.zeros(3, size, size)).save(f"{name}.png")
    call = ["predict", "runs/spec-digits", "a.png", "b.png", "--top", "1"]
    result = CliRunner().invoke(main, call)
    assert result.exit_code == 1
    assert result.stdout.startswith("b.png: ")
    assert "NS0927]: cannot use the image a.png: a sample is [1, 9, 9]" in result.stderr


def test_runs_are_compared_by_what_differs(
    cli: Any, digits_run: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    recipe = RECIPES / "digits.yaml"
    more = ("--set", "epochs=1", "--set", "optimizer.lr=0.02")
    cli("train", TINY, "--recipe", recipe, *more, "--out", other)
    svg = tmp_path / "runs.svg"
    rows = json.loads(cli("runs", digits_run, other, "--json", "-o", svg))
    assert [row["optimizer.lr"] for row in rows] == [0.1, 0.02]
    assert [row["steps"] for row in rows] == [66, 22]
    assert {"run", "epochs", "optimizer.lr", "steps", "score", "last", "best"} == set(
        rows[0]
    )
    assert svg.read_text().count("<polyline") == 8
    shown = cli("runs", digits_run, other, "-o", svg).splitlines()
    assert shown[-1] == f"wrote {svg}"
    fields = {line.split()[0]: line.split()[1:] for line in shown}
    assert fields["run"] == [str(digits_run), str(other)]
    assert fields["optimizer.lr"] == ["0.1", "0.02"]


def test_unlike_runs_are_shown_field_by_field(
    cli: Any, make_recipe: Any, tmp_path: Path
) -> None:
    plain = make_recipe(epochs=1)
    other = make_recipe(epochs=1, average__decay=0.9, eval_transforms="[RandAugment]")
    for name, recipe in (("a", plain), ("b", other)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "recipe.yaml").write_text(dump_recipe(recipe))
    shown = [line.split() for line in cli("runs", *tmp_path.iterdir()).splitlines()]
    lines = {line[0]: line[1:] for line in shown}
    first = 0 if lines["run"][0].endswith("a") else 1
    found = {k: (v[first], v[1 - first]) for k, v in lines.items() if len(v) == 2}
    assert found["average"] == ("null", "-")
    assert found["average.decay"] == ("-", "0.9")
    assert found["eval_transforms.1.type"] == ("Normalize", "RandAugment")
    assert found["best"] == ("null", "null")


def test_eval_reads_aloud() -> None:
    found = {
        "metrics": {"accuracy": 0.5},
        "per_class": {"7": 1.0, "9": 0.0},
        "confused": [(1, "9", "7"), (2, "7", "9")],
    }
    assert _table(found).splitlines()[1:] == [
        "accuracy by class:",
        "  7                  1.0000",
        "  9                  0.0000",
        "mistakes, the most frequent first:",
        "  9 read as 7: 1 image",
        "  7 read as 9: 2 images",
    ]
