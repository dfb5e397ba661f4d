"""The whole way: judged by the guard, written down, carried out at AWS and taken back from the journal."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from msgspec.structs import replace

from finops_tui.engine.desk import Desk
from finops_tui.engine.feed import Feed
from finops_tui.engine.journal import Journal
from finops_tui.engine.policy import Minimum, Policies, Policy
from finops_tui.engine.proposal import Answer, Request, Undo
from finops_tui.engine.selector import Selector
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Decision, Outcome, Target
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Snapshot, SpendRow
from tests.actions.aws.cloud import Cloud, actions, group_target, labelled, thing_target
from tests.actions.aws.test_job_queue import QUEUE, now, queue
from tests.actions.make import CLUSTER, Watch, fleet, pool_target
from tests.actions.make import snapshot as made_snapshot
from tests.engine.plans import ANA, ARMED, OPEN, spend_row

__all__ = ["queue"]  # a fixture: pytest looks for it here
POOL = pool_target("h100")


def desk(aws: Cloud, folder: Path, policy: Policy = OPEN, of: Fleet | None = None) -> Desk:
    known = of if of is not None else fleet()
    made = Desk(
        tuple(actions(aws.hands()).values()), Journal(folder), Policies(default=policy), Watch(),
        feed=Feed(), who=ANA, armed=ARMED,
    )  # fmt: skip
    made.begin(known)
    made.see(figures(known))
    return made


def figures(of: Fleet) -> Snapshot:
    """Return figures with a row for the queue and one for the pool: what has no row is of unknown age."""
    rows: dict[ScopeKind, tuple[SpendRow, ...]] = {
        ScopeKind.WORKLOAD: (spend_row(key=QUEUE.key, cluster=QUEUE.cluster, usd_per_hour=12.0),),
        ScopeKind.POOL: (spend_row(ScopeKind.POOL, f"{CLUSTER}/h100", cluster=CLUSTER, usd_per_hour=50.0),),
    }
    return replace(made_snapshot(of), spend=rows)


async def test_a_queue_is_closed_by_the_desk_and_opened_again_from_the_journal(queue: Cloud, tmp_path: Path) -> None:
    at = desk(queue, tmp_path)
    proposal = await at.propose(Request(action="pause", targets=(QUEUE,)))
    assert proposal.decision is Decision.TYPE_NAME  # nobody says which environment it is
    answer = Answer(typed=proposal.type_name, reason="INC-12")
    (entry,) = (await at.confirm(proposal, answer)).entries
    assert (entry.outcome, now(queue)[0]) == (Outcome.APPLIED, "DISABLED")
    again = desk(queue, tmp_path)
    back = await again.propose(Undo(entry=entry.id))
    assert back.planned[0].plan.title == "Undo pause of sweeps"
    carried = await again.confirm(back, Answer(typed=back.type_name, reason="INC-12"))
    assert not carried.refused
    (undone,) = carried.entries
    assert (undone.outcome, now(queue)[0]) == (Outcome.APPLIED, "ENABLED")
    assert Journal(tmp_path).entries()[0].undone_by == undone.id


async def test_policy_by_kind_and_place_holds_for_what_is_at_aws(queue: Cloud, tmp_path: Path) -> None:
    for rule in (Selector(kinds=("JobQueue",)), Selector(clusters=("aws/*",)), Selector(namespaces=("batch",))):
        at = desk(queue, tmp_path, dataclasses.replace(OPEN, protected=(rule,)))
        proposal = await at.propose(Request(action="pause", targets=(QUEUE,)))
        assert proposal.decision is Decision.REFUSE
        assert "is protected" in proposal.planned[0].judgement.reason


async def test_a_pool_is_not_resized_below_its_minimum(aws: Cloud, tmp_path: Path) -> None:
    aws.machines = aws.group("gpu-asg", 2, 10, 5)
    of = fleet([labelled(f"n{each}", "h100") for each in range(5)])
    kept = dataclasses.replace(OPEN, minimums=(Minimum(selector=Selector(kinds=("pool",)), size=2),))
    at = desk(aws, tmp_path, kept, of)
    for nodes, decision in (("1", Decision.REFUSE), ("3", Decision.TYPE_NAME)):
        proposal = await at.propose(Request(action="resize", targets=(POOL,), parameters={"nodes": nodes}))
        assert proposal.decision is decision
    assert "MinSize of asg/gpu-asg would be 1" in await _refusal(at, "1")
    (entry,) = (await at.confirm(proposal, Answer(typed=proposal.type_name, reason="INC-12"))).entries
    assert (entry.outcome, aws.sizes("gpu-asg")) == (Outcome.APPLIED, (2, 10, 3))
    back = await at.propose(Undo(entry=entry.id))
    await at.confirm(back, Answer(typed=back.type_name, reason="INC-12"))
    assert aws.sizes("gpu-asg") == (2, 10, 5)


async def _refusal(at: Desk, nodes: str) -> str:
    proposal = await at.propose(Request(action="resize", targets=(POOL,), parameters={"nodes": nodes}))
    return proposal.planned[0].judgement.reason


async def test_what_has_no_row_is_refused_as_nobody_knows_how_old_its_figures_are(aws: Cloud, tmp_path: Path) -> None:
    aws.group("gpu-asg", 2, 10, 5)
    alone: Target = group_target("gpu-asg")
    proposal = await desk(aws, tmp_path).propose(Request(action="resize", targets=(alone,), parameters={"nodes": "3"}))
    assert proposal.decision is Decision.REFUSE
    assert "how old the data" in proposal.planned[0].judgement.reason


async def test_no_key_of_a_cluster_is_asked_about_at_aws(queue: Cloud, tmp_path: Path) -> None:
    """What IAM allows is not asked of a cluster: nothing is said to be missing."""
    assert await desk(queue, tmp_path).missing(QUEUE) == {}
    assert await desk(queue, tmp_path).missing(thing_target("Instance", "ec2", "i-0")) == {}
