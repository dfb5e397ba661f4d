from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.ui.layout import (
    CHROME,
    LAYOUTS,
    LEAST_CELLS,
    LEAST_ROWS,
    ON_CALL,
    Band,
    Cell,
    Form,
    Frame,
    Layout,
    Rect,
    form_of,
    frame,
)


def test_120x40_is_the_grid_of_the_visual_language() -> None:
    places = frame(120, 40, ON_CALL, "findings").places
    assert places["identity"] == Rect(0, 0, 120, 1)
    assert places["banner"] == Rect(0, 1, 120, 1)
    assert places["money"] == Rect(0, 2, 120, 1)
    assert places["strip"] == Rect(1, 4, 118, 3)
    assert places["findings"] == Rect(1, 8, 118, 9)
    assert (places["gpu"].y, places["gpu"].height) == (18, 10)
    assert (places["slo"].y, places["slo"].height) == (18, 10)
    assert (places["spot"].y, places["spot"].height) == (29, 9)
    assert places["footer"] == Rect(0, 39, 120, 1)


def test_200x60_has_three_panes_in_the_middle_and_the_detail_below() -> None:
    places = frame(200, 60, ON_CALL, "findings").places
    assert places["strip"] == Rect(1, 4, 198, 4)
    assert places["findings"] == Rect(1, 9, 198, 16)
    assert [places[pane].width for pane in ("gpu", "slo", "spot")] == [64, 64, 64]
    assert places["gpu"].y == 26
    assert places["activity"] == Rect(1, 43, 131, 15)
    assert places["detail"] == Rect(135, 43, 64, 15)
    assert places["footer"].y == 59


def test_80x24_has_tabs_and_the_detail_of_the_cursor_row() -> None:
    places = frame(80, 24, ON_CALL, "gpu").places
    assert places["tabs"] == Rect(0, 3, 80, 2)
    assert places["gpu"].y == 5
    assert places["detail"] == Rect(0, 16, 80, 5)
    assert places["sources-line"].y == 22
    assert places["footer"].y == 23
    assert "findings" not in places


def test_60x15_has_one_line_of_everything() -> None:
    places = frame(60, 15, ON_CALL, "findings").places
    assert places["money"].y == 0
    assert places["tabs"] == Rect(0, 1, 60, 1)
    assert places["findings"] == Rect(0, 2, 59, 11)
    assert places["detail"].y == 13
    assert places["footer"].y == 14
    assert "identity" not in places


@pytest.mark.parametrize(
    ("width", "height", "form"),
    [
        (39, 40, Form.TOO_SMALL),
        (120, 9, Form.TOO_SMALL),
        (40, 10, Form.TINY),
        (69, 60, Form.TINY),
        (70, 20, Form.TABS),
        (120, 27, Form.TABS),
        (100, 28, Form.MEDIUM),
        (160, 49, Form.MEDIUM),
        (160, 50, Form.WIDE),
    ],
)
def test_the_form_changes_exactly_at_the_breakpoints(width: int, height: int, form: Form) -> None:
    assert form_of(width, height) is form


def test_the_strip_goes_first_then_the_blank_rows() -> None:
    assert "strip" in frame(120, 34, ON_CALL, "findings").places
    without_strip = frame(120, 33, ON_CALL, "findings").places
    assert "strip" not in without_strip
    assert without_strip["gpu"].y - without_strip["findings"].y - without_strip["findings"].height == 1
    without_blanks = frame(120, 28, ON_CALL, "findings").places
    assert without_blanks["gpu"].y == without_blanks["findings"].y + without_blanks["findings"].height


def test_zoom_gives_one_pane_all_the_room() -> None:
    for size in ((60, 15), (80, 24), (120, 40), (200, 60)):
        zoomed = frame(*size, ON_CALL, "slo", zoomed=True)
        assert zoomed.panes == ("slo",)
        assert zoomed.places["slo"].height >= frame(*size, ON_CALL, "slo").places["slo"].height


def test_a_layout_that_asks_for_too_much_becomes_tabs() -> None:
    crowded = Layout(name="all", about="", bands=tuple(Band((Cell(pane),)) for pane in "abcdefgh"))
    assert frame(120, 40, crowded, "a").form is Form.TABS
    assert frame(120, 80, crowded, "a").form is Form.MEDIUM


def overlaps(one: Rect, other: Rect) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def check(found: Frame, width: int, height: int) -> None:
    for name, place in found.places.items():
        assert place.x >= 0, name
        assert place.y >= 0, name
        assert place.width > 0, name
        assert place.height > 0, name
        assert place.x + place.width <= width, name
        assert place.y + place.height <= height, name
        if name not in CHROME and found.form in (Form.MEDIUM, Form.WIDE):
            assert place.height >= LEAST_ROWS, name
            assert place.width >= LEAST_CELLS, name
    places = [(name, place) for name, place in found.places.items() if found.form is not Form.TINY or name != "banner"]
    for index, (name, place) in enumerate(places):
        for other_name, other in places[index + 1 :]:
            assert not overlaps(place, other), (name, other_name)


@given(
    width=st.integers(40, 400),
    height=st.integers(10, 150),
    layout=st.sampled_from(LAYOUTS),
    zoomed=st.booleans(),
    data=st.data(),
)
def test_everything_is_on_the_screen_and_nothing_overlaps(
    width: int, height: int, layout: Layout, *, zoomed: bool, data: st.DataObject
) -> None:
    pane = data.draw(st.sampled_from(layout.panes))
    found = frame(width, height, layout, pane, zoomed=zoomed)
    check(found, width, height)
    assert pane in found.places
    if not zoomed and found.form is Form.MEDIUM:
        assert set(layout.panes) == set(found.panes)
