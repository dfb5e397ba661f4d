"""Where everything stands on a screen of a given size. Pure: no Textual, so that config may know the layouts too.

Data never moves a pane: the same size, layout, pane and zoom always give the same frame (visual language, section 2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from finops_tui.model.scope import ScopeKind

MARGIN = 1
GAP = 3
SMALLEST = (40, 10)
STRIP_FROM = 34
"""Rows from which there is room for the spend strip."""
BLANKS_FROM = 31
"""Rows from which blank ones keep the panes apart."""
LEAST_ROWS = 5
"""A pane's line, its head and three rows. A layout that would leave a pane less shows its panes as tabs."""
LEAST_CELLS = 30


class Rect(NamedTuple):
    """Cells of the screen."""

    x: int
    y: int
    width: int
    height: int


class Form(StrEnum):
    """How the screen is built up at one size."""

    WIDE = "wide"
    MEDIUM = "medium"
    TABS = "tabs"
    TINY = "tiny"
    TOO_SMALL = "too small"


FROM = ((Form.WIDE, (160, 50)), (Form.MEDIUM, (100, 28)), (Form.TABS, (70, 20)), (Form.TINY, SMALLEST))
"""Columns and rows from which each form is used, the largest first."""


class Cell(NamedTuple):
    """One pane in a band, with its share of the band's width."""

    pane: str
    weight: int = 1


class Band(NamedTuple):
    """Panes side by side, with the band's share of the height."""

    cells: tuple[Cell, ...]
    weight: int = 1


class Layout(NamedTuple):
    """A named arrangement of panes."""

    name: str
    about: str
    bands: tuple[Band, ...]
    wide_bands: tuple[Band, ...] = ()
    """From 160x50; empty means the same as `bands`."""
    scope: ScopeKind = ScopeKind.WORKLOAD
    """What spend is counted by when this layout is chosen."""

    @property
    def panes(self) -> tuple[str, ...]:
        """Ids of its panes, in reading order, each once."""
        seen = dict.fromkeys(cell.pane for band in self.bands + self.wide_bands for cell in band.cells)
        return tuple(pane for pane in seen if pane != DETAIL)


DETAIL = "detail"
"""The rows that describe the row under the cursor; a cell of a band, or its own rows in the tabs form."""


def _band(*panes: str | tuple[str, int], weight: int = 1) -> Band:
    return Band(tuple(Cell(pane) if isinstance(pane, str) else Cell(*pane) for pane in panes), weight)


ON_CALL = Layout(
    name="on-call",
    about="what burns, then GPUs, SLOs, spot and what changed",
    bands=(_band("findings", weight=9), _band("gpu", "slo", weight=10), _band("spot", "activity", weight=9)),
    wide_bands=(
        _band("findings", weight=16),
        _band("gpu", "slo", "spot", weight=16),
        _band(("activity", 131), (DETAIL, 64), weight=15),
    ),
)
DEBUG = Layout(
    name="debug",
    about="GPU pools, model servers and sources in full",
    bands=(_band("gpu", "slo", weight=10), _band("serving", "spot", weight=9), _band("sources", "activity", weight=9)),
)
EXECUTIVE = Layout(
    name="executive",
    about="what burns, spend by team, idle dollars and SLOs",
    bands=(_band("findings", weight=8), _band("spend", weight=9), _band("gpu", "slo", weight=10)),
    scope=ScopeKind.TEAM,
)
LAYOUTS: tuple[Layout, ...] = (ON_CALL, DEBUG, EXECUTIVE)


class Frame(NamedTuple):
    """The screen at one size: what stands where. What has no place is not shown."""

    form: Form
    places: Mapping[str, Rect]

    @property
    def panes(self) -> tuple[str, ...]:
        return tuple(name for name in self.places if name not in CHROME)


CHROME = frozenset({"identity", "banner", "money", "strip", "tabs", DETAIL, "sources-line", "footer", "too-small"})


def form_of(width: int, height: int) -> Form:
    """Return how a screen of this size is built up."""
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return Form.TOO_SMALL
    return next(form for form, least in FROM if width >= least[0] and height >= least[1])


