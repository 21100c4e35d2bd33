"""Hostile input is answered in words: at once, in little memory, in a child process."""

import os
import re
import resource
import subprocess
import sys
from functools import partial
from pathlib import Path

import click
import pytest

from netspec.cli import main
from netspec.compiler import compile
from netspec.diagnostics import SpecError
from netspec.limits import DEFAULT, Limits
from tests.hostile import HEAD, SPECS, nodes

MEMORY = 400 * 2**20
PATIENCE = 20  # seconds of CPU that a shared machine may need for what takes 2


def bound(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))


def check(
    *arguments: str, folder: Path, stdin: int | bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    """`netspec check` under the limits of memory and time."""
    return run("check", *arguments, folder=folder, stdin=stdin)


def run(
    *arguments: str,
    folder: Path,
    stdin: int | bytes | None = None,
    memory: int = MEMORY,
) -> subprocess.CompletedProcess[bytes]:
    """A command of netspec under the limits of memory and time."""
    given = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin}
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        [sys.executable, "-m", "netspec", *arguments],
        capture_output=True,
        preexec_fn=partial(bound, memory),
        cwd=folder,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        **given,
    )


@pytest.mark.parametrize("name", SPECS)
def test_hostile_spec(name: str, tmp_path: Path) -> None:
    text, code = SPECS[name]
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    (tmp_path / "spec.yaml").write_bytes(data)
    result = check("spec.yaml", folder=tmp_path)
    said = result.stderr.decode() + result.stdout.decode()
    assert "Traceback" not in said
    assert "\x1b" not in said
    assert len(said) < 60_000
    if code in ("", *WARNINGS):
        assert (result.returncode, "spec.yaml: ok" in said) == (0, True), said[:2000]
        assert not code or f"warning[{code}]" in said
    else:
        assert (result.returncode, f"error[{code}]" in said) == (1, True), said[:2000]
    if code == "NS0107":
        limit = re.search(r"the limit on .+ is ([\d,]+)", said)
        flag = re.search(r"`--limit (\w+)=N` raises it", said)
        assert limit
        assert flag
        assert f"{getattr(DEFAULT, flag[1]):,}" == limit[1]
        assert re.search(r"(over )?[\d,]+ here", said)


# What is only odd is built all the same.
WARNINGS = ("NS0603", "NS0604", "NS0606", "NS0609", "NS0611", "NS0613")
COMMANDS = {
    "summary": ["summary", "spec.yaml"],
    "python": ["build", "spec.yaml", "--stage", "python"],
    "draw": ["draw", "spec.yaml", "-o", "spec.dot"],
    "diff": ["diff", "spec.yaml", "spec.yaml"],
    "format": ["fmt", "spec.yaml"],
}


LARGE = ("long list of layers", "shared tower", "many shares", "huge padding")


