"""Where the parts of a page with one scrolling body stand: the incident, the bills."""

from __future__ import annotations

from collections.abc import Mapping

from finops_tui.ui.layout import MARGIN, Form, Rect, form_of


def page_places(width: int, height: int) -> Mapping[str, Rect]:
    """Return each part's place on a screen of so many columns and rows."""
    form = form_of(width, height)
    if form is Form.TOO_SMALL:
        return {"money": Rect(0, 0, width, 1), "too-small": Rect(0, 1, width, max(0, height - 1))}
    bottom = {"more": Rect(0, height - 2, width, 1), "footer": Rect(0, height - 1, width, 1)}
    if form is Form.TINY:
        return {"money": Rect(0, 0, width, 1), "body": Rect(0, 1, width, height - 3), **bottom}
    body = Rect(MARGIN, 3, width - 2 * MARGIN, height - 5)
    if form is Form.TABS:
        half = width // 2
        return {
            "identity": Rect(0, 0, width, 1),
            "money": Rect(0, 1, width, 1),
            "banner": Rect(0, 2, width, 1),
            "body": body,
            **bottom,
            "more": Rect(0, height - 2, half, 1),
            "sources-line": Rect(half, height - 2, width - half, 1),
        }
    return {
        "identity": Rect(0, 0, width, 1),
        "banner": Rect(0, 1, width, 1),
        "money": Rect(0, 2, width, 1),
        "body": body._replace(y=4, height=height - 6),
        **bottom,
    }
