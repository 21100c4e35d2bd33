"""What `netspec view` shows of a spec: its page, and what changes when it is saved."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from netspec.diagnostics import Finding, SpecError
from netspec.draw import levels
from netspec.draw.html import page, page_model
from netspec.draw.model import Drawing
from netspec.draw.options import Options
from netspec.draw.picture import look_of, model
from netspec.graph import Elaborated
from netspec.limits import DEFAULT, Limits
from netspec.rendering import render
from netspec.source import load

EVENTS = "/events"
PAUSE = 0.25  # seconds between looks at the files


class Watched:
    """A spec's last good drawing, and what is wrong with it now.

    `compile` reads the spec anew and raises SpecError.
    """

    def __init__(
        self,
        path: str,
        compile: Callable[[], Elaborated],
        options: Options,
        limits: Limits = DEFAULT,
    ) -> None:
        self.path = path
        self.compile = compile
        self.options = options
        self.limits = limits
        self.drawing: Drawing | None = None
        self.findings: tuple[Finding, ...] = ()
        self.files = {path}
        self.lock = threading.Lock()  # several pages may be open
        self.read()

    def read(self) -> None:
        """Compile the spec as it is now; a bad one keeps the last good drawing."""
        with self.lock:
            try:
                drawing = model(self.compile(), self.options)
                text = load(self.path, self.limits).text
                own = {self.path: text}  # first, even if it only extends
                sources = tuple((own | dict(drawing.sources)).items())
                self.drawing = drawing._replace(sources=sources)
            except SpecError as error:
                self.findings = error.findings
                self.files |= {finding.span.source.name for finding in error.findings}
                return
            self.findings = ()
            self.files |= {file for file, _ in self.drawing.sources}

    def page(self) -> str:
        """The page as it is now."""
        drawing = self.drawing or Drawing(Path(self.path).stem, "", (), ())
        opened = levels.opened(drawing, self.options)
        return page(drawing, opened, look_of(self.options), live=EVENTS)

    def message(self) -> str:
        """What the page is told: the drawing, or what is wrong and where."""
        told: dict[str, Any] = {"errors": render(self.findings)}
        if self.findings:
            told["source"] = self._source()
        elif self.drawing is not None:
            opened = levels.opened(self.drawing, self.options)
            look = look_of(self.options)
            told["model"] = page_model(self.drawing, opened, look, live=EVENTS)
        return json.dumps(told)

    def _source(self) -> dict[str, Any]:
        first = self.findings[0].span.source
        lines = [f.span.line for f in self.findings if f.span.source.name == first.name]
        try:
            text = load(first.name, self.limits).text
        except SpecError:
            text = first.text
        return {"file": first.name, "text": text, "lines": lines}

    def stamps(self) -> dict[str, int]:
        """When each file was last changed; 0 for one that cannot be seen."""
        found = {}
        for file in sorted(self.files):
            try:
                found[file] = Path(file).stat().st_mtime_ns
            except (OSError, ValueError):
                found[file] = 0
        return found

    def changes(self, done: Callable[[], bool]) -> Iterator[str | None]:
        """A message at first and after each change; None when nothing happened."""
        before = self.stamps()
        yield self.message()
        while not done():
            time.sleep(PAUSE)
            now = self.stamps()
            if now == before:
                yield None
                continue
            self.read()
            before = self.stamps()
            yield self.message()
