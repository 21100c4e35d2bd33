"""The golden errors: `tests/errors/CASE.yaml` beside `CASE.err`, the text a user sees.

A case whose first line is `# run: ARGUMENTS` calls netspec with them; any other is
checked. `--update-golden` writes what comes out.
"""

import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from netspec.cli import in_forward, main
from netspec.compiler import compile
from netspec.diagnostics import Message, SpecError
from netspec.failures import CodedError
from netspec.link import loads
from netspec.operators import OPERATORS
from netspec.spelling import did_you_mean

FOLDER = Path(__file__).parent / "errors"
CASES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
STAGES = (
    "source",
    "grammar",
    "link",
    "wiring",
    "elaborate",
    "verify",
    "recipe",
    "python",
    "weights",
    "export",
    "references",
    "draw",
)
ELSEWHERE = {  # what they take is made by a test
    "NS1003": "worlds.py",
    "NS1103": "test_pretrained.py",
    "NS1104": "test_pretrained.py",
    "NS1113": "test_export.py",
}
RUN = re.compile(r"# run: (.*)")


def shown(case: str) -> str:
    """What the command line prints on a case, paths of this machine left out."""
    first = (FOLDER / f"{case}.yaml").read_text().partition("\n")[0]
    call = RUN.fullmatch(first)
    arguments = shlex.split(call[1]) if call else ["check", f"{case}.yaml"]
    result = CliRunner().invoke(main, arguments, prog_name="netspec")
    output, error = result.output, result.exception
    if isinstance(error, SpecError | CodedError):
        output += f"{error}\n"
    elif error is not None and not isinstance(error, SystemExit):
        finding = in_forward(error)
        assert finding is not None
        output += f"{SpecError(finding)}\n"
    shipped = re.sub("netspec ships .*", "netspec ships …", output)
    return shipped.replace(str(FOLDER.parents[1]), "/…")


@pytest.mark.parametrize("case", CASES)
def test_message(
    case: str, update_golden: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FOLDER)
    golden, found = FOLDER / f"{case}.err", shown(case)
    if update_golden:
        golden.write_text(found)
    assert found == golden.read_text()


def test_no_orphans() -> None:
    assert {path.stem for path in FOLDER.glob("*.err")} == set(CASES)


def codes(stage: str) -> dict[str, str]:
    module = import_module(f"netspec.errors.{stage}")
    return {
        kind.code: name
        for name, kind in vars(module).items()
        if isinstance(kind, type) and issubclass(kind, Message) and "code" in vars(kind)
    }


@pytest.mark.parametrize("stage", STAGES)
def test_every_code_has_a_case(stage: str) -> None:
    seen = "".join(path.read_text() for path in FOLDER.glob("*.err"))
    missing = {c: name for c, name in codes(stage).items() if f"[{c}]" not in seen}
    assert missing.keys() <= ELSEWHERE.keys()


@pytest.mark.parametrize("code", ELSEWHERE)
def test_other_codes_are_tested(code: str) -> None:
    assert f'"{code}"' in (FOLDER.parent / ELSEWHERE[code]).read_text()


def test_codes_are_unique() -> None:
    found = [code for stage in STAGES for code in codes(stage)]
    assert len(found) == len(set(found))


SEVERAL = {
    "around_unknown",
    "bad_expression",
    "bad_names",
    "every_part",
    "expected_params",
    "independent",
    "many",
    "misspelt_declarations",
    "set_is_not_the_cause",
    "several_imports",
    "unknown_type_far",
    "unmatched_init",
    "wrong_argument",
    "wrong_import_around",
    "wrong_init",
    "wrong_param_type",
    "wrong_tie",
}
OTHERWISE = {"github", "github_trail", "json", "silenced", "unknown_limit"}


@pytest.mark.parametrize("case", sorted({*CASES} - SEVERAL - OTHERWISE))
def test_one_mistake_is_one_finding(case: str) -> None:
    text = (FOLDER / f"{case}.err").read_text()
    assert len(re.findall(r"^(?:error|warning)\[", text, re.M)) == 1


def test_names_that_are_equally_near_are_all_suggested() -> None:
    assert did_you_mean("Conv", OPERATORS) == (
        "did you mean `Conv1d`, `Conv2d` or `Conv3d`?"
    )
    assert did_you_mean("Conv2", OPERATORS) == "did you mean `Conv2d`?"
    assert did_you_mean("xyzzy", OPERATORS, "no") == "no"


def test_carets_stand_under_wide_characters() -> None:
    text = "netspec: 1\nname: a\ndoc: 日本語\ninput: [3]\ngraph: {日本: {tpye: ReLU}}\n"
    with pytest.raises(SpecError) as caught:
        compile(loads(text))
    line = next(line for line in str(caught.value).split("\n") if "^^" in line)
    assert line.startswith("  |         ^^^^")
