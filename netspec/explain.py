"""What each code means: a paragraph, an example that has it, and one that has not.

The texts stand beside the classes, a Markdown file a stage: `errors/source.md`. There

    ```yaml wrong       is a piece of a spec, or a recipe, that has the code,
    ```console wrong    are commands that lead to it,
    ```yaml NAME        is a file that these need.

and `right` ones mend it. `wrong` may be followed by options of the usual command, or by
another. `errors/examples.md` says which is usual, and holds what all of them share.
"""

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from textwrap import indent
from typing import NamedTuple

from netspec.diagnostics import Message

FOLDER = Path(__file__).parent / "errors"
SHARED = FOLDER / "examples.md"
_SECTION = re.compile(r"^## (NS\d{4})\n(.*?)(?=^## |\Z)", re.M | re.S)
_FENCE = re.compile(r"^```(\w+) (\S+) ?(.*?)\n(.*?)^```\n", re.M | re.S)


class Example(NamedTuple):
    """A piece of a spec, a recipe, commands, or a file that they name."""

    language: str
    name: str  # "wrong", "right" or the file's
    options: str  # of the usual command, `--set width=16`, or another command
    text: str

    @property
    def manner(self) -> str:
        """How it is tried, where that is not the usual."""
        if self.options.startswith("netspec "):
            return f", by `{self.options}`"
        return f", with `{self.options}`" if self.options else ""


class Explanation(NamedTuple):
    """A code with its class's message and what is written about it."""

    code: str
    severity: str
    message: str
    text: str
    examples: tuple[Example, ...]

    def __str__(self) -> str:
        """As `netspec explain` prints it."""
        titles = {"wrong": "Wrong", "right": "Right"}
        parts = [f"{self.severity}[{self.code}]: {self.message}", self.text]
        for example in self.examples:
            title = titles.get(example.name, f"With {example.name}") + example.manner
            parts.append(f"{title}:\n\n{indent(example.text, '    ').rstrip()}")
        if self.borrowed:
            names = " and ".join(self.borrowed)
            parts.append(f"`netspec explain --all` begins with a {names} for it.")
        return "\n\n".join(part for part in parts if part) + "\n"

    def to_markdown(self) -> str:
        """A section of the page that documents all codes."""
        parts = [f"## {self.code}", f"*{self.severity}*: {self.message}", self.text]
        for example in self.examples:
            fence = f"```{example.language}\n{example.text}```"
            parts.append(f"{example.name}{example.manner}:\n\n{fence}")
        return "\n\n".join(part for part in parts if part) + "\n"

    @property
    def borrowed(self) -> list[str]:
        """The shared files that its examples name."""
        told = "\n".join(f"{one.options}\n{one.text}" for one in self.examples)
        return [name for name in shared() if re.search(rf"\b{re.escape(name)}", told)]


def explanations() -> dict[str, Explanation]:
    """Every code that netspec can say, in order."""
    found = {}
    for file in sorted(FOLDER.glob("*.py")):
        if file.stem != "__init__":
            found.update(_stage(file.stem))
    return dict(sorted(found.items()))


@cache
def shared() -> dict[str, str]:
    """What all examples share, by name: the start of a spec, a spec and a recipe."""
    found = (Example(*fence) for fence in _FENCE.findall(SHARED.read_text("utf-8")))
    return {example.name: example.text for example in found}


def page() -> str:
    """All codes as one Markdown page."""
    head = re.sub(r"^```(\w+) .*", r"```\1", SHARED.read_text("utf-8"), flags=re.M)
    sections = (entry.to_markdown() for entry in explanations().values())
    return "\n\n".join(part.rstrip() for part in (head, *sections)) + "\n"


def _stage(name: str) -> dict[str, Explanation]:
    """The codes of one file of `errors/`."""
    file = FOLDER / f"{name}.md"
    texts = dict(_SECTION.findall(file.read_text("utf-8"))) if file.exists() else {}
    module = import_module(f"netspec.errors.{name}")
    return {
        kind.code: _explanation(kind, texts.get(kind.code, ""))
        for kind in vars(module).values()
        if isinstance(kind, type)
        and issubclass(kind, Message)
        and hasattr(kind, "code")
    }


def _explanation(kind: type[Message], section: str) -> Explanation:
    examples = tuple(Example(*found) for found in _FENCE.findall(section))
    text = _FENCE.sub("", section).strip()
    return Explanation(kind.code, kind.severity, _plain(kind.message), text, examples)


def _plain(template: str) -> str:
    """A message with its fields as `…`."""
    return re.sub(r"\{\w+\}", "…", template).replace("{{", "{").replace("}}", "}")
