from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from finops_tui.actions.base import Action
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome, Plan, Target
from tests.simulation.api.stage import NIGHT, Stage, namespace_target, node_target, pool_target, target
from tests.simulation.test_world import check_books

PARAMETERS: dict[str, dict[str, str]] = {
    "scale": {"replicas": "1"},
    "limit": {"gpus": "16"},
    "drain": {"timeout": "60"},
}


def targets(stage: Stage, kind: str) -> list[Target]:
    world = stage.world
    match kind:
        case "cordon" | "uncordon" | "drain" | "delete-node":
            return [node_target(machine) for machine in world.machines()]
        case "limit":
            return [pool_target(pool) for pool in world.pools.values()]
        case "quota":
            return [namespace_target("prod-us", name) for name in ("chat", "vision", "nlp-train", "ads")]
    return [target(work) for work in world.works.values()]


def settled(stage: Stage) -> dict[str, Any]:
    """Return what was set on the world, as far as somebody can."""
    world = stage.world
    return {
        "jobs": {job.key: (job.suspended, job.halted, job.run and job.run.workers) for job in world.jobs.values()},
        "services": {each.key: (each.minimum, each.maximum, each.held, each.wanted) for each in world.services},
        "notebooks": {each.key: each.asked for each in world.notebooks},
        "pools": {pool.key: pool.maximum for pool in world.pools.values()},
        "cordoned": [machine.name for machine in world.machines() if machine.cordoned],
        "quotas": world.scheduler.quotas,
    }


async def test_whatever_can_be_paused_is_back_as_it_was_after_the_undo() -> None:
    stage = Stage(7, start=NIGHT)
    pause, done = stage.actions()["pause"], 0
    before = settled(stage)
    for work in list(stage.world.works.values()):
        try:
            made = await stage.plan(pause, target(work))
        except ActionError:
            continue
        if made.dry_run.startswith("refused"):
            continue
        assert (await pause.apply(made)).outcome is Outcome.APPLIED
        assert settled(stage) != before
        back = await stage.undo_plan(pause, made)
        assert (await pause.apply(back)).outcome is Outcome.APPLIED
        stage.listen()
        done += 1
    assert done > 40
    assert settled(stage) == before


ORDERS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "pause",
                "resume",
                "scale",
                "cordon",
                "uncordon",
                "drain",
                "delete-node",
                "rollback",
                "quota",
                "limit",
                "undo",
            ]
        ),
        st.integers(0, 10_000),
    ),
    min_size=6,
    max_size=10,
)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 2**32), ORDERS)
def test_whatever_actions_do_nothing_is_lost_or_counted_twice(seed: int, orders: list[tuple[str, int]]) -> None:
    asyncio.run(_live(Stage(seed), orders))


async def _live(stage: Stage, orders: list[tuple[str, int]]) -> None:
    actions = stage.actions()
    done: list[tuple[Action, Plan]] = []
    for name, pick in orders:
        try:
            if name == "undo":
                if not done:
                    continue
                action, last = done.pop()
                made = await stage.undo_plan(action, last)
            else:
                action, among = actions[name], targets(stage, name)
                made = await stage.plan(action, among[pick % len(among)], **PARAMETERS.get(name, {}))
                done.append((action, made))
        except ActionError:
            continue
        result = await action.apply(made)
        assert result.outcome in (Outcome.APPLIED, Outcome.FAILED), result.words
        check_books(stage.world)
        stage.run(600)
        check_books(stage.world)
        assert (await action.verify(made)).outcome is not Outcome.UNKNOWN
    for pool in stage.world.pools.values():
        assert len(pool.staying()) <= pool.plan.maximum
