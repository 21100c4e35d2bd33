"""Text to YAML's events; where a scanner gives up, a finding says why."""

from collections.abc import Iterator
from typing import Any

import yaml

from netspec.diagnostics import Findings, Source, SpecError
from netspec.errors.source import TooLarge, YamlSyntax
from netspec.limits import Limits
from netspec.source import problems

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
NESTED = "maximum nesting depth"  # libyaml has a limit of its own since 0.2.6
_FRAME = (yaml.StreamStartEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)

Events = Iterator[Any]  # what an event carries, PyYAML's types do not say


def scan(source: Source, limits: Limits, findings: Findings) -> Events:
    """The events of interest. Raises SpecError, with the findings so far."""
    try:
        for event in yaml.parse(source.text, Loader=LOADER):
            if not isinstance(event, _FRAME):
                yield event
    except yaml.MarkedYAMLError as error:
        if NESTED in problems.said(error):
            span, what = problems.place(source, error), "the levels of nesting"
            deep = TooLarge.of(span, what, limits, "yaml_depth")
            raise SpecError(deep) from None
        last = problems.syntax(source, error)  # a mistake may be known already
        told = {finding.span: finding for finding in (*findings, last)}
        raise SpecError(*told.values()) from None
    except (yaml.reader.ReaderError, UnicodeEncodeError) as error:
        place = error.start if isinstance(error, UnicodeError) else error.position
        span = problems.character_after(source, source.text[:place])
        problem = "this character is not allowed in YAML"
        raise SpecError(YamlSyntax(span=span, problem=problem)) from None
