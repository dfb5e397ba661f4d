from __future__ import annotations

import copy
from contextlib import suppress
from typing import Any

import pytest

from finops_tui.detectors.spend.detector import SpendDetector
from tests.detectors.spend.made import DAY, daily, fresh, plus, watched


def saved() -> dict[str, Any]:
    detector = fresh()
    list(watched(plus(daily, 4 * DAY, 6, 300.0), 0, 4 * DAY + 2, detector))
    return detector.state()


@pytest.mark.parametrize("state", [None, 3, [], {}, {"format": 0}, {"format": 1}, {"format": 1, "watch": 3}])
def test_what_is_no_saved_state_is_refused_in_words(state: object) -> None:
    with pytest.raises(ValueError, match=r"saved spend watch.*\.$"):
        SpendDetector.restore(state)


def places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of everything in a state."""
    inside = value.items() if isinstance(value, dict) else enumerate(value[:3]) if isinstance(value, list) else ()
    return [path, *(place for key, part in inside for place in places(part, (*path, key)))]


@pytest.mark.parametrize("rubbish", ["x", [], {}, float("nan")])
def test_rubbish_anywhere_is_refused_or_harmless(rubbish: object) -> None:
    state = saved()
    for path in places(state)[1:]:
        broken = copy.deepcopy(state)
        part: Any = broken
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = rubbish
        with suppress(ValueError):  # anything else fails the test
            list(watched(daily, 5 * DAY, 5 * DAY + 2, SpendDetector.restore(broken)))


def test_a_missing_part_is_named() -> None:
    state = saved()
    del state["watch"]["swings"]
    with pytest.raises(ValueError, match="has no 'swings'"):
        SpendDetector.restore(state)


def test_a_page_that_is_on_is_still_on_after_a_restart() -> None:
    restored = SpendDetector.restore(saved())
    _, verdict = next(watched(plus(daily, 4 * DAY, 6, 300.0), 4 * DAY + 2, 4 * DAY + 3, restored))
    assert verdict.page
