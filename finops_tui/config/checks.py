"""What only the whole config can tell: names that clash, and names of things that do not exist."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Sequence

from finops_tui.config.document import Document, Path, dotted
from finops_tui.config.models import BandSettings, Config, source_name
from finops_tui.config.problem import Problem
from finops_tui.config.redaction import redact
from finops_tui.errors import ConfigError
from finops_tui.sources.prometheus.settings import PrometheusSettings
from finops_tui.ui.acts import KEY_ID
from finops_tui.ui.keymap import resolve as resolve_keys
from finops_tui.ui.layout import DETAIL, LAYOUTS

PANES = (*dict.fromkeys(pane for layout in LAYOUTS for pane in layout.panes), DETAIL)


def cross_check(config: Config, document: Document, themes: Collection[str] = ()) -> list[Problem]:
    """Return what is wrong in a config whose every section is right by itself.

    `themes` are the names of those there are; without them the theme's name is not checked.
    """
    found = (
        *_sources(config),
        *_slos(config),
        *_prices(config),
        *_layouts(config),
        *_own_keys(config),
        *_keymap(config),
        *_theme(config, themes),
    )
    return [
        Problem(mark=document.mark(path), where=dotted(path), what=redact(what), fix=fix) for path, what, fix in found
    ]


Found = Iterator[tuple[Path, str, str]]


def _sources(config: Config) -> Found:
    yield from _twice(
        ("sources", ""), [source_name(source) for source in config.sources], "Give each source its own name."
    )


def _slos(config: Config) -> Found:
    asked = {source.cluster for source in config.sources if isinstance(source, PrometheusSettings)}
    if config.slos and not asked:
        yield ("slos",), "objectives are measured by a Prometheus, and none is configured", "Add one under sources:."
        return
    for position, slo in enumerate(config.slos):
        if slo.cluster and slo.cluster not in asked:
            what = f"no Prometheus under sources: speaks for the cluster {slo.cluster}"
            yield ("slos", position, "cluster"), what, _meant(slo.cluster, asked)
    names = [f"{slo.cluster}/{slo.service}/{slo.name}" for slo in config.slos]
    yield from _twice(("slos", "name"), names, "Within a service and cluster each objective needs its own name.")


def _prices(config: Config) -> Found:
    clusters = {source.cluster for source in config.sources}
    for position, override in enumerate(config.pricing.overrides):
        if override.cluster and override.cluster not in clusters:
            path = ("pricing", "overrides", position, "cluster")
            yield path, f"no source speaks for the cluster {override.cluster}", _meant(override.cluster, clusters)


def _layouts(config: Config) -> Found:
    built_in = [layout.name for layout in LAYOUTS]
    names = built_in + [layout.name for layout in config.layouts]
    fix = "The built-in layouts are " + ", ".join(built_in) + "."
    for path, what, _ in _twice(("layouts", "name"), names, fix):
        yield ("layouts", int(path[1]) - len(built_in), "name"), what, fix
    if config.layout not in names:
        yield ("layout",), f"there is no layout {config.layout}", _meant(config.layout, names)
    for position, layout in enumerate(config.layouts):
        for part, bands in (("bands", layout.bands), ("wide_bands", layout.wide_bands)):
            yield from _panes(("layouts", position, part), bands)


def _panes(path: Path, bands: Sequence[BandSettings]) -> Found:
    seen: set[str] = set()
    for row, band in enumerate(bands):
        for column, pane in enumerate(band.panes):
            here = (*path, row, "panes", column)
            if pane not in PANES:
                yield here, f"there is no pane {pane}", _meant(pane, PANES)
            elif pane in seen:
                yield here, f"the pane {pane} already stands in this layout", "Show each pane once."
            seen.add(pane)


def _own(config: Config) -> dict[str, tuple[str, ...]]:
    return {f"{KEY_ID}{action.id}": (action.key,) for action in config.actions if action.key}


def _own_keys(config: Config) -> Found:
    """Hold the key of each action of one's own against those of the program, as they are after the keymap."""
    moved = {id_: keys for id_, keys in config.keymap.items() if not id_.startswith(KEY_ID)}
    for number, action in enumerate(config.actions):
        try:
            resolve_keys(moved, {f"{KEY_ID}{action.id}": (action.key,)} if action.key else {})
        except ConfigError as error:
            if f"{KEY_ID}{action.id}" in error.title:
                yield ("actions", number, "key"), error.title.removeprefix("keymap: "), error.hint


def _keymap(config: Config) -> Found:
    """Each key by itself first, so that every mistake is told; clashes only among keys that are right."""
    wrong = False
    own = _own(config)
    for id_, keys in config.keymap.items():
        try:
            resolve_keys({id_: keys}, {name: each for name, each in own.items() if name == id_})
        except ConfigError as error:
            if len(config.keymap) == 1 or "bound to both" not in error.title:
                wrong = True
                yield ("keymap", id_), error.title.removeprefix("keymap: "), error.hint
    if not wrong and config.keymap:
        try:
            resolve_keys(config.keymap, {name: each for name, each in own.items() if name in config.keymap})
        except ConfigError as error:
            yield ("keymap",), error.title.removeprefix("keymap: "), error.hint


def _theme(config: Config, themes: Collection[str]) -> Found:
    if config.theme and themes and config.theme not in themes:
        yield ("theme",), f"there is no theme {config.theme}", _meant(config.theme, themes)


def _twice(path: tuple[str, str], names: Sequence[str], fix: str) -> Found:
    section, field = path
    first: dict[str, int] = {}
    for position, name in enumerate(names):
        if first.setdefault(name, position) != position:
            here: Path = (section, position, field) if field else (section, position)
            yield here, f"{name} stands here for the second time", fix


def _meant(word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    return f"Did you mean {close[0]}?" if close else "Known are: " + (", ".join(names) or "none") + "."