@lru_cache(maxsize=16)  # every widget asks where it is
def frame(width: int, height: int, layout: Layout, pane: str, *, zoomed: bool = False) -> Frame:
    """Return the frame for a screen of `width` x `height` cells while `pane` has the focus."""
    form = form_of(width, height)
    match form:
        case Form.TOO_SMALL:
            places = {"money": Rect(0, 0, width, 1), "too-small": Rect(0, 1, width, max(0, height - 1))}
        case Form.TINY:
            places = _tiny(width, height, pane, zoomed=zoomed)
        case Form.TABS:
            places = _tabs(width, height, pane, zoomed=zoomed)
        case _:
            bands = (layout.wide_bands or layout.bands) if form is Form.WIDE else layout.bands
            places = _bands(width, height, bands, pane if zoomed else "", wide=form is Form.WIDE)
            if any(
                places[name].height < LEAST_ROWS or places[name].width < LEAST_CELLS
                for name in places
                if name not in CHROME
            ):
                form, places = Form.TABS, _tabs(width, height, pane, zoomed=zoomed)
    return Frame(form, places)


def _tiny(width: int, height: int, pane: str, *, zoomed: bool) -> dict[str, Rect]:
    places = {"money": Rect(0, 0, width, 1)}
    if zoomed:
        places[pane] = Rect(0, 1, width - MARGIN, height - 2)
    else:
        places["tabs"] = Rect(0, 1, width, 1)
        places[pane] = Rect(0, 2, width - MARGIN, height - 4)
        places["banner"] = places[DETAIL] = Rect(0, height - 2, width, 1)  # a banner comes before the detail
    places["footer"] = Rect(0, height - 1, width, 1)
    return places


def _tabs(width: int, height: int, pane: str, *, zoomed: bool) -> dict[str, Rect]:
    places = {
        "identity": Rect(0, 0, width, 1),
        "money": Rect(0, 1, width, 1),
        "banner": Rect(0, 2, width, 1),
        "sources-line": Rect(0, height - 2, width, 1),
        "footer": Rect(0, height - 1, width, 1),
    }
    if zoomed:
        places[pane] = Rect(MARGIN, 3, width - 2 * MARGIN, height - 5)
        return places
    places["tabs"] = Rect(0, 3, width, 2)
    places[DETAIL] = Rect(0, height - 8, width, 5)
    places[pane] = Rect(MARGIN, 5, width - 2 * MARGIN, height - 14)
    return places


def _bands(width: int, height: int, bands: Sequence[Band], zoomed: str, *, wide: bool) -> dict[str, Rect]:
    places = {
        "identity": Rect(0, 0, width, 1),
        "banner": Rect(0, 1, width, 1),
        "money": Rect(0, 2, width, 1),
        "footer": Rect(0, height - 1, width, 1),
    }
    top, blank = 4, 1
    if height >= STRIP_FROM:
        strip = 4 if wide else 3  # its rows and its axis
        places["strip"] = Rect(MARGIN, 4, width - 2 * MARGIN, strip)
        top += strip + 1
    if height < BLANKS_FROM:  # the strip went first; now the blank rows
        top, blank = 3, 0
    bottom = height - 1 - blank
    if zoomed:
        places[zoomed] = Rect(MARGIN, top, width - 2 * MARGIN, bottom - top)
        return places
    heights = _share(bottom - top - blank * (len(bands) - 1), [band.weight for band in bands])
    y = top
    for band, rows in zip(bands, heights, strict=True):
        widths = _share(width - 2 * MARGIN - GAP * (len(band.cells) - 1), [cell.weight for cell in band.cells])
        x = MARGIN
        for cell, cells in zip(band.cells, widths, strict=True):
            places[cell.pane] = Rect(x, y, cells, rows)
            x += cells + GAP
        y += rows + blank
    return places


def _share(whole: int, weights: Sequence[int]) -> list[int]:
    """Split `whole` by weight; what rounding leaves over goes to the parts that lost most by it."""
    total = sum(weights)
    parts = [whole * weight // total for weight in weights]
    by_loss = sorted(range(len(weights)), key=lambda i: (-(whole * weights[i] % total), i))
    for i in by_loss[: whole - sum(parts)]:
        parts[i] += 1
    return parts
