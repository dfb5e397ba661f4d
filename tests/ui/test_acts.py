"""What keys offer: targets of rows, questions, actions of the config's own, and getting under a sum."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual import events

from finops_tui.engine.proposal import Reduce, Request
from finops_tui.errors import ConfigError, UsageError
from finops_tui.model.plan import TargetKind
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.ui.acts import ACTS, dollars_an_hour
from finops_tui.ui.own_acts import own_act
from finops_tui.ui.targets import target_for, target_of
from tests.ui.deeds import HELPED, NODE, PAUSED, TEAM
from tests.ui.desk import ARMED, RETRAIN_TARGET, DeskDouble, at_the_desk
from tests.ui.samples import A100_SPOT, ACTIVITY, INCIDENT, POOLS, RETRAIN, SLOS, SPEND, SPOT, WORKLOADS
from tests.ui.screen import Screen, build, shown

READY = replace(INCIDENT, armed=ARMED)


# Targets


def test_a_finding_stands_for_the_thing_it_is_about() -> None:
    assert target_of(RETRAIN) == RETRAIN_TARGET
    pool = target_of(A100_SPOT)
    assert pool is not None
    assert (pool.kind, pool.key, pool.cluster) == (TargetKind.POOL, "prod-us/a100-spot", "prod-us")


def test_a_finding_about_an_objective_is_not_what_is_named_when_the_workload_is_changed() -> None:
    scope = Scope(ScopeKind.WORKLOAD, "prod-us/Deployment/chat/chat-api-70b")
    target = target_of(replace(RETRAIN, name="chat-api ttft p95", scope=scope))
    assert target is not None
    assert (target.name, target.key) == ("chat/deploy/chat-api-70b", scope.name)


def test_a_finding_about_a_node_stands_for_the_node_and_not_for_its_pool() -> None:
    node = target_of(NODE)
    assert node is not None
    assert (node.kind, node.key, node.name) == (TargetKind.NODE, "prod-us/h100-3", "node/h100-3")


def test_a_spend_row_stands_for_what_it_counts() -> None:
    workload = target_of(WORKLOADS[0])
    assert workload is not None
    assert (workload.key, workload.environment) == (RETRAIN_TARGET.key, "prod")
    kinds = {kind: target_of(rows[0]) for kind, rows in SPEND.items()}
    assert {kind for kind, target in kinds.items() if target is not None} == {
        ScopeKind.WORKLOAD, ScopeKind.NAMESPACE, ScopeKind.POOL,
    }  # fmt: skip


def test_pools_stand_for_themselves_and_so_does_what_was_done() -> None:
    for row in (POOLS[0], SPOT[1]):
        target = target_of(row)
        assert target is not None
        assert (target.kind, target.key) == (TargetKind.POOL, "prod-us/l40s-infer")
    done = target_of(PAUSED)
    assert done is not None
    assert (done.kind, done.key, done.name) == (TargetKind.WORKLOAD, PAUSED.target, PAUSED.name)


@pytest.mark.parametrize("row", [TEAM, SLOS[0], ACTIVITY[0]], ids=["team", "slo", "event"])
def test_what_cannot_be_changed_has_no_target(row: object) -> None:
    assert target_of(row) is None


def test_a_finding_about_more_takes_the_target_of_its_remedy_with_that_action() -> None:
    team = replace(TEAM, remedies=HELPED.remedies)
    assert target_for(team, "pause", frozenset({"workload"})) == RETRAIN_TARGET
    cordoned = target_for(team, "cordon", frozenset({"node"}))
    assert cordoned is not None
    assert cordoned.key == "prod-us/h100-3"
    assert target_for(team, "rollback", frozenset({"workload"})) is None, "that one is refused"
    assert target_for(HELPED, "cordon", frozenset({"node"})) is not None


def test_a_row_that_sums_up_what_belongs_to_nothing_has_no_target() -> None:
    assert target_of(replace(WORKLOADS[0], name="(unallocated)")) is None


# The table


def test_every_action_of_the_program_has_a_key_and_the_same_kinds() -> None:
    from finops_tui.actions.planning import Hands
    from finops_tui.actions.registry import kubernetes_actions
    from finops_tui.clock import WallClock

    def nobody(cluster: str) -> None:
        raise AssertionError(cluster)

    actions = {one.id: one for one in kubernetes_actions(Hands(client=nobody, by="ana", clock=WallClock()))}  # type: ignore[arg-type]  # nobody is asked
    assert {act.id for act in ACTS} == set(actions)
    for act in ACTS:
        assert act.key == actions[act.id].key
        assert act.kinds == {kind.value for kind in actions[act.id].applies_to}


@pytest.mark.parametrize(
    ("written", "usd"),
    [("900", 900.0), ("$1,284/h", 1_284.0), ("1.2k", 1_200.0), ("0.5", 0.5), ("many", None), ("1,2", None), ("", None)],
)
def test_dollars_an_hour_are_read_as_people_write_them(written: str, usd: float | None) -> None:
    assert dollars_an_hour(written) == usd


# Own actions

DRAIN = own_act("notify-owner", "Notify the owner", "writes to them", "n", kinds=("workload",), inputs={})
MOVE = own_act(
    "move", "Move", "to another queue", "", kinds=("workload",), inputs={"queue": "low", "reason": None}
)  # fmt: skip


async def test_an_action_of_ones_own_has_its_key_and_its_help() -> None:
    async with shown(READY, acts=(DRAIN,)) as screen:
        desk = at_the_desk(screen, DeskDouble())
        await screen.press("question_mark", "pagedown")
        assert "writes to them" in screen.text
        await screen.press("escape", "n")
        (wish,) = desk.wishes
        assert isinstance(wish, Request)
        assert wish.action == "notify-owner"
        await screen.press("n", "y")
        assert len(desk.confirmed) == 1


async def test_its_key_can_be_changed_and_must_not_clash() -> None:
    async with shown(READY, acts=(DRAIN,), keymap={"action.notify-owner": "w"}) as screen:
        desk = at_the_desk(screen, DeskDouble())
        await screen.press("n")
        assert desk.wishes == []
        await screen.press("w")
        assert len(desk.wishes) == 1
    with pytest.raises(ConfigError, match="p is bound to both"):
        build(READY, acts=(own_act("x", "X", "", "p", kinds=("workload",), inputs={}),))


async def test_one_without_a_key_stands_in_the_palette_and_asks_for_its_inputs() -> None:
    async with shown(READY, acts=(MOVE,)) as screen:
        desk = at_the_desk(screen, DeskDouble())
        await screen.press("colon", *"another queue", "enter")
        assert "Move retrain-v7 with:" in screen.text
        await screen.press("end", *"x", "enter")
        (wish,) = desk.wishes
        assert isinstance(wish, Request)
        assert dict(wish.parameters) == {"queue": "low", "reason": "x"}


@pytest.mark.parametrize("answer", ["place=here", "low", "queue='"])
def test_inputs_that_there_are_not_are_refused(answer: str) -> None:
    assert MOVE.asks is not None
    with pytest.raises(UsageError):
        MOVE.asks.read(answer)


def test_a_single_input_is_answered_as_it_is() -> None:
    act = own_act("say", "Say", "", "", kinds=("workload",), inputs={"what": None})
    assert act.asks is not None
    assert act.asks.read(" we stop it = now ") == {"what": "we stop it = now"}


# Nodes


@pytest.mark.parametrize("action", ["cordon", "uncordon", "drain", "delete-node"])
async def test_a_node_is_named_in_the_palette(action: str) -> None:
    async with shown(READY) as screen:
        desk = at_the_desk(screen, DeskDouble())
        await screen.press("colon", *f"{action} prod-us/h100-3", "enter")
        (wish,) = desk.wishes
        assert isinstance(wish, Request)
        (target,) = wish.targets
        assert (wish.action, target.kind, target.key) == (action, TargetKind.NODE, "prod-us/h100-3")


async def test_a_command_about_a_node_without_one_says_how_to_name_it() -> None:
    async with shown(READY) as screen:
        desk = at_the_desk(screen, DeskDouble())
        await screen.press("colon", *"uncordon cluster", "enter")
        assert desk.wishes == []
        assert screen.toasts == ["Write :uncordon and the node, as in uncordon prod-us/h100-3."]


async def test_no_node_is_offered_where_nothing_can_be_changed() -> None:
    async with shown(INCIDENT) as screen:
        desk = at_the_desk(screen, DeskDouble())
        await screen.press("colon", *"drain prod-us/h100-3", "enter")
        assert desk.wishes == []


# Under a sum


async def test_reduce_is_typed_with_its_figure() -> None:
    async with shown(READY) as screen:
        desk = at_the_desk(screen, DeskDouble())
        desk.given = {"spent_usd_per_hour": 1_284.0}
        await screen.press("colon", *"reduce 900")
        assert "Reduce to $900.0/h" in screen.text
        await screen.press("enter")
        assert desk.wishes == [Reduce(usd_per_hour=900.0)]
        assert "━━ Get under $900.0/h" in screen.text
        assert "✓ ≈$872.0/h is left of $1,284/h" in screen.text
        await screen.press("y")
        assert len(desk.confirmed) == 1


async def burst(screen: Screen, *keys: str) -> None:
    """Press keys as fast as a terminal may send them: all before the first has done anything."""
    for key in keys:
        character = {"colon": ":", "space": " ", "enter": "\r"}.get(key, key)
        screen.app.post_message(events.Key(key, character))
    for _ in range(4):
        await screen.pilot.pause()


async def test_whoever_types_ahead_of_the_screen_gets_what_they_typed() -> None:
    async with shown(READY) as screen:
        desk = at_the_desk(screen, DeskDouble())
        await burst(screen, "colon", *"reduce", "space", *"900", "enter")
        assert desk.armings == [], "the first command of all is to arm, or to end that"
        assert desk.wishes == [Reduce(usd_per_hour=900.0)]


@pytest.mark.parametrize("written", ["4", "12", "min=1,max=4"])
async def test_a_size_that_is_typed_ahead_is_the_size(written: str) -> None:
    async with shown(READY) as screen:
        desk = at_the_desk(screen, DeskDouble())
        await burst(screen, "s", *written, "enter")
        if not desk.wishes:  # the line had no focus yet when enter came
            await screen.press("enter")
        (wish,) = desk.wishes
        assert isinstance(wish, Request)
        assert written in wish.parameters.values()


async def test_a_confirmation_that_is_typed_ahead_is_never_sent_without_a_plan_nor_twice() -> None:
    async with shown(READY) as screen:
        desk = at_the_desk(screen, DeskDouble())
        await burst(screen, "p", "y", "y")
        assert len(desk.confirmed) <= 1
        assert all(proposal.planned for proposal, _ in desk.confirmed)


async def test_reduce_says_when_it_does_not_get_there() -> None:
    async with shown(READY) as screen:
        desk = at_the_desk(screen, DeskDouble())
        desk.given = {"spent_usd_per_hour": 1_284.0}
        await screen.press("colon", *"reduce 900", "enter")
        assert "✓ ≈$872.0/h is left of $1,284/h" in screen.text
        await screen.press("escape")
        desk.given |= {"short": "It reaches ≈$872.0/h, not the $500.0/h asked; nothing else may be paused."}
        await screen.press("colon", *"reduce 500", "enter")
        assert "● It reaches ≈$872.0/h, not the $500.0/h asked; nothing else may be" in screen.text
        assert "is left of" not in screen.text


async def test_reduce_without_a_figure_asks_for_it() -> None:
    async with shown(READY) as screen:
        desk = at_the_desk(screen, DeskDouble())
        await screen.press("colon", *"reduce to", "enter")
        assert "Spends $1,284/h now; get under, in $/h:" in screen.text
        await screen.press("x", "enter")
        assert "is no number of dollars. Write 900 or 1.2k." in screen.text
        await screen.press("home", *["delete"] * 4, *"1.2k", "enter")
        assert desk.wishes == [Reduce(usd_per_hour=1_200.0)]


async def test_reduce_is_not_offered_where_nothing_can_be_changed() -> None:
    async with shown(INCIDENT) as screen:
        desk = at_the_desk(screen, DeskDouble())
        await screen.press("colon", *"reduce 900", "enter")
        assert desk.wishes == []
