"""The examples of an explanation, tried as a user would."""

import re
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from shutil import copytree
from typing import NamedTuple

from netspec.explain import Example, Explanation, shared
from tests.shell import ROOT, run, start
from tests.worlds import Answers, world

CHECK = "netspec check {file} {options}"
TRAIN = "netspec train spec.yaml --recipe {file} {options}"
USUAL = {"NS08": TRAIN, "NS09": TRAIN}  # by a code's first digits; else CHECK
_SAID = re.compile(r"^(?:error|warning)\[(NS\d{4})\]", re.M)


class Outcome(NamedTuple):
    """What came of an example: the codes it said, and how each command ended."""

    codes: set[str]
    statuses: list[int]
    printed: str


def tried(entry: Explanation, name: str) -> Outcome:
    """What comes of the example "wrong" or "right", in the working directory."""
    for file, text in shared().items():
        Path(file).write_text(text)
    if any("specs/" in example.text for example in entry.examples):
        copytree(ROOT / "specs", "specs")
    for example in entry.examples:
        if example.language != "console":
            Path(_file(example)).write_text(_whole(example))
    with world(entry.code) as answers, ExitStack() as later:
        done = [_done(line, answers, later) for line in _commands(entry, name)]
    printed = "".join(text for text, _ in done)
    statuses = [status for _, status in done]
    return Outcome(set(_SAID.findall(printed)), statuses, printed)


def _file(example: Example) -> str:
    is_file = example.name not in ("wrong", "right")
    return example.name if is_file else f"{example.name}.yaml"


def _whole(example: Example) -> str:
    """A file's text; a piece of a spec follows the head that all share."""
    is_piece = re.search(r"^graph:", example.text, re.M) is not None
    is_piece &= not example.text.startswith("netspec:")
    return shared()["head.yaml"] + example.text if is_piece else example.text


def _commands(entry: Explanation, name: str) -> list[str]:
    (example,) = (one for one in entry.examples if one.name == name)
    if example.language == "console":
        return [line.removeprefix("$ ") for line in example.text.splitlines()]
    if example.options.startswith("netspec "):
        return [example.options]
    usual = USUAL.get(entry.code[:4], CHECK)
    return [usual.format(file=_file(example), options=example.options)]


def _done(command: str, answers: Answers, later: ExitStack) -> tuple[str, int]:
    """What a command prints and its status; one with an `&` runs until `later`."""
    if command in answers:
        answers[command]()
        return "", 0
    if command.endswith(" &"):
        later.callback(_end, _started(command.removesuffix(" &")))
        return "", 0
    return run(command)


def _started(command: str) -> "subprocess.Popen[str]":
    """A trainer that holds its run folder."""
    process = start(command)
    lock = Path(command.split("--out ")[1], ".lock")
    end = time.monotonic() + 90
    while not (lock.exists() and lock.read_text()):
        assert process.poll() is None
        assert time.monotonic() < end, "it never began"
        time.sleep(0.01)
    return process


def _end(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.wait()
