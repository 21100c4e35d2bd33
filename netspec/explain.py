"""What each code means: a paragraph, a spec that has it, and one that has not.

The texts stand beside the classes, a Markdown file a stage: `errors/source.md`.
"""

import re
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from netspec.diagnostics import Finding

FOLDER = Path(__file__).parent / "errors"
HEADER = "netspec: 1\nname: example\ninput: [3, 32, 32]\n"
_SECTION = re.compile(r"^## (NS\d{4})\n(.*?)(?=^## |\Z)", re.M | re.S)
_FENCE = re.compile(r"^```yaml (\S+) ?(.*?)\n(.*?)^```\n", re.M | re.S)


class Example(NamedTuple):
    """A piece of a spec: "wrong", "right" or a file that they name."""

    name: str
    options: str  # how it is checked: `--set width=16`
    text: str

    @property
    def whole(self) -> str:
        """A whole spec: one that starts with its params gets a usual header."""
        return self.text if self.text.startswith("netspec:") else HEADER + self.text


class Explanation(NamedTuple):
    """A code with its class's message and what is written about it."""

    code: str
    severity: str
    message: str
    text: str
    examples: tuple[Example, ...]

    def __str__(self) -> str:
        """As `netspec explain` prints it."""
        parts = [f"{self.severity}[{self.code}]: {self.message}", self.text]
        for example in self.examples:
            title = {"wrong": "Wrong", "right": "Right"}.get(
                example.name, f"with {example.name}"
            )
            title += f", with {example.options}" if example.options else ""
            body = "".join(f"    {line}\n" for line in example.text.splitlines())
            parts.append(f"{title}:\n\n{body.rstrip()}")
        return "\n\n".join(part for part in parts if part) + "\n"

    def to_markdown(self) -> str:
        """A section of the page that documents all codes."""
        parts = [f"## {self.code}", f"*{self.severity}*: {self.message}", self.text]
        for example in self.examples:
            title = f"{example.name} {example.options}".strip()
            parts.append(f"{title}:\n\n```yaml\n{example.text}```")
        return "\n\n".join(part for part in parts if part) + "\n"


def explanations() -> dict[str, Explanation]:
    """Every code that netspec can say, in order."""
    found = {}
    for file in sorted(FOLDER.glob("*.py")):
        if file.stem != "__init__":
            found.update(_stage(file.stem))
    return dict(sorted(found.items()))


def page() -> str:
    """All codes as one Markdown page."""
    head = (
        "# What netspec says\n\nMade by `netspec explain --all`; every code in order."
    )
    sections = (entry.to_markdown() for entry in explanations().values())
    return "\n\n".join([head, *(section.rstrip() for section in sections)]) + "\n"


def _stage(name: str) -> dict[str, Explanation]:
    """The codes of one file of `errors/`."""
    file = FOLDER / f"{name}.md"
    texts = dict(_SECTION.findall(file.read_text("utf-8"))) if file.exists() else {}
    module = import_module(f"netspec.errors.{name}")
    return {
        kind.code: _explanation(kind, texts.get(kind.code, ""))
        for kind in vars(module).values()
        if isinstance(kind, type) and hasattr(kind, "code") and kind is not Finding
    }


def _explanation(kind: type[Finding], section: str) -> Explanation:
    examples = tuple(Example(*found) for found in _FENCE.findall(section))
    text = _FENCE.sub("", section).strip()
    severity = getattr(kind, "severity", "error")
    return Explanation(kind.code, severity, _plain(kind.message), text, examples)


def _plain(template: str) -> str:
    """A message with its fields as `…`."""
    return re.sub(r"\{\w+\}", "…", template).replace("{{", "{").replace("}}", "}")
