"""Where a file is that a spec names: inside the root, or shipped with netspec."""

import os
from pathlib import Path

from netspec.diagnostics import SpecError
from netspec.errors import link as errors
from netspec.errors.source import TooLarge
from netspec.limits import Limits
from netspec.source import Scalar
from netspec.spelling import suggest

LIBRARY = Path(__file__).parent / "blocks"
SCHEME = "netspec:"


def root_of(path: str | Path) -> Path:
    """The working directory if the spec is inside it, else the spec's own folder."""
    here, folder = Path.cwd().resolve(), Path(os.path.realpath(path)).parent
    return here if folder.is_relative_to(here) else folder


def locate(path: Scalar, folder: Path, root: Path, limits: Limits) -> Path:
    """The file that a path in a spec in `folder` leads to. Raises SpecError."""
    if path.text.startswith(SCHEME):
        return _shipped(path)
    if len(path.text) > limits.path_length:
        what, found = "the characters of a path", len(path.text)
        raise SpecError(TooLarge.of(path.span, what, limits, "path_length", found))
    target = folder / path.text
    printable = str(target).replace("\0", "\N{REPLACEMENT CHARACTER}")
    real = Path(os.path.realpath(printable))
    if not (real.is_relative_to(root) or real.is_relative_to(LIBRARY)):
        raise SpecError(
            errors.OutsideRoot(
                span=path.span, path=path.text, target=str(real), root=str(root)
            )
        )
    return target


def _shipped(path: Scalar) -> Path:
    name = path.text.removeprefix(SCHEME)
    known = sorted(file.stem for file in LIBRARY.glob("*.yaml"))
    if name not in known:
        listed = ", ".join(f"`{SCHEME}{other}`" for other in known)
        close = suggest(name, known)
        raise SpecError(
            errors.UnknownLibrary(
                span=path.span, name=name, known=listed, suggestion=close
            )
        )
    return LIBRARY / f"{name}.yaml"
