"""What a built module can do: be copied, pickled, compiled, exported, traced."""

import copy
import pickle
import shutil
import subprocess
import sys
import traceback
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import Tensor, nn

import netspec

ROOT = Path(__file__).parent.parent
DIGITS = ROOT / "specs" / "digits_resnet.yaml"
BLOCK = ROOT / "specs" / "teaching" / "residual_block.yaml"
RESNET18 = ROOT / "specs" / "resnet18.yaml"


@pytest.fixture
def images() -> Tensor:
    return torch.rand(2, 1, 8, 8, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    return netspec.build(DIGITS).eval()


def emitted(path: Path, folder: Path) -> ModuleType:
    """The emitted file as an ordinary module, imported from disk in its own right."""
    from importlib.util import module_from_spec, spec_from_file_location

    file = folder / "emitted.py"
    file.write_text(netspec.compile(path).to_source())
    spec = spec_from_file_location("emitted", file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_deep_copy_is_equal_and_apart(model: nn.Module, images: Tensor) -> None:
    twin = copy.deepcopy(model)
    assert torch.equal(twin(images), model(images))
    with torch.no_grad():
        next(twin.parameters()).add_(1)
    assert not torch.equal(twin(images), model(images))


def test_a_pickle_loads_in_a_fresh_process(
    model: nn.Module, images: Tensor, tmp_path: Path
) -> None:
    (tmp_path / "pickle").write_bytes(pickle.dumps((model, images, model(images))))
    code = (
        "import pickle, sys, torch\n"
        "model, images, expected = pickle.load(open(sys.argv[1], 'rb'))\n"
        "assert torch.equal(model(images), expected)\n"
        "print(type(model).__name__)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "pickle")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "DigitsResnet", done.stderr


def test_it_compiles_whole(model: nn.Module, images: Tensor) -> None:
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(images), model(images))


@pytest.mark.skipif(not shutil.which("g++"), reason="Inductor needs a C++ compiler")
def test_inductor_compiles_it() -> None:
    model = netspec.build(BLOCK, in_channels=3, channels=4).eval()
    images = torch.rand(2, 3, 32, 32)
    compiled = torch.compile(model, fullgraph=True)
    torch.testing.assert_close(compiled(images), model(images))


def test_it_exports_with_dynamic_batch_and_sizes() -> None:
    model = netspec.build(RESNET18).eval()
    dynamic = torch.export.Dim.DYNAMIC
    program = torch.export.export(
        model,
        (torch.rand(2, 3, 64, 64),),
        dynamic_shapes=({0: dynamic, 2: dynamic, 3: dynamic},),
    )
    other = torch.rand(3, 3, 96, 80)
    torch.testing.assert_close(program.module()(other), model(other))


def test_it_traces(model: nn.Module, images: Tensor) -> None:
    traced = torch.fx.symbolic_trace(model)
    assert torch.equal(traced(images), model(images))


def test_it_trains_in_parallel(images: Tensor, tmp_path: Path) -> None:
    store = f"file://{tmp_path / 'store'}"
    torch.distributed.init_process_group("gloo", store, rank=0, world_size=1)
    try:
        torch.manual_seed(0)
        model = netspec.build(DIGITS)
        alone = copy.deepcopy(model)
        parallel = nn.parallel.DistributedDataParallel(model)
        parallel(images).sum().backward()
    finally:
        torch.distributed.destroy_process_group()
    alone(images).sum().backward()
    for first, second in zip(model.parameters(), alone.parameters(), strict=True):
        assert torch.equal(first.grad, second.grad)


def test_its_repr_is_pytorchs_own(model: nn.Module) -> None:
    shown = repr(model)
    assert shown.startswith("DigitsResnet(")
    assert "(layer1): Sequential(" in shown
    assert "(0): BasicBlock(" in shown


def test_a_traceback_shows_emitted_lines(model: nn.Module) -> None:
    with pytest.raises(RuntimeError) as failure:
        model(torch.rand(2, 3, 8, 8))
    lines = "".join(traceback.format_exception(failure.value))
    assert "x = self.conv1(input)" in lines or "x = self.conv1(x)" in lines
    assert "netspec digits_resnet" in lines


@pytest.mark.parametrize("path", [DIGITS, RESNET18], ids=lambda path: path.stem)
@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
def test_the_emitted_file_is_the_live_module(
    path: Path, training: bool, tmp_path: Path
) -> None:
    network = netspec.compile(path)
    live = network.to_module().train(training)
    file = getattr(emitted(path, tmp_path), type(live).__name__)().train(training)
    assert list(file.state_dict()) == list(live.state_dict())
    file.load_state_dict(live.state_dict())
    shape = network.graph.inputs[0].type.at({"H": 48, "W": 40})
    given = torch.rand(2, *shape)
    first, second = live(given), file(given)
    assert torch.equal(first, second)
    first.square().sum().backward()
    second.square().sum().backward()
    for one, other in zip(live.parameters(), file.parameters(), strict=True):
        assert torch.equal(one.grad, other.grad)


@pytest.mark.parametrize("path", [DIGITS, RESNET18], ids=lambda path: path.stem)
def test_the_same_seed_gives_the_same_weights(path: Path, tmp_path: Path) -> None:
    torch.manual_seed(3)
    built = netspec.build(path)
    torch.manual_seed(3)
    plain = getattr(emitted(path, tmp_path), type(built).__name__)()
    for name, value in built.state_dict().items():
        assert torch.equal(value, plain.state_dict()[name]), name


def test_reset_parameters_starts_anew(model: nn.Module) -> None:
    before = {name: value.clone() for name, value in model.state_dict().items()}
    torch.manual_seed(0)
    model.reset_parameters()
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]), name
    model.reset_parameters()
    assert not torch.equal(model.conv1.weight, before["conv1.weight"])


def test_the_emitted_file_checks_itself(tmp_path: Path) -> None:
    emitted(DIGITS, tmp_path)
    command = [sys.executable, str(tmp_path / "emitted.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("42,938 parameters")


def test_what_is_known_without_torch_is_true(model: nn.Module) -> None:
    network = netspec.compile(DIGITS)
    state = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    assert network.state == state
    assert network.parameters == sum(p.numel() for p in model.parameters())
    seen: dict[str, tuple[int, ...]] = {}
    for path, module in model.named_modules():
        module.register_forward_hook(
            lambda _, __, result, path=path: seen.update({path: tuple(result.shape)})
        )
    model(torch.rand(5, 1, 8, 8))
    for path, shape in network.shapes.items():
        if ":" not in path:  # a join is no module
            assert seen[path] == (5, *shape), path


def test_a_param_called_as_an_argument_of_compile_is_build_s_own() -> None:
    spec = netspec.loads(
        "netspec: 1\nparams: {sizes: 8}\ninput: [3]\n"
        "graph: {fc: {type: Linear, out_features: $sizes}}\n"
    )
    assert netspec.build(spec, sizes=5).fc.out_features == 5
