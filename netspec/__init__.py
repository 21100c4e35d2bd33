"""netspec: a compiler from YAML architecture specs to PyTorch.

>>> import netspec
>>> network = netspec.compile("specs/resnet50.yaml")  # instant, without torch
>>> network.parameters
25557032
>>> model = netspec.build("specs/resnet50.yaml", num_classes=10)  # an nn.Module
"""

from netspec.compiler import build, compile
from netspec.diagnostics import Finding, SpecError
from netspec.limits import Limits
from netspec.link import Spec, load, loads
from netspec.network import Network

__all__ = [
    "Finding",
    "Limits",
    "Network",
    "Spec",
    "SpecError",
    "build",
    "compile",
    "load",
    "loads",
]
