"""`netspec ops`: the operators by category, or all there is to know of one."""

import json
from typing import Any

import click

from netspec.fills import Fill
from netspec.operators import OPERATORS, Category, Operator
from netspec.operators.base import EXPECTED
from netspec.record import Field
from netspec.spelling import suggest


def _beginning(_: click.Context, __: click.Parameter, text: str) -> list[str]:
    """The operators that a shell may complete the text to."""
    return [name for name in OPERATORS if name.startswith(text)]


@click.command()
@click.argument("operator", required=False, shell_complete=_beginning)
@click.option("--json", "as_json", is_flag=True, help="Print data instead of text.")
def command(operator: str | None, as_json: bool) -> None:
    """List the operators, or document one."""
    if operator is None:
        listed = by_category()
        click.echo(json.dumps(listed, indent=2) if as_json else overview(listed))
        return
    kind = OPERATORS.get(operator)
    if kind is None:
        close = suggest(operator, OPERATORS)
        advice = f" Did you mean '{close}'?" if close else ""
        raise click.ClickException(f"There is no operator '{operator}'.{advice}")
    found = describe(kind)
    click.echo(json.dumps(found, indent=2) if as_json else page(found))


def by_category() -> dict[str, dict[str, str]]:
    """The operators' names and what each does, by category."""
    return {
        category.value: {
            name: _first_line(kind)
            for name, kind in sorted(OPERATORS.items())
            if kind.category is category
        }
        for category in Category
    }


def overview(listed: dict[str, dict[str, str]]) -> str:
    """The list as text."""
    width = max(len(name) for names in listed.values() for name in names)
    sections = [
        "\n".join([category, *(f"  {n:<{width}}  {does}" for n, does in names.items())])
        for category, names in listed.items()
        if names
    ]
    return "\n\n".join(sections)


def describe(kind: type[Operator]) -> dict[str, Any]:
    """What the declaration says of an operator, as data."""
    return {
        "name": kind.__name__,
        "category": kind.category.value,
        "does": _text(kind),
        "inputs": _inputs(kind),
        "outputs": [name for name in kind.outputs if name],
        "arguments": [_argument(field) for field in kind.fields.values()],
        "torch": kind.torch,
        "page": kind.link(),
    }


def page(found: dict[str, Any]) -> str:
    """The description of an operator as text."""
    lines = [f"{found['name']} ({found['category']})", "", found["does"], ""]
    lines.append(f"takes    {found['inputs']}")
    if found["outputs"]:
        lines.append(f"gives    {', '.join(found['outputs'])}")
    lines += [f"PyTorch  {found['torch']}", f"         {found['page']}"]
    if found["arguments"]:
        lines += ["", "Arguments"]
        names = max(len(argument["name"]) for argument in found["arguments"])
        given = max(len(_default(argument)) for argument in found["arguments"])
        lines += [
            f"  {a['name']:<{names}}  {_default(a):<{given}}  {a['type']}"
            for a in found["arguments"]
        ]
    return "\n".join(lines)


def _argument(field: Field) -> dict[str, Any]:
    described = {"name": field.name, "type": field.kind.description}
    if field.required:
        return described | {"required": True}
    return described | {"required": False, "default": field.default}


def _default(argument: dict[str, Any]) -> str:
    if argument["required"]:
        return "required"
    default = argument["default"]
    if isinstance(default, Fill):
        return default.function
    return default if isinstance(default, str) else json.dumps(default)


def _inputs(kind: type[Operator]) -> str:
    least, most = kind.arity
    if most == 0:
        return "no input"
    many = "or more" if most is None else f"to {most}" if most > least else ""
    count = f"{least} {many}".strip()
    plural = "input" if count == "1" else "inputs"
    return f"{count} {plural}: {EXPECTED[kind.accepts]}"


def _text(kind: type[Operator]) -> str:
    lines = (line.strip() for line in (kind.__doc__ or "").strip().splitlines())
    return "\n".join(lines)


def _first_line(kind: type[Operator]) -> str:
    return _text(kind).partition("\n")[0]
