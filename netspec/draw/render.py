"""DOT text -> SVG, PNG or PDF, by the Graphviz that pygraphviz's wheels bundle.

Graphviz runs in a child process, because only a process can be stopped: `dot` takes
hours on some graphs. It sees the fonts of this package and no others.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

FONTS = Path(__file__).parent / "fonts"
WORKER = Path(__file__).parent / "worker.py"
TIME_LIMIT = 30.0
FORMATS = {"svg": "svg:svg:core", "png": "png:cairo", "pdf": "pdf:cairo"}

FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <match target="font">
    <edit name="hinting" mode="assign"><bool>false</bool></edit>
    <edit name="hintstyle" mode="assign"><const>hintnone</const></edit>
  </match>
  <alias><family>Roboto</family><accept><family>DejaVu Sans</family></accept></alias>
</fontconfig>
"""


class RenderError(Exception):
    """Graphviz could not draw this; the message says why and what to try."""


def render(dot: str, format: str, *, time_limit: float = TIME_LIMIT) -> bytes:
    """The picture as bytes. Raises RenderError where Graphviz fails or takes too long.

    `format` is a key of `FORMATS`; the time limit is in seconds.
    """
    with tempfile.TemporaryDirectory(prefix="netspec-") as folder:
        fonts = Path(folder, "fonts")  # a copy: fontconfig writes beside what it reads
        shutil.copytree(FONTS, fonts, ignore=shutil.ignore_patterns("*.txt", "*.md"))
        settings = Path(folder, "fonts.conf")
        settings.write_text(
            FONTCONFIG.format(fonts=escape(str(fonts)), cache=escape(folder)),
            encoding="utf-8",
        )
        environment = {**os.environ, "FONTCONFIG_FILE": str(settings)}
        return _run(dot, FORMATS[format], environment, time_limit)


def _run(
    dot: str, format: str, environment: dict[str, str], time_limit: float
) -> bytes:
    command = [sys.executable, "-P", str(WORKER), format]
    try:
        done = subprocess.run(
            command, input=dot.encode(), capture_output=True, env=environment,
            timeout=time_limit, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise RenderError(f"laying it out took more than {time_limit:g} s") from None
    if done.returncode or not done.stdout or b"Error:" in done.stderr:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise RenderError(f"Graphviz failed: {said[-1] if said else done.returncode}")
    return done.stdout
