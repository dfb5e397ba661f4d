"""The room of a screen with one list: nothing stands on anything else, at any size."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from finops_tui.ui.layout import Form, Rect, form_of
from finops_tui.ui.screens.list_places import list_places

SCREENS = st.tuples(st.integers(1, 320), st.integers(1, 120))


def apart(one: Rect, other: Rect) -> bool:
    return (
        one.x + one.width <= other.x
        or other.x + other.width <= one.x
        or one.y + one.height <= other.y
        or other.y + other.height <= one.y
    )


@given(SCREENS)
def test_every_part_is_on_the_screen_and_none_on_another(screen: tuple[int, int]) -> None:
    width, height = screen
    if form_of(width, height) is Form.TOO_SMALL:
        return
    places = list_places(width, height)
    assert {"money", "title", "rows", "footer"} <= places.keys()
    for place in places.values():
        assert place.x >= 0
        assert place.y >= 0
        assert place.x + place.width <= width
        assert place.y + place.height <= height
    assert all(apart(one, other) for one, other in combinations(places.values(), 2))


def test_where_it_is_too_small_only_the_money_and_that_are_told() -> None:
    assert list_places(30, 5) == {"money": Rect(0, 0, 30, 1), "too-small": Rect(0, 1, 30, 4)}
