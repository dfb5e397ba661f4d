"""Where the parts of the plan's dialog stand. Its height is the screen's, not the plan's: nothing in it jumps. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from finops_tui.ui.layout import Rect

WIDTH, HEIGHT = 88, 33
ALONE_BELOW = (100, 34)
"""On smaller screens it has the whole of them."""
MARGIN, NARROW_MARGIN = 3, 1
NARROW = 70
CANCEL_CELLS = 15
"""The filled button; its margin comes before it."""
EXTRAS_CELLS = 30
LEAST_FIELD = 12
"""Cells that a person must have to write in."""
TALL_STATUS_FROM = 20
"""Rows of the screen from which the status may take two of them."""


def margin_of(width: int, height: int) -> int:
    """Return the blank cells at both sides of the dialog."""
    return NARROW_MARGIN if alone(width, height) and width < NARROW else MARGIN


def alone(width: int, height: int) -> bool:
    """Tell whether the dialog has the whole of a screen."""
    return width < ALONE_BELOW[0] or height < ALONE_BELOW[1]


def places(width: int, height: int, fields: Sequence[tuple[str, str]]) -> dict[str, Rect]:
    """Return the cells of every part. `fields` are those to write in, top first, each with its label."""
    whole = alone(width, height)
    across = width if whole else WIDTH
    down = height - 1 if whole else min(HEIGHT, height - 3)
    x, y = (width - across) // 2, 0 if whole else (height - down) // 2
    margin = margin_of(width, height)
    blank = 0 if whole else 1
    status = 2 if height >= TALL_STATUS_FROM else 1
    found = {
        "ground": Rect(x, y, across, down),
        "title": Rect(x, y, across, 1),
        "target": Rect(x, y + 1 + blank, across, 1),
        "footer": Rect(0, height - 1, width, 1),
    }
    top = y + 2 + 2 * blank
    buttons = y + down - 1 - 2 * blank
    rows = {name: buttons - blank - len(fields) + at for at, (name, _) in enumerate(fields)}
    floor = min(rows.values(), default=buttons - blank)
    found["status"] = Rect(x + margin, floor - status, across - 2 * margin, status)
    found["parts"] = Rect(x, top, across, max(1, floor - status - top))
    for name, label in fields:
        cells = min(cell_len(label) + 1, across - 2 * margin - LEAST_FIELD)
        found[f"{name}-label"] = Rect(x + margin, rows[name], cells, 1)
        found[name] = Rect(x + margin + cells, rows[name], across - 2 * margin - cells, 1)
    cancel = CANCEL_CELLS + margin
    extras = 0 if whole else EXTRAS_CELLS
    found["cancel"] = Rect(x, buttons, cancel, 1)
    found["confirm"] = found["arm"] = Rect(x + cancel, buttons, across - cancel - extras, 1)
    if extras:
        found["extras"] = Rect(x + across - extras, buttons, extras - margin + 1, 1)
        found["rule"] = Rect(x, y + down - 1, across, 1)
    return found


def over(found: Mapping[str, Rect], chip: Rect | None) -> dict[str, Rect]:
    """Add the armed chip where it stands on the screen below, so that it is not dimmed."""
    return {**found, **({"chip": chip} if chip is not None else {})}
