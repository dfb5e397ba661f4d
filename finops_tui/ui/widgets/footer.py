"""The last line: the keys that work now, and how the sources answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from finops_tui.ui.glyphs import SEPARATOR
from finops_tui.ui.palette import PANEL, Palette, Span
from finops_tui.ui.widgets.lines import Line, Lines, spread, width_of

NEVER_DROPS = "help"


class KeyHint(NamedTuple):
    key: str
    verb: str
    dim: bool = False
    """Whether it would come to nothing now, as the verb says."""


class Hints(NamedTuple):
    keys: tuple[KeyHint, ...] = ()
    """In the order act, open, find, help. The one whose verb is `help` stays whatever goes."""
    sources: tuple[Span, ...] = ()
    """One span per source, worst first: `~ prom down 6m`, `k8s live`."""


def sources_line(sources: Sequence[Span], palette: Palette) -> Line:
    """Join what the sources say: `~ prom down 6m · k8s live`."""
    line: Line = []
    for source in sources:
        if line:
            line.append(palette.fold((f" {SEPARATOR} ", "quiet")))
        line.append(palette.fold(source))
    return line


class Footer(Lines[Hints]):
    """`p pause   enter details   ? help            prom 4s · k8s live`."""

    GROUND = PANEL

    def __init__(self, value: Hints | None = None, *, id: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(value or Hints(), id=id)

    def draw(self, width: int, palette: Palette) -> list[Line]:
        keys = list(self.value.keys)
        sources = list(self.value.sources)
        while True:
            left = [(" ", "text"), *self._keys(keys, palette)]
            right = [*sources_line(sources, palette), (" ", "text")]
            needed = width_of(left) + width_of(right) + (3 if sources and keys else 0)
            droppable = [index for index, hint in enumerate(keys) if hint.verb != NEVER_DROPS]
            if needed <= width:
                break
            if len(sources) > 1 or (sources and sources[0][1] == "quiet"):
                sources.pop()
            elif droppable:
                del keys[droppable[-1]]
            elif sources:
                sources.pop()
            else:
                break
        return [spread(left, right, width)]

    @staticmethod
    def _keys(hints: Sequence[KeyHint], palette: Palette) -> Line:
        line: Line = []
        for hint in hints:
            if line:
                line.append(("   ", "text"))
            key, verb = ("quiet", "quiet") if hint.dim else ("key", "text")
            line += [palette.fold((hint.key, key)), (" ", "text"), palette.fold((hint.verb, verb))]
        return line


class SourcesLine(Lines[tuple[Span, ...]]):
    """The sources on a line of their own, at its right end, where the footer has no room for them."""

    def __init__(self, value: tuple[Span, ...] = (), *, id: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(value, id=id)

    def draw(self, width: int, palette: Palette) -> list[Line]:
        sources = list(self.value)
        line = sources_line(sources, palette)
        while sources and width_of(line) + 2 > width:
            sources.pop()
            line = sources_line(sources, palette)
        return [spread([], [*line, (" ", "text")], width)]
