"""Hostile input is answered in words: at once, in little memory, in a child process."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from netspec.compiler import compile
from netspec.diagnostics import SpecError
from netspec.limits import DEFAULT, Limits
from tests.hostile import HEAD, SPECS, nodes

MEMORY = 400 * 2**20
PATIENCE = 20  # seconds of CPU that a shared machine may need for what takes 2


def bound() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))


def check(
    *arguments: str, folder: Path, stdin: int | bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    """`netspec check` under the limits of memory and time."""
    given = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin}
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        [sys.executable, "-m", "netspec", "check", *arguments],
        capture_output=True,
        preexec_fn=bound,
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
    if code in ("", "NS0606"):
        assert (result.returncode, "spec.yaml: ok" in said) == (0, True)
    else:
        assert (result.returncode, f"error[{code}]" in said) == (1, True), said[:2000]


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
    "yaml_depth": ("graph: [{graph: [{graph: [ReLU]}]}]\n", 5),
    "yaml_nodes": ("graph: [ReLU, ReLU, ReLU]\n", 5),
    "repeat": ("graph: [{type: ReLU, repeat: 9}]\n", 8),
    "nodes": ("graph: [{type: ReLU, repeat: 9}]\n", 8),
    "distinct_nodes": ("graph: [ReLU, ReLU, ReLU]\n", 2),
    "block_depth": ("graph: [{graph: [{graph: [ReLU]}]}]\n", 1),
    "dimension": ("graph: [{type: Linear, out_features: 9}]\n", 8),
    "elements": ("graph: [{type: Linear, out_features: 99}]\n", 4000),
    "parameters": ("graph: [{type: Linear, out_features: 99}]\n", 100),
    "list_length": ("params: {w: [1, 2]}\ngraph: [ReLU]\n", 1),
    "expression_length": ("graph: [{type: ReLU, repeat: 1 + 1 + 1}]\n", 8),
}


@pytest.mark.parametrize("name", RAISED)
def test_each_limit_can_be_set(name: str, tmp_path: Path) -> None:
    text, value = RAISED[name]
    path = tmp_path / "spec.yaml"
    path.write_text(HEAD + text)
    compile(path)
    with pytest.raises(SpecError) as caught:
        compile(path, limits=Limits(**{name: value}))
    codes = {finding.code for finding in caught.value.findings}
    assert codes <= {"NS0107", "NS0505", "NS0512"}


def test_limits_are_those_that_are_documented() -> None:
    assert DEFAULT.file_bytes == 256 * 1024
    assert (DEFAULT.yaml_nodes, DEFAULT.yaml_depth) == (50_000, 64)
    assert (DEFAULT.nodes, DEFAULT.repeat, DEFAULT.block_depth) == (200_000, 16_384, 16)
    assert (DEFAULT.elements, DEFAULT.parameters) == (2**40, 2**33)
