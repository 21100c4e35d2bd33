"""The tables of fields in docs/training.md are those of the declarations.

`--update-golden` writes them anew.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from netspec.record import MISSING, Record
from netspec.train.data import SOURCES
from netspec.train.optimizers import OPTIMIZERS, OptimizerRecipe
from netspec.train.recipe import Recipe
from netspec.train.schedules import SCHEDULES, ScheduleRecipe
from netspec.train.sections import TypedRecord, to_plain

PAGE = Path(__file__).parents[2] / "docs/training.md"
TABLES = re.compile(r"(?<=<!-- fields begin -->\n).*?(?=<!-- fields end -->)", re.S)


def tables() -> str:
    """A table for the data sources, one for the optimizers, one for the schedules."""
    return "\n".join(
        [
            table("data source", SOURCES, {}),
            table("optimizer", OPTIMIZERS, OptimizerRecipe.fields),
            table("schedule", SCHEDULES, ScheduleRecipe.fields),
        ]
    )


def table(what: str, records: Sequence[type[TypedRecord]], shared: Any) -> str:
    lines = [f"| {what} | is | fields, with their defaults |", "| --- | --- | --- |"]
    for record in records:
        own = [
            f for name, f in record.fields.items() if shown(f) != shown_in(shared, name)
        ]
        fields = ", ".join(map(shown, own)) or "–"
        lines.append(f"| `{record.type_name}` | {summary(record)} | {fields} |")
    if shared:
        lines.append(f"| all of them | | {', '.join(map(shown, shared.values()))} |")
    return "\n".join(lines) + "\n"


def shown_in(fields: Any, name: str) -> str:
    return shown(fields[name]) if name in fields else ""


def shown(field: Any) -> str:
    """`name: default` in YAML's words; a field that must be given stands in bold."""
    if field.default is MISSING:
        return f"**`{field.name}`**"
    value = to_plain(field.default)
    words = {None: "null", True: "true", False: "false"}
    text = words[value] if value is None or isinstance(value, bool) else str(value)
    return f"`{field.name}: {text}`"


def summary(record: type[Record]) -> str:
    return (record.__doc__ or "").strip().split("\n\n")[0].replace("\n    ", " ")


def test_the_tables_are_current(update_golden: bool) -> None:
    page = PAGE.read_text()
    if update_golden:
        PAGE.write_text(TABLES.sub(lambda _: "\n" + tables() + "\n", page))
        page = PAGE.read_text()
    found = TABLES.search(page)
    assert found is not None
    assert found[0].strip() == tables().strip()


def test_the_page_says_what_a_recipe_must_have() -> None:
    needed = [field.name for field in Recipe.fields.values() if field.required]
    listed = ", ".join(f"`{name}`" for name in needed)
    assert f"A recipe must have {listed}" in " ".join(PAGE.read_text().split())
