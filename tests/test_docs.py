"""The examples of README.md and docs/*.md, executed, each page one test case.

How a fenced block is read:

    ```yaml              a whole spec (from `netspec:` to a graph) must check, unwarned
    ```yaml file=NAME    the same, and saved under the name for later blocks
    ```yaml unchecked    is saved and no more; so is ```python file=NAME
    ```yaml error        an erroneous spec; the ```text after it is what check prints
    ```python            runs, as doctests if it holds a `>>>`; a page shares its names
    ```console           each `$ command` runs and prints the lines below it

In shown output, `…` stands for any text in a line, and alone for any lines. Blocks of
other kinds, and fragments of YAML, are only shown.
"""

import doctest
import io
import re
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.shell import run

ROOT = Path(__file__).parent.parent
PAGES = [
    path
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    if "\nMade by `netspec" not in path.read_text()  # these have tests of their own
]
FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.M | re.S)
WHOLE_SPEC = re.compile(r"\A(#.*\n)*netspec:(?=.*^(graph|extends):)", re.M | re.S)
COMMAND = re.compile(r"^\$ (.*(?:\\\n.*)*)\n((?:(?!\$ ).*\n)*)", re.M)


class Block(NamedTuple):
    """A fenced block, and the line of the page that its text starts on."""

    language: str
    info: str
    text: str
    line: int

    @property
    def file(self) -> str:
        """The name that the block is saved under."""
        named = re.search(r"file=(\S+)", self.info)
        return named[1] if named else "spec.yaml"


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found = FENCE.finditer(page)
    return [
        Block(
            fence[1],
            fence[2].strip(),
            fence[3],
            page.count("\n", 0, fence.start(3)) + 1,
        )
        for fence in found
    ]


def matches(shown: str, printed: str) -> bool:
    """Whether what is printed is what a page shows, `…` standing for anything."""
    pattern = re.escape(shown.strip("\n"))
    pattern = re.sub(r"^…(\\\n)?", "(?s:.*?)", pattern, flags=re.M)
    return re.fullmatch(pattern.replace("…", ".*"), printed.strip("\n")) is not None


class Page:
    """Runs a page's blocks one after the other in the working directory."""

    def __init__(self, text: str) -> None:
        self.blocks = iter(blocks(text))
        self.names: dict[str, object] = {"__name__": "__main__"}

    def run(self) -> None:
        readers = {"yaml": self.yaml, "python": self.python, "console": self.console}
        for block in self.blocks:
            if block.language in readers:
                readers[block.language](block)

    def yaml(self, block: Block) -> None:
        whole = WHOLE_SPEC.match(block.text) is not None
        error = "error" in block.info.split()
        if "file=" in block.info or whole or error:
            Path(block.file).parent.mkdir(exist_ok=True)
            Path(block.file).write_text(block.text)
        if error:
            self.refused(block, next(self.blocks))
        elif whole and "unchecked" not in block.info:
            printed, status = run(f"netspec check --strict {block.file}")
            assert status == 0, f"line {block.line}: the spec is refused\n{printed}"

    def refused(self, block: Block, shown: Block) -> None:
        assert shown.language == "text", f"line {block.line}: its output must follow"
        printed, _ = run(f"netspec check {block.file}")
        said = f"line {shown.line}: it prints\n{printed}"
        assert printed.strip("\n") == shown.text.strip("\n"), said

    def python(self, block: Block) -> None:
        if "file=" in block.info:
            Path(block.file).write_text(block.text)
        elif ">>> " in block.text:
            parsed = doctest.DocTestParser().get_doctest(
                block.text, self.names, "example", None, block.line - 1
            )
            runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
            printed = io.StringIO()
            runner.run(parsed, out=printed.write, clear_globs=False)
            self.names.update(parsed.globs)
            assert not runner.failures, printed.getvalue()
        else:
            code = "\n" * (block.line - 1) + block.text
            exec(compile(code, "example", "exec"), self.names)

    def console(self, block: Block) -> None:
        for command, shown in COMMAND.findall(block.text):
            printed, status = run(command)
            said = f"line {block.line}: `{command}` prints\n{printed}"
            assert matches(shown, printed) if shown.strip() else status == 0, said


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with the shipped specs, as the working directory."""
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    monkeypatch.setenv("COLUMNS", "88")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
@pytest.mark.usefixtures("folder")
def test_examples(path: Path) -> None:
    Page(path.read_text()).run()


def test_elision() -> None:
    assert matches("a…c\n…\nz\n", "abc\nx\ny\nz\n")
    assert matches("a\n…\n", "a\nb\nc\n")
    assert not matches("a\nz\n", "a\nb\nz\n")
