"""Which sizes come of what is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.actions.cloud.shrinking import Machines
from finops_tui.actions.cloud.sizes import Sizes, evened, fixed, refixed, resized
from finops_tui.errors import ActionError

NUMBERS = st.integers(0, 30)
NOW = st.lists(NUMBERS, min_size=3, max_size=3).map(sorted).map(lambda each: Sizes(each[0], each[2], each[1]))
ASKED = st.dictionaries(st.sampled_from(["nodes", "min", "max"]), NUMBERS.map(str), min_size=1)


@given(NOW, ASKED, st.integers(0, 1))
def test_whatever_is_asked_for_it_is_what_aws_takes_or_it_is_refused_here(
    now: Sizes, asked: dict[str, str], smallest: int
) -> None:
    try:
        found = resized(now, asked, smallest)
    except ActionError:
        return
    assert 0 <= found.least <= found.wanted <= found.most
    assert found.most >= smallest
    given = {"nodes": found.wanted, "min": found.least, "max": found.most}
    assert {name: str(given[name]) for name in asked} == asked
    assert found != now


@given(NOW, NUMBERS)
def test_a_number_alone_is_never_refused_but_where_it_is_so_already(now: Sizes, nodes: int) -> None:
    if nodes == now.wanted:
        with pytest.raises(ActionError, match="that size already"):
            resized(now, {"nodes": str(nodes)})
    else:
        assert resized(now, {"nodes": str(nodes)}).wanted == nodes


@pytest.mark.parametrize(
    ("asked", "sizes"),
    [
        ({"nodes": "0"}, Sizes(0, 10, 0)),
        ({"nodes": "12"}, Sizes(2, 12, 12)),
        ({"max": "3"}, Sizes(2, 3, 3)),
        ({"max": "1"}, Sizes(1, 1, 1)),
        ({"min": "7"}, Sizes(7, 10, 7)),
        ({"min": "0", "max": "4", "nodes": "3"}, Sizes(0, 4, 3)),
    ],
)
def test_bounds_move_with_what_is_asked_for(asked: dict[str, str], sizes: Sizes) -> None:
    assert resized(Sizes(2, 10, 5), asked) == sizes


@pytest.mark.parametrize(
    ("asked", "trouble"),
    [
        ({}, "missing"),
        ({"nodes": "-1"}, "no number"),
        ({"nodes": "99999999999"}, "no number"),
        ({"nodes": "٣x"}, "no number"),
        ({"min": "5", "max": "4"}, "above max"),
        ({"nodes": "9", "max": "4"}, "not from"),
    ],
)
def test_nonsense_is_told(asked: dict[str, str], trouble: str) -> None:
    with pytest.raises(ActionError, match=trouble):
        resized(Sizes(2, 10, 5), asked)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_no_more_machines_are_promised_to_end_than_are_there_and_may(running: int, protected: int, wanted: int) -> None:
    machines = Machines(running=running, protected=min(protected, running), when="soon", how="somehow")
    going, coming = machines.going(wanted), machines.coming(wanted)
    assert 0 <= going <= running - machines.protected
    assert not (going and coming)
    assert running - going + coming == max(wanted, machines.protected if running > wanted else wanted)


ZONES = st.integers(1, 4)


@given(NOW, ASKED, ZONES)
def test_in_several_zones_each_gets_as_many_machines_within_the_bounds_or_it_is_refused(
    now: Sizes, asked: dict[str, str], zones: int
) -> None:
    try:
        wanted = resized(now, asked)
        found = evened(now, wanted, zones, asked)
    except ActionError:
        return
    assert (found.least, found.most) == (wanted.least, wanted.most)
    assert found.least <= found.wanted <= found.most
    assert found.wanted % zones == 0 or found.wanted == now.wanted
    assert abs(found.wanted - wanted.wanted) < zones
    if "nodes" in asked:
        assert str(found.wanted) == asked["nodes"]


@given(NUMBERS, NUMBERS)
def test_a_group_that_nothing_scales_takes_a_number_and_no_bounds(now: int, nodes: int) -> None:
    asked = {"nodes": str(nodes)}
    if nodes == now:
        with pytest.raises(ActionError, match="that size already"):
            refixed(fixed(now), asked)
        return
    found = refixed(fixed(now), asked)
    assert (found, str(found)) == (Sizes(nodes, nodes, nodes), str(nodes))
    for bound in ("min", "max"):
        with pytest.raises(ActionError, match="no meaning"):
            refixed(fixed(now), {**asked, bound: "1"})


def test_a_number_that_no_zones_can_share_is_refused_with_those_that_can() -> None:
    with pytest.raises(ActionError, match="cannot be") as error:
        evened(Sizes(0, 9, 6), Sizes(0, 9, 4), 3, {"nodes": "4"})
    assert "Give 3 or 6" in str(error.value)
    with pytest.raises(ActionError, match="No size is within"):
        evened(Sizes(0, 9, 6), Sizes(4, 5, 5), 3, {"min": "4", "max": "5"})
