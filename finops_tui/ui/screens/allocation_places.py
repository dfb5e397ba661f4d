"""Where everything stands on the allocation screen. Pure: what stands where depends on the size, never on the data."""

from __future__ import annotations

from collections.abc import Mapping

from finops_tui.ui.layout import GAP, LEAST_ROWS, MARGIN, Form, Rect, form_of

SPEND, UNITS, COVERAGE = "spend", "units", "coverage"
PARTS = (SPEND, UNITS, COVERAGE)
"""The tables, in the order of the key that goes from one to the next."""
COVERAGE_ROWS = 8
"""Its line, its head, and a row for each ownership fact that there is by default."""


def places(width: int, height: int, part: str, *, alone: bool) -> dict[str, Rect]:
    """Return the cells of everything while `part` hears the keys.

    The part stands `alone` when a person wants it so, and always where there is no room for three.
    """
    form = form_of(width, height)
    match form:
        case Form.TOO_SMALL:
            return {"money": Rect(0, 0, width, 1), "too-small": Rect(0, 1, width, max(0, height - 1))}
        case Form.TINY:
            return {
                "money": Rect(0, 0, width, 1),
                "tabs": Rect(0, 1, width, 1),
                **_one(Rect(0, 2, width - MARGIN, height - 4), part),
                "banner": Rect(0, height - 2, width, 1),
                "detail": Rect(0, height - 2, width, 1),
                "footer": Rect(0, height - 1, width, 1),
            }
        case Form.TABS:
            return {
                "identity": Rect(0, 0, width, 1),
                "money": Rect(0, 1, width, 1),
                "banner": Rect(0, 2, width, 1),
                "tabs": Rect(0, 3, width, 2),
                **_one(Rect(MARGIN, 5, width - 2 * MARGIN, height - 13), part),
                "detail": Rect(0, height - 8, width, 5),
                "sources-line": Rect(0, height - 2, width, 1),
                "footer": Rect(0, height - 1, width, 1),
            }
    body = Rect(MARGIN, 6, width - 2 * MARGIN, height - 8)
    return {
        "identity": Rect(0, 0, width, 1),
        "banner": Rect(0, 1, width, 1),
        "money": Rect(0, 2, width, 1),
        "tabs": Rect(0, 4, width, 2),
        **(_one(body, part) if alone else _three(body, beside=form is Form.WIDE)),
        "footer": Rect(0, height - 1, width, 1),
    }


def _one(body: Rect, part: str) -> Mapping[str, Rect]:
    return _with_total(body) if part == SPEND else {part: body}


def _with_total(body: Rect) -> Mapping[str, Rect]:
    return {
        SPEND: body._replace(height=body.height - 1),
        "total": Rect(body.x, body.y + body.height - 1, body.width, 1),
    }


def _three(body: Rect, *, beside: bool) -> Mapping[str, Rect]:
    if beside:
        above = body.height * 11 // 20
        lower = Rect(body.x, body.y + above + 1, body.width, body.height - above - 1)
        left = (body.width - GAP) * 5 // 8
        return {
            **_with_total(body._replace(height=above)),
            UNITS: lower._replace(width=left),
            COVERAGE: Rect(body.x + left + GAP, lower.y, body.width - left - GAP, lower.height),
        }
    coverage = max(LEAST_ROWS, min(COVERAGE_ROWS, body.height // 4))
    rest = body.height - coverage - 2
    above = (rest + 1) * 11 // 20
    return {
        **_with_total(body._replace(height=above)),
        UNITS: Rect(body.x, body.y + above + 1, body.width, rest - above),
        COVERAGE: Rect(body.x, body.y + body.height - coverage, body.width, coverage),
    }