@pytest.mark.parametrize("name", LARGE)
@pytest.mark.parametrize("command", COMMANDS)
def test_large_specs_are_worked_on(command: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(str(SPECS[name][0]))
    result = run(*COMMANDS[command], folder=tmp_path, memory=2 * MEMORY)
    assert (result.returncode, b"error" in result.stderr) == (0, False)
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {"spec.yaml"} | ({"spec.dot"} if command == "draw" else set())


READ_SPECS = (
    "check build summary draw view diff verify export fmt train eval predict".split()
)
MAKE_MODULES = "build verify export train eval predict".split()


@pytest.mark.parametrize("command", READ_SPECS)
def test_every_command_that_reads_a_spec_takes_limits(command: str) -> None:
    found = main.get_command(click.Context(main), command)
    assert found is not None
    options = {option for param in found.params for option in param.opts}
    assert "--limit" in options
    assert ("--allow-python" in options) == (command in MAKE_MODULES)


@pytest.mark.parametrize("command", ["summary", "draw", "diff", "fmt", "verify"])
def test_a_limit_holds_in_every_command(command: str, tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(nodes(["a: ReLU", "b: ReLU"]))
    more = {"diff": ["spec.yaml"], "verify": ["--against", "torchvision:alexnet"]}
    arguments = [command, "spec.yaml", *more.get(command, [])]
    result = run(*arguments, "--limit", "yaml_nodes=5", folder=tmp_path)
    said = result.stderr.decode()
    assert (result.returncode, "YAML nodes, aliases followed, is 5" in said) == (
        1,
        True,
    )


def test_folders_devices_and_pipes_are_no_specs(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for path in (
        ".",
        "pipe",
        "loop",
        "/dev/zero",
        "/dev/stdin/x",
        "no\udcffsuch",
        "a\n",
    ):
        result = check(path, folder=tmp_path, stdin=subprocess.DEVNULL)
        assert (path, result.returncode) == (path, 1)
        assert b"error[NS0101]" in result.stderr


def test_endless_standard_input(tmp_path: Path) -> None:
    with open("/dev/zero", "rb") as endless:
        result = check("-", folder=tmp_path, stdin=endless.fileno())
    assert result.returncode == 1
    assert b"error[NS0107]" in result.stderr


def test_standard_input(tmp_path: Path) -> None:
    result = check("-", folder=tmp_path, stdin=nodes(["a: ReLU"]).encode())
    assert (result.returncode, b"-: ok" in result.stdout) == (0, True)


@pytest.mark.parametrize(
    "path", ["../out.yaml", "/etc/passwd", "link.yaml", "in/../.."]
)
def test_no_file_outside_the_root_is_read(path: str, tmp_path: Path) -> None:
    folder = tmp_path / "root"
    folder.mkdir()
    (tmp_path / "out.yaml").write_text("netspec: 1\nblocks: {B: {graph: [ReLU]}}\n")
    (folder / "link.yaml").symlink_to("../out.yaml")
    (folder / "spec.yaml").write_text(HEAD + f"imports: [{path}]\ngraph: [B]\n")
    result = check("spec.yaml", folder=folder)
    assert b"error[NS0301]" in result.stderr
    assert check("spec.yaml", "--root", "..", folder=folder).returncode in (0, 1)


def test_files_that_import_each_other(tmp_path: Path) -> None:
    for i in range(100):
        more = f"imports: [b{i + 1}.yaml]\nblocks: {{B{i}: {{graph: [ReLU]}}}}\n"
        (tmp_path / f"b{i}.yaml").write_text("netspec: 1\n" + more)
    (tmp_path / "spec.yaml").write_text(HEAD + "imports: [b0.yaml]\ngraph: [B0]\n")
    result = check("spec.yaml", folder=tmp_path)
    assert b"the limit on imports within imports is 8" in result.stderr


def test_many_imports(tmp_path: Path) -> None:
    names = [f"b{i}.yaml" for i in range(100)]
    for i, name in enumerate(names):
        text = f"netspec: 1\nblocks: {{B{i}: {{graph: [ReLU]}}}}\n"
        (tmp_path / name).write_text(text)
    imports = f"imports: [{', '.join(names)}]\n"
    (tmp_path / "spec.yaml").write_text(HEAD + imports + "graph: [B0]\n")
    result = check("spec.yaml", folder=tmp_path)
    assert b"the limit on imported files is 64" in result.stderr


RAISED = {
    "file_bytes": ("graph: [ReLU]\n", 20),
    "import_bytes": ("imports: [b.yaml]\ngraph: [B]\n", 20),
    "import_files": ("imports: [b.yaml]\ngraph: [B]\n", 0),
    "import_depth": ("imports: [b.yaml]\ngraph: [B]\n", 0),
    "path_length": ("imports: [b.yaml]\ngraph: [B]\n", 5),
    "yaml_depth": ("graph: [{graph: [{graph: [ReLU]}]}]\n", 5),
    "yaml_nodes": ("graph: [ReLU, ReLU, ReLU]\n", 5),
    "integer": ("graph: [{type: ReLU, repeat: 99}]\n", 98),
    "expression_length": ("graph: [{type: ReLU, repeat: 1 + 1 + 1}]\n", 8),
    "expression_depth": ("graph: [{type: ReLU, repeat: (((((1)))))}]\n", 2),
    "exponent": ("graph: [{type: ReLU, repeat: 2 ** 4}]\n", 3),
    "steps": ("graph: [{type: ReLU, repeat: 1 + 1 + 1}]\n", 4),
    "params": ("params: {v: 1, w: 2}\ngraph: [ReLU]\n", 1),
    "repeat": ("graph: [{type: ReLU, repeat: 9}]\n", 8),
    "nodes": ("graph: [{type: ReLU, repeat: 9}]\n", 8),
    "distinct_nodes": ("graph: [ReLU, ReLU, ReLU]\n", 2),
    "block_depth": ("graph: [{graph: [{graph: [ReLU]}]}]\n", 1),
    "list_length": ("params: {w: [1, 2]}\ngraph: [ReLU]\n", 1),
    "init_matches": (
        "graph: [{type: Conv2d, out_channels: 1, kernel_size: 1}]\n"
        "init: [{type: Conv2d, weight: 0}]\n",
        0,
    ),
    "rank": ("graph: [{type: Reshape, shape: [3, 1, 32, 32]}]\n", 3),
    "dimension": ("graph: [{type: Linear, out_features: 99}]\n", 98),
    "elements": ("graph: [{type: Linear, out_features: 99}]\n", 4000),
    "parameters": ("graph: [{type: Linear, out_features: 99}]\n", 100),
}


@pytest.mark.parametrize("name", Limits.fields)
def test_each_limit_can_be_set(name: str, tmp_path: Path) -> None:
    text, value = RAISED[name]
    path = tmp_path / "spec.yaml"
    path.write_text(HEAD + text)
    (tmp_path / "b.yaml").write_text("netspec: 1\nblocks: {B: {graph: [ReLU]}}\n")
    compile(path)
    with pytest.raises(SpecError) as caught:
        compile(path, limits=Limits(**{name: value}))
    advice = {finding.advice for finding in caught.value.findings}
    assert f"`--limit {name}=N` raises it" in advice


def test_each_limit_is_documented() -> None:
    page = (Path(__file__).parents[1] / "docs" / "language.md").read_text()
    table = page.partition("## Limits")[2]
    assert [name for name in Limits.fields if f"`{name}`" not in table] == []


def test_limits_are_those_that_are_documented() -> None:
    assert DEFAULT.file_bytes == 256 * 1024
    assert (DEFAULT.yaml_nodes, DEFAULT.yaml_depth) == (50_000, 64)
    assert (DEFAULT.nodes, DEFAULT.repeat, DEFAULT.block_depth) == (200_000, 16_384, 16)
    assert (DEFAULT.elements, DEFAULT.parameters) == (2**40, 2**33)
