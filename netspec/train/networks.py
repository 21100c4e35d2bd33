"""Specs as the trainer sees them: compiled networks, their files and their lines."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netspec import link, source
from netspec.compiler import network_of
from netspec.diagnostics import Finding, Source, Span, SpecError
from netspec.errors.recipe import RecipeConflict, UnknownField
from netspec.limits import DEFAULT, Limits
from netspec.source import Mapping as MappingTree
from netspec.source import Scalar, Sequence, Tree

if TYPE_CHECKING:
    from netspec.train.recipe import Recipe


def open_network(
    spec: Path,
    given: Mapping[str, Any],
    *,
    limits: Limits = DEFAULT,
    allow_python: Iterable[str] = (),
    at: Span | None = None,
) -> Any:
    """The spec compiled with the params given: values, or trees that say their place.

    Its module runs `python:` types of the modules in `allow_python` alone; `at` is
    where a recipe names the spec. Raises SpecError.
    """
    linked = link.load(spec, limits=limits, at=at)
    return network_of(linked, given, None, limits, tuple(allow_python))


def placed_params(recipe: "Recipe", given: Mapping[str, str]) -> dict[str, Tree]:
    """The params of a recipe and of `--param`, each to be told by its own place."""
    section = recipe.written.entries.get("params") if recipe.written else None
    found: dict[str, Tree] = {}
    if section and isinstance(section.value, MappingTree):
        found = {name: entry.value for name, entry in section.value.entries.items()}
    return found | {name: _param(name, text) for name, text in given.items()}


def plain_param(value: Any) -> Any:
    """The value of a param, which may be a tree that says its place."""
    trees = (Scalar, Sequence, MappingTree)
    return source.plain(value) if isinstance(value, trees) else value


def _param(name: str, text: str) -> Tree:
    place = Source(f"--param {name}", text)
    empty = Scalar("", "", Span(place, 1, 1, 1, 1))
    return source.parse(place) if text.strip() else empty


def meant_params(
    findings: Iterable[Finding], spec: Path, settings: Mapping[str, str]
) -> list[Finding]:
    """The findings about a recipe; a `--set` that names a param of the spec says so."""
    try:
        declared = fitting(spec, settings)
    except SpecError:
        declared = {}

    def told(finding: Finding) -> Finding:
        field = finding.field if isinstance(finding, UnknownField) else None
        if field not in declared or finding.span.source.name != f"--set {field}":
            return finding
        return RecipeConflict(
            span=finding.span,
            what=finding.title,
            reason=f"`{field}` is a param of the spec",
            instead=f"--param {field}={settings[field]}",
        )

    return [told(finding) for finding in findings]


def fitting(
    spec: Path, found: Mapping[str, Any], limits: Limits = DEFAULT
) -> dict[str, Any]:
    """Of params that the data suggests, those the spec declares. Raises SpecError."""
    declared = link.load(spec, limits=limits).document.params
    return {name: value for name, value in found.items() if name in declared}


def files_of(spec: Path, limits: Limits = DEFAULT) -> dict[str, str]:
    """A spec and all files it extends or imports, by their path from its folder."""
    texts: dict[str, str] = {}
    _collect(Path(os.path.normpath(spec)), texts, limits)
    top = os.path.commonpath([os.path.dirname(os.path.abspath(p)) for p in texts])
    return {os.path.relpath(path, top): text for path, text in texts.items()}


def _collect(path: Path, texts: dict[str, str], limits: Limits) -> None:
    if str(path) in texts:
        return
    text = source.load(path, limits)
    texts[str(path)] = text.text
    for name in _named_files(source.parse(text, limits)):
        _collect(Path(os.path.normpath(path.parent / name)), texts, limits)


def _named_files(tree: Tree) -> Iterator[str]:
    if not isinstance(tree, MappingTree):
        return
    found: list[Tree] = []
    if "extends" in tree.entries:
        found.append(tree.entries["extends"].value)
    if "imports" in tree.entries:
        imports = tree.entries["imports"].value
        found += imports.items if isinstance(imports, Sequence) else [imports]
    for item in found:
        if isinstance(item, Scalar) and not item.text.startswith(link.SCHEME):
            yield item.text


def resolved(
    spec: Path,
    name: str,
    params: Mapping[str, Any],
    limits: Limits = DEFAULT,
    under: str = "spec",
) -> dict[str, str]:
    """The files of a run folder that hold a spec: `spec.yaml`, and `spec/…`.

    `spec.yaml` extends the copy of the spec and settles its params; a helping network
    lies `under` its own name.
    """
    import yaml

    copies = files_of(spec, limits)
    first = next(iter(copies))  # the spec itself is read first
    head = {"netspec": 1, "name": name, "extends": f"{under}/{first}"}
    if params:
        head["params"] = {name: plain_param(value) for name, value in params.items()}
    text = yaml.safe_dump(head, sort_keys=False, allow_unicode=True)
    return {f"{under}.yaml": text} | {f"{under}/{k}": v for k, v in copies.items()}
