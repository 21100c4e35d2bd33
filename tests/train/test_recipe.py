"""Recipes: read with places, composed, overridden, described by a schema."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from netspec.cli import main
from netspec.diagnostics import SpecError
from netspec.train.recipe import dump_recipe, load_recipe, recipe_schema

ROOT = Path(__file__).parents[2]
RECIPES = sorted((ROOT / "specs/recipes").glob("*.yaml"))

GOOD = """
data: digits
epochs: 3
batch_size: 32
optimizer: {type: SGD, lr: 0.1, momentum: 0.9}
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_checking_a_recipe_needs_no_torch() -> None:
    code = (
        "import sys; from netspec.train.recipe import load_recipe; "
        f"load_recipe({str(RECIPES[0])!r}); "
        "assert not {'torch', 'torchvision', 'numpy', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_shipped_recipes_are_right(path: Path, tmp_path: Path) -> None:
    recipe = load_recipe(path)
    again = load_recipe(write(tmp_path / "again.yaml", dump_recipe(recipe)))
    assert again == recipe
    jsonschema.validate(yaml.safe_load(dump_recipe(recipe)), recipe_schema())
    jsonschema.validate(json.loads(json.dumps(_data(path))), recipe_schema())


def _data(path: Path) -> Any:
    from netspec import source

    return source.plain(source.read(path))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_files_that_recipes_name_are_there(path: Path) -> None:
    named = re.findall(r"\bspecs/[\w/.]+\.yaml", path.read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_schema_that_ships_is_the_one_declared() -> None:
    jsonschema.Draft202012Validator.check_schema(recipe_schema())
    shipped = RECIPES[0].with_name("recipe.schema.json").read_text()
    printed = CliRunner().invoke(main, ["schema", "--recipe"]).output
    assert shipped == printed


CASES = {
    "optimzer: {type: SGD, lr: 1}": ("NS0801", 6, 1, "did you mean `optimizer`?"),
    "epochs2: 1": ("NS0801", 6, 1, "did you mean `epochs`?"),
    "precision: bf17": ("NS0803", 6, 12, "one of `float32`, `bf16`, `fp16`"),
    "clip_norm: -1": ("NS0803", 6, 12, "a number above 0"),
    "schedule: cosin": ("NS0804", 6, 11, "did you mean `cosine`?"),
    "schedule: step": ("NS0802", 6, 11, "the schedule step needs `at`"),
    "schedule: {warmup: 2}": ("NS0802", 6, 11, "needs `type`"),
    "schedule: [cosine]": ("NS0803", 6, 11, "must be one of `cosine`"),
    "train_transforms: [{type: Resize, sizes: 3}]": ("NS0801", 6, 35, "`size`"),
    "train_transforms: [{type: Resize, size: [8, 8, 8]}]": (
        "NS0803",
        6,
        41,
        "a positive integer, or a list of 2",
    ),
    "train_transforms: [{type: RandomAffine, scale: [1, 1, 1]}]": (
        "NS0803",
        6,
        48,
        "`scale` must be a list of 2, each a number above 0, the smaller first",
    ),
    "train_transforms: [Rezise]": ("NS0804", 6, 20, "did you mean `Resize`?"),
    "train_transforms: Resize": ("NS0803", 6, 19, "a list of one is `[Resize]`"),
    "average: {dekay: 0.9}": ("NS0801", 6, 11, "did you mean `decay`?"),
    "average: {foo: 0.9}": ("NS0801", 6, 11, "it has `decay`, `every`"),
    "tf32: no": ("NS0803", 6, 7, "write `false`"),
    "precision: fp17": ("NS0803", 6, 12, "did you mean `fp16`?"),
    "accumulate: 100": ("NS0806", 6, 13, "more parts than samples"),
    "checkpoint: {keep: 1}": ("NS0803", 6, 20, "an integer of at least 2"),
    "task: {type: classification, losses: {a: -1}}": ("NS0803", 6, 42, "at least 0"),
    "task: {type: classification, losses: {a: 0}}": ("NS0806", 6, 30, "no output has"),
    "train_transforms: [{type: Normalize, mean: [0], std: [1]}, RandAugment]": (
        "NS0806",
        6,
        20,
        "`RandAugment` takes stored images, and comes after `Normalize`",
    ),
    "eval_transforms: [RandomErasing, {type: Resize, size: 8}]": (
        "NS0806",
        6,
        19,
        "list `RandomErasing` after `Resize`",
    ),
    "train_transforms: [{type: RandomAffine, scale: [0, 1]}]": (
        "NS0803",
        6,
        49,
        "item 0 of `scale` must be a number above 0",
    ),
    "train_transforms: [{type: RandomErasing, ratio: [3, 1]}]": (
        "NS0803",
        6,
        49,
        "a list of 2, each a number above 0, the smaller first",
    ),
    "freeze: [1]": ("NS0803", 6, 10, "item 0 of `freeze` must be a text"),
    "mix: [MixUp]\ntask: {type: adversarial, discriminator: d.yaml}": (
        "NS0806",
        6,
        1,
        "blends class labels",
    ),
    "lr: 0.1": ("NS0801", 6, 1, "`lr` is a field of `optimizer`: write it there"),
    "netspec: 1\ngraph: {}": ("NS0801", 6, 1, "this is a spec"),
    "freeze: {fc: true}": ("NS0803", 6, 9, "begin with `- `"),
    "task: language_modelling": ("NS0806", 6, 7, "`digits` has images"),
}


@pytest.mark.parametrize("text", CASES)
def test_a_mistake_is_one_finding_at_its_place(text: str, tmp_path: Path) -> None:
    code, line, column, said = CASES[text]
    with pytest.raises(SpecError) as caught:
        load_recipe(write(tmp_path / "r.yaml", GOOD + text))
    (finding,) = caught.value.findings
    assert (finding.code, finding.span.line, finding.span.column) == (
        code,
        line,
        column,
    )
    assert said in str(caught.value)


@pytest.mark.parametrize("name", ["RMSprop", "Lion"])
def test_a_form_that_torch_lacks_is_refused(name: str, tmp_path: Path) -> None:
    optimizer = f"{{type: {name}, lr: 0.1, form: fused}}"
    with pytest.raises(SpecError, match=f"{name} has no fused form"):
        load_recipe(write(tmp_path / "r.yaml", GOOD), {"optimizer": optimizer})


@pytest.mark.parametrize(
    ("optimizer", "said"),
    [
        ("{type: SGD, lr: 0.1, nesterov: true}", "add a `momentum`"),
        ("{type: Adam, lr: 0.1, beta1: 1}", "`beta1` must be a number from 0 to below"),
        ("{type: RMSprop, lr: 0.1, momentum: -1}", "`momentum` must be a number from"),
    ],
)
def test_what_torch_would_refuse_is_told_at_its_field(
    optimizer: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(SpecError, match=said):
        load_recipe(write(tmp_path / "r.yaml", GOOD), {"optimizer": optimizer})


def test_help_on_a_list_of_one_is_not_given_where_it_would_be_wrong(
    tmp_path: Path,
) -> None:
    with pytest.raises(SpecError) as caught:
        load_recipe(write(tmp_path / "r.yaml", GOOD), {"freeze": "true"})
    assert "a list of one" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"data": "text"}, "classification is for images"),
        (
            {
                "data": "text",
                "task": "language_modelling",
                "train_transforms": "[RandomHorizontalFlip]",
            },
            "write `train_transforms: ",
        ),
    ],
)
def test_text_is_for_language_modelling_alone(
    settings: dict[str, str], said: str, tmp_path: Path
) -> None:
    with pytest.raises(SpecError, match=said) as caught:
        load_recipe(write(tmp_path / "r.yaml", GOOD), settings)
    assert len(caught.value.findings) == 1


