"""From a pool to its nodes: rows that can be looked through, found, marked and changed."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from finops_tui.engine.proposal import Request
from finops_tui.model.observations import NodesWanted, Observation
from finops_tui.model.snapshot import NodeRow, PoolNodes
from finops_tui.ui.screens.nodes import NodesScreen
from finops_tui.ui.screens.plan import PlanDialog
from finops_tui.ui.screens.row_pages import DetailsPage
from tests.ui.desk import ARMED, DeskDouble, at_the_desk
from tests.ui.samples import HOSTILE_TEXTS, INCIDENT, NODES, POOLS
from tests.ui.screen import Screen, shown

POOL = POOLS[0]
READY = replace(INCIDENT, armed=ARMED, nodes=NODES)
SIZES = [(40, 10), (60, 15), (80, 24), (120, 40), (200, 60)]


def heard(screen: Screen) -> list[tuple[str, str]]:
    """Return a list of what nodes the engine is asked for from now on."""
    told: list[tuple[str, str]] = []

    def hear(observation: Observation) -> None:
        assert isinstance(observation, NodesWanted)
        told.append((observation.pool, observation.named))

    screen.app._feed.on_tell(hear)
    return told


async def test_enter_on_a_pool_shows_its_nodes_and_the_engine_is_asked_for_them_only_meanwhile() -> None:
    async with shown(replace(READY, nodes=None)) as screen:
        told = heard(screen)
        await screen.press("2")
        assert "enter nodes" in screen.lines[-1]
        await screen.press("enter")
        assert isinstance(screen.app.screen, NodesScreen)
        assert told == [(POOL.key, "")]
        assert "Waiting for its nodes." in screen.text
        await screen.publish(READY)
        assert "━━ 2 Nodes of l40s-infer" in screen.text
        for words in ("5 nodes", "● 2 to look at", "l40s-1", "spot interruption", "cordoned", "8/8", "20.0"):
            assert words in screen.text
        await screen.press("escape")
        assert told == [(POOL.key, ""), ("", "")]
        assert "━━ 2 GPU" in screen.text


async def test_nodes_of_another_pool_are_never_shown_under_this_ones_name() -> None:
    async with shown(replace(READY, nodes=replace(NODES, pool="prod-us/other"))) as screen:
        await screen.press("2", "enter")
        assert "Waiting for its nodes." in screen.text
        assert "l40s-1" not in screen.text


async def test_details_of_a_pool_are_a_key_away_still() -> None:
    async with shown(READY) as screen:
        await screen.press("2", "d")
        assert isinstance(screen.app.screen, DetailsPage)


@pytest.mark.parametrize(("key", "action"), [("C", "cordon"), ("U", "uncordon"), ("e", "drain"), ("N", "delete-node")])
async def test_what_can_be_done_to_a_node_is_done_to_the_one_under_the_cursor(key: str, action: str) -> None:
    async with shown(READY) as screen:
        desk = at_the_desk(screen, DeskDouble())
        await screen.press("2", "enter", "down", key)
        assert isinstance(screen.app.screen, PlanDialog)
        ((wish),) = desk.wishes
        assert isinstance(wish, Request)
        (node,) = wish.targets
        assert (wish.action, node.key, node.uid) == (action, NODES.rows[1].key, NODES.rows[1].uid)


async def test_the_footer_offers_what_would_make_a_difference() -> None:
    async with shown(READY) as screen:
        at_the_desk(screen, DeskDouble())
        await screen.press("2", "enter")
        assert "C cordon" in screen.lines[-1]
        assert "U uncordon" not in screen.lines[-1]
        await screen.press("down")
        assert "U uncordon" in screen.lines[-1]
        assert "C cordon" not in screen.lines[-1]


async def test_several_that_are_marked_are_cordoned_with_one_key() -> None:
    async with shown(READY) as screen:
        desk = at_the_desk(screen, DeskDouble())
        desk.change = lambda plan: replace(plan, pods=0, gpus=0.0, nodes=1)
        await screen.press("2", "enter", "space", "down", "space")
        assert "C cordon 2 marked" in screen.lines[-1]
        assert "U uncordon 2 marked" in screen.lines[-1], "one of them is cordoned"
        await screen.press("C")
        assert "Touches      2 nodes" in screen.text
        assert "2 nodes, 2 nodes" not in screen.text
        await screen.press("y")
        ((proposal, _),) = desk.confirmed
        assert [plan.target.key for plan in proposal.plans] == [row.key for row in NODES.rows[:2]]
        assert isinstance(screen.app.screen, NodesScreen)
        assert "marked" not in screen.text


async def test_a_filter_is_asked_of_the_engine_too_since_it_holds_more_than_the_screen() -> None:
    async with shown(replace(READY, nodes=replace(NODES, more=1_200, of=1_205))) as screen:
        told = heard(screen)
        await screen.press("2", "enter")
        assert "1,205 nodes · +1,200 more: /" in screen.text
        await screen.press("slash", *"l40s-3")
        await screen.publish(READY)
        assert told[-1] == (POOL.key, "l40s-3")
        assert "l40s-3" in screen.text
        assert "l40s-1 " not in screen.text
        none = PoolNodes(pool=POOL.key, rows=(), of=1_205)
        await screen.publish(replace(READY, nodes=none))
        assert 'None of its 1,205 nodes is called or stands "l40s-3".' in screen.text
        await screen.press("escape")
        await screen.publish(READY)
        assert told[-1] == (POOL.key, "")
        await screen.press("slash", *"gpus>1", "enter")
        assert told[-1] == (POOL.key, ""), "what asks for a field is answered from the rows that are here"
        assert isinstance(screen.app.screen, NodesScreen)


async def test_enter_on_a_node_tells_everything_of_it() -> None:
    async with shown(READY) as screen:
        await screen.press("2", "enter", "enter")
        assert isinstance(screen.app.screen, DetailsPage)
        for words in ("node/l40s-1", "spot interruption", "8 of 8", "Priced by"):
            assert words in screen.text


async def test_where_nothing_can_be_changed_nodes_can_be_looked_at() -> None:
    async with shown(replace(INCIDENT, nodes=NODES)) as screen:
        await screen.press("2", "enter")
        assert "l40s-1" in screen.text
        assert "cordon " not in screen.lines[-1]
        await screen.press("C")
        assert isinstance(screen.app.screen, NodesScreen)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
async def test_it_holds_at_every_size_whatever_nodes_are_called(size: tuple[int, int], text: str) -> None:
    def named(row: NodeRow) -> NodeRow:
        return replace(row, name=text, state=text, instance_type=text, zone=text, missing=text)

    nodes = replace(NODES, rows=tuple(map(named, NODES.rows)))
    async with shown(replace(READY, nodes=nodes), size) as screen:
        await screen.press("2", "enter")
        assert len(screen.lines) == size[1]
        assert all(cell_len(line) <= size[0] for line in screen.lines)
        assert "\x1b" not in screen.text


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40)])
async def test_machines_of_one_domain_are_told_apart_at_each_size(size: tuple[int, int]) -> None:
    names = tuple(f"ip-10-10-{number}-178.eu-central-1.compute.internal" for number in (21, 121, 221))
    rows = tuple(replace(row, name=name) for row, name in zip(NODES.rows, names, strict=False))
    async with shown(replace(READY, nodes=replace(NODES, rows=rows, of=len(rows))), size) as screen:
        await screen.press("2", "enter")
        for name in names:
            assert name.partition(".")[0] in screen.text
