"""One verb for two worlds: who does it is told by where it is, and by who made the plan."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from finops_tui.actions.cloud.places import AWS, place_named
from finops_tui.actions.cloud.routed import KUBERNETES, Routed
from finops_tui.actions.custom.action import CustomAction
from finops_tui.actions.custom.spec import Command, CustomSpec
from finops_tui.actions.planning import Hands
from finops_tui.errors import ActionError
from finops_tui.model.plan import Target, TargetKind
from tests.actions.aws.cloud import Cloud, actions, thing_target
from tests.actions.aws.test_job_queue import QUEUE, now, queue
from tests.actions.make import fleet, node, snapshot, target, workload
from tests.samples import NOON

__all__ = ["queue"]  # a fixture: pytest looks for it here


def of_clusters() -> CustomAction:
    """Return something that does what it does in clusters alone."""
    spec = CustomSpec(
        id="pause", title="Pause", key="p", applies_to=frozenset({TargetKind.WORKLOAD}),
        do=Command(arguments=("true", "{name}")), undo=Command(arguments=("true",)),
    )  # fmt: skip
    return CustomAction(spec, Hands(client=lambda _: pytest.fail("no cluster is asked"), by="ana"))


def nowhere(target: Target) -> ActionError:
    return ActionError(f"{target.name} is out of reach", "no cloud is named for it")


async def test_each_target_is_planned_done_and_taken_back_by_whom_it_belongs_to(queue: Cloud) -> None:
    ways = {KUBERNETES: of_clusters(), AWS: actions(queue.hands())["pause"]}
    routed = Routed(ways, lambda target: AWS if place_named(target.cluster) else KUBERNETES, nowhere)
    assert (routed.id, routed.key) == ("pause", "p")
    here = target("Notebook", "lab", "ana-gpu")
    known = fleet([node("n1")], [workload("Notebook", "lab", "ana-gpu", ["n1"])])
    plan = await routed.plan(here, {}, snapshot(known), known, NOON)
    assert plan.changes[0].after == '"true ana-gpu"'
    assert "status 0" in (await routed.apply(plan)).words
    assert queue.sent == []
    closing = await routed.plan(QUEUE, {}, snapshot(fleet()), fleet(), NOON)
    await routed.apply(closing)
    assert now(queue)[0] == "DISABLED"
    assert (await routed.verify(closing)).words == "job-queue/sweeps is DISABLED."
    await routed.apply(await routed.undo_plan(QUEUE, snapshot(fleet()), fleet(), NOON))
    assert now(queue)[0] == "ENABLED"
    assert routed.permissions(QUEUE, fleet()) == ()


async def test_what_names_nothing_at_aws_is_told(aws: Cloud) -> None:
    pause = actions(aws.hands())["pause"]
    unknown = thing_target("Cluster", "rds", "main")
    with pytest.raises(ActionError, match="cannot be changed from here"):
        await pause.plan(unknown, {}, snapshot(fleet()), fleet(), NOON)
    with pytest.raises(ActionError, match="is not at AWS"):
        await pause.plan(replace(QUEUE, cluster="prod"), {}, snapshot(fleet()), fleet(), NOON)


async def test_what_there_is_no_way_to_is_told_in_the_words_that_were_given(queue: Cloud) -> None:
    alone = Routed({KUBERNETES: of_clusters()}, lambda _: AWS, nowhere)
    assert alone.permissions(QUEUE, fleet()) == ()
    with pytest.raises(ActionError, match="is out of reach"):
        await alone.plan(QUEUE, {}, snapshot(fleet()), fleet(), NOON)
    with pytest.raises(ActionError, match="is out of reach"):
        await alone.undo_plan(QUEUE, snapshot(fleet()), fleet(), NOON)
    assert queue.sent == []