def test_what_is_missing_is_listed(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        load_recipe(write(tmp_path / "r.yaml", "doc: nothing else"))
    missing = {finding.field for finding in caught.value.findings}  # type: ignore[attr-defined]
    assert missing == {"epochs", "batch_size", "data", "optimizer"}


def test_extends_merges_sections_and_replaces_other_types(tmp_path: Path) -> None:
    write(tmp_path / "base.yaml", GOOD)
    text = "extends: base.yaml\noptimizer: {lr: 0.5}\ndata: {type: fake, classes: 3}"
    recipe = load_recipe(write(tmp_path / "r.yaml", text))
    assert recipe.optimizer.lr == 0.5
    assert dict(recipe.optimizer.items())["momentum"] == 0.9
    assert recipe.data.type_name == "fake"
    text = "extends: base.yaml\noptimizer: {type: AdamW, lr: 0.5}"
    other = load_recipe(write(tmp_path / "r.yaml", text))
    assert other.optimizer.type_name == "AdamW"


def test_extending_oneself_prints_the_circle(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", "extends: b.yaml")
    write(tmp_path / "b.yaml", "extends: a.yaml")
    with pytest.raises(SpecError, match=r"a\.yaml -> .*b\.yaml -> .*a\.yaml"):
        load_recipe(tmp_path / "a.yaml")


def test_a_base_that_links_to_itself_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(SpecError, match="NS0101"):
        load_recipe(write(tmp_path / "r.yaml", "extends: loop"))


def test_settings_reach_every_depth(tmp_path: Path) -> None:
    path = write(tmp_path / "r.yaml", GOOD + "schedule: cosine")
    settings = {
        "optimizer.lr": "1e-3",
        "schedule.warmup": "2",
        "checkpoint.keep": "5",
        "data": "{type: fake, classes: 4}",
        "average.decay": "0.5",
        "freeze": "[conv*]",
    }
    recipe = load_recipe(path, settings)
    assert recipe.optimizer.lr == 1e-3
    assert recipe.schedule.warmup == 2
    assert recipe.checkpoint.keep == 5
    assert recipe.data.type_name == "fake"
    assert recipe.average is not None
    assert recipe.average.decay == 0.5
    assert recipe.freeze == ("conv*",)


def test_a_wrong_setting_shows_the_setting(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"--set optimizer\.lr:1:1"):
        load_recipe(write(tmp_path / "r.yaml", GOOD), {"optimizer.lr": "fast"})


LISTED = """
train_transforms:
  - RandomHorizontalFlip
  - {type: Normalize, mean: [0.5], std: [0.2]}
"""


def test_settings_reach_the_items_of_lists(tmp_path: Path) -> None:
    path = write(tmp_path / "r.yaml", GOOD + LISTED)
    settings = {
        "train_transforms.0.p": "0.25",
        "train_transforms.1.std": "[0.5]",
    }
    flip, norm = load_recipe(path, settings).train_transforms
    assert dict(flip.items()) == {"p": 0.25}
    assert dict(norm.items()) == {"mean": (0.5,), "std": (0.5,)}
    (_, other) = load_recipe(
        path, {"train_transforms.1": "RandAugment"}
    ).train_transforms
    assert other.type_name == "RandAugment"
    with pytest.raises(SpecError, match="a place in this list must be below 2"):
        load_recipe(path, {"train_transforms.2.p": "1"})
    with pytest.raises(SpecError, match="the list is empty"):
        load_recipe(path, {"optimizer.groups.0.path": "fc"})


def test_another_type_replaces_its_section(tmp_path: Path) -> None:
    path = write(tmp_path / "r.yaml", GOOD)
    settings = {"optimizer.lr": "0.01", "optimizer.type": "AdamW"}
    optimizer = load_recipe(path, settings).optimizer
    assert (optimizer.type_name, optimizer.lr) == ("AdamW", 0.01)
    same = load_recipe(path, {"optimizer.type": "SGD"}).optimizer
    assert dict(same.items())["momentum"] == 0.9
    with pytest.raises(SpecError, match="the optimizer AdamW needs `lr`"):
        load_recipe(path, {"optimizer.type": "AdamW"})
