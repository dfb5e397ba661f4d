"""From paths and globs to objectives, or to one error that names every mistake in every file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import yaml

from finops_tui.sources.clean import one_line
from finops_tui.sources.prometheus.slo_settings import SloDefinition
from finops_tui.sources.slo_files import openslo, pyrra, sloth
from finops_tui.sources.slo_files.definition import Read
from finops_tui.sources.slo_files.mistakes import Mistakes, Place
from finops_tui.sources.slo_files.openslo_objects import KINDS, Objects
from finops_tui.sources.slo_files.values import Value, text_at

LARGEST_FILE = 1_000_000
"""Bytes."""
MOST_FILES = 1_000
EXPECTED = (
    f"Expected apiVersion {openslo.API_VERSION}, {sloth.API_VERSION} or {pyrra.API_VERSION}, "
    f"or version {sloth.VERSION}."
)


def read_slo_files(
    patterns: Sequence[str],
    config: Path,
    clusters: Collection[str],
    own: Sequence[SloDefinition] = (),
    marks: Sequence[tuple[int, int]] = (),
) -> tuple[SloDefinition, ...]:
    """Read the objectives that stand in other programs' files. Raises ConfigError that tells all mistakes at once.

    `patterns` are paths and globs, relative ones from the folder of the `config` file, where they stand at `marks`
    (line and column). `clusters` are those that a Prometheus speaks for, `own` the objectives of the config itself.
    """
    mistakes = Mistakes()
    objects = Objects()
    found: list[Read] = []
    for name, path in _files(patterns, config, marks, mistakes).items():
        found += _file(name, path, objects, mistakes)
    found += openslo.objectives(objects)
    _clash(found, own, clusters, str(config), mistakes)
    mistakes.raise_if_any()
    return tuple(each.slo for each in found)


def _files(
    patterns: Sequence[str], config: Path, marks: Sequence[tuple[int, int]], mistakes: Mistakes
) -> dict[str, Path]:
    """Return the files by the name that errors call them."""
    found: dict[str, Path] = {}
    for position, pattern in enumerate(patterns):
        here = Place(str(config), *(marks[position] if position < len(marks) else (1, 1)))
        where = f"slo_files[{position}]"
        try:
            matching = _matching(pattern, config.parent)
        except (OSError, ValueError, NotImplementedError, RuntimeError) as error:
            mistakes.add(here, where, f"cannot look for {pattern!a}: {error}")
            continue
        files = {name: path for name, path in matching.items() if path.is_file()}
        if not files:
            what = "this is a folder" if matching else f"no file matches {pattern}"
            mistakes.add(here, where, what, "Write slos/*.yaml; a relative path counts from the config file's folder.")
        known = {path.resolve() for path in found.values()}
        found.update((name, path) for name, path in files.items() if path.resolve() not in known)
        if len(found) > MOST_FILES:
            mistakes.add(here, where, f"more than {MOST_FILES:,} files match")
            return {}
    return found


def _matching(pattern: str, folder: Path) -> dict[str, Path]:
    """Return what matches; a relative pattern and its names count from `folder`."""
    expanded = Path(pattern).expanduser()
    if expanded.is_absolute():
        start = Path(expanded.anchor)
        return {one_line(path): path for path in sorted(start.glob(str(expanded.relative_to(start))))}
    if not expanded.parts:
        return {".": folder}
    return {one_line(path.relative_to(folder)): path for path in sorted(folder.glob(str(expanded)))}


def _file(name: str, path: Path, objects: Objects, mistakes: Mistakes) -> Iterator[Read]:
    top = Place(name, 1, 1)
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        mistakes.add(top, "", f"cannot be read: {error.strerror or error}")
        return
    except UnicodeDecodeError as error:
        mistakes.add(top, "", f"this is not UTF-8 text; byte {error.start} cannot be read")
        return
    if len(data) > LARGEST_FILE:
        mistakes.add(top, "", f"the file is larger than {LARGEST_FILE:,} bytes; these are no objectives")
        return
    try:
        documents = [Value(node, name, "", mistakes) for node in yaml.compose_all(text, yaml.SafeLoader)]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(name, mark.line + 1, mark.column + 1) if mark else top
        said = ", ".join(part for part in (error.context, error.problem) if part)
        mistakes.add(place, "", f"this is not YAML ({said})", "A text that begins with {{ must stand in quotes.")
        return
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mistakes.add(top, "", f"this is not YAML ({' '.join(str(error).split())})")
        return
    known = False
    for document in _flat(documents):
        read = _document(document, objects)
        if read is not None:
            known = True
            yield from read
    if not known:
        mistakes.add(top, "", "no objective stands in this file", EXPECTED)


def _flat(documents: Sequence[Value]) -> Iterator[Value]:
    """Yield the objects of documents that are lists of them, and of Kubernetes lists."""
    for document in documents:
        if document.is_list:
            yield from document.members()
        elif text_at(document, "kind").endswith("List") and document.get("items") is not None:
            yield from document.items("items")
        else:
            yield document


def _document(document: Value, objects: Objects) -> Iterator[Read] | None:
    """Read one object; None for what is none of these formats, as other objects that share a file."""
    version, kind = text_at(document, "apiVersion"), text_at(document, "kind")
    family = version.partition("/")[0].casefold()
    if text_at(document, "version") == sloth.VERSION:
        return sloth.from_file(document)
    if text_at(document, "version").startswith("prometheus/"):
        _wrong(document, "version", f"only {sloth.VERSION} is read")
        return iter(())
    if family in {"openslo", "openslo.com"}:
        if version != openslo.API_VERSION:
            _wrong(document, "apiVersion", f"only {openslo.API_VERSION} is read")
        elif kind not in KINDS:
            _wrong(document, "kind", f"expected one of {', '.join(KINDS)}")
        else:
            objects.add(kind, document)
        return iter(())
    for api, own, reader in (
        (sloth.API_VERSION, sloth.KIND, sloth.from_object),
        (pyrra.API_VERSION, pyrra.KIND, pyrra.from_object),
    ):
        if family == api.partition("/")[0]:
            if (version, kind) == (api, own):
                return reader(document)
            _wrong(document, "apiVersion" if version != api else "kind", f"expected {own} of {api}")
            return iter(())
    return None


def _wrong(document: Value, field: str, expected: str) -> None:
    value = document.need(field, expected)
    if value is not None:
        value.wrong(f"{value.shown()} stands here; {expected}")


def _clash(
    found: Sequence[Read], own: Sequence[SloDefinition], clusters: Collection[str], config: str, mistakes: Mistakes
) -> None:
    """Refuse what stands twice, and what no Prometheus is asked for."""
    if found and not clusters:
        what = "objectives are measured by a Prometheus, and none is configured"
        mistakes.add(found[0].place, "", what, f"Add one under sources: in {config}.")
        return
    first: dict[tuple[str, str, str], str] = {}
    for slo in own:
        for cluster in [slo.cluster] if slo.cluster else clusters:
            first[cluster, slo.service, slo.name] = config
    for slo, place in found:
        if slo.cluster and slo.cluster not in clusters:
            known = ", ".join(sorted(clusters))
            mistakes.add(place, "", f"no Prometheus speaks for the cluster {slo.cluster}", f"Known are: {known}.")
            continue
        places = [(cluster, slo.service, slo.name) for cluster in ([slo.cluster] if slo.cluster else clusters)]
        before = next((first[key] for key in places if key in first), None)
        if before is not None:
            mistakes.add(place, "", f"{slo.service}/{slo.name} already stands in {before}", "Remove one.")
        first.update((key, str(place)) for key in places if key not in first)
