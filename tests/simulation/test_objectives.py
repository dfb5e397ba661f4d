"""Windows over which promises are kept: what is handed on in bulk is what was told piece by piece."""

from __future__ import annotations

import pytest

from finops_tui.simulation.objectives import GATHERED_SECONDS, PIECES, WINDOWS, Window
from finops_tui.simulation.world import TICK_SECONDS, World

AFTERNOON = 1_773_151_200
HOURS = 3


def test_every_longer_window_is_made_of_spans_that_are_gathered() -> None:
    assert all(seconds // PIECES % GATHERED_SECONDS == 0 for seconds in WINDOWS[1:])


@pytest.mark.parametrize("read_every", [TICK_SECONDS, 150, 7 * 60, HOURS * 3_600])
def test_windows_hold_what_happened_however_often_they_are_read(read_every: int) -> None:
    world = World(7, AFTERNOON)
    objective = world.objectives[0]
    assert objective.windows
    ours = [Window(seconds) for seconds in WINDOWS[:4]]
    bad, total = objective.bad, objective.total
    while world.now < AFTERNOON + HOURS * 3_600:
        world.step()
        for window in ours:
            window.add(world.now, objective.bad - bad, objective.total - total)
        bad, total = objective.bad, objective.total
        if world.now % read_every == 0:
            assert all(window.events for window in objective.windows)
    told = objective.windows[:4]
    assert [window.events for window in told] == pytest.approx([window.events for window in ours], rel=1e-9)
    assert [window.error_ratio for window in told] == pytest.approx([window.error_ratio for window in ours], rel=1e-6)


def test_without_traffic_windows_run_empty() -> None:
    world = World(7, AFTERNOON)
    objective = world.objectives[0]
    objective.service.demand = 0.0
    while world.now < AFTERNOON + WINDOWS[1] + GATHERED_SECONDS:
        world.step()
    assert [window.error_ratio for window in objective.windows[:2]] == [None, None]
