"""Where everything stands on a screen with one list: what is around it, and the room between. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from finops_tui.ui.layout import MARGIN, Form, Rect, form_of

DETAIL_ROWS, LEAST_ROWS_FOR_DETAIL = 5, 20


class Room(NamedTuple):
    """What is left between what stands above and below."""

    around: Mapping[str, Rect]
    x: int
    width: int
    top: int
    """The first row of it."""
    bottom: int
    """The row after the last of it."""
    roomy: bool
    """Whether there is a row to spare."""


def room(width: int, height: int) -> Room | None:
    """Return the room on a screen of so many columns and rows; None where there is none at all."""
    form = form_of(width, height)
    if form is Form.TOO_SMALL:
        return None
    x, inner = (0, width) if form is Form.TINY else (MARGIN, width - 2 * MARGIN)
    around = {"money": Rect(0, 0, width, 1), "footer": Rect(0, height - 1, width, 1)}
    top, roomy = 1, form in (Form.MEDIUM, Form.WIDE)
    if form is Form.TABS:
        around |= {"identity": Rect(0, 0, width, 1), "money": Rect(0, 1, width, 1), "banner": Rect(0, 2, width, 1)}
        around["sources-line"] = Rect(0, height - 2, width, 1)
        top = 3
    elif roomy:
        around |= {"identity": Rect(0, 0, width, 1), "banner": Rect(0, 1, width, 1), "money": Rect(0, 2, width, 1)}
        top = 4
    return Room(around, x, inner, top, bottom=height - 1 - (form is not Form.TINY), roomy=roomy)


def too_small(width: int, height: int) -> Mapping[str, Rect]:
    """Return where the money and the words stand that the screen is too small."""
    return {"money": Rect(0, 0, width, 1), "too-small": Rect(0, 1, width, max(0, height - 1))}


def list_places(width: int, height: int) -> Mapping[str, Rect]:
    """Return the cells of every part: the line of a list, its rows, and what is told of the one under the cursor."""
    left = room(width, height)
    if left is None:
        return too_small(width, height)
    _, x, inner, top, bottom, _ = left
    detail = min(DETAIL_ROWS + height // 6, bottom - top - 6) if height >= LEAST_ROWS_FOR_DETAIL else 0
    found = {
        **left.around,
        "title": Rect(x, top, inner, 1),
        "rows": Rect(x, top + 1, inner, max(1, bottom - top - 1 - detail)),
    }
    if detail:
        found["detail"] = Rect(0, bottom - detail, width, detail)
    return found
