"""Specs as the trainer sees them: compiled networks, their params and their lines."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import netspec


def open_network(spec: Path, given: Mapping[str, Any], found: Mapping[str, Any]) -> Any:
    """The spec compiled with the params given; `found` fills those it declares.

    Raises SpecError.
    """
    return netspec.compile(spec, **given)


def place_of(network: Any, path: str) -> str:
    """Where in the spec a module is written, as ` (file:line)`, or nothing."""
    return ""
