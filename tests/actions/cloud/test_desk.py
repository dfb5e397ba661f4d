"""The whole way at Google and at Azure: judged, written down, done once, found again by a later run, taken back."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from finops_tui.actions.azure.resize import AzureResize
from finops_tui.actions.cloud.places import plan_id
from finops_tui.actions.cloud.routed import Routed
from finops_tui.actions.gcp.resize import GcpResize
from finops_tui.engine.desk import Desk
from finops_tui.engine.feed import Feed
from finops_tui.engine.journal import Journal
from finops_tui.engine.policy import Minimum, Policies, Policy
from finops_tui.engine.proposal import Answer, Request, Undo
from finops_tui.engine.selector import Selector
from finops_tui.errors import ActionError
from finops_tui.model.plan import Decision, Outcome, Target
from finops_tui.model.scope import ScopeKind
from tests.actions.azure.aks import LABEL as AKS_LABEL
from tests.actions.azure.aks import Aks
from tests.actions.cloud.rest import labelled
from tests.actions.gcp.gke import LABEL as GKE_LABEL
from tests.actions.gcp.gke import Gke
from tests.actions.make import CLUSTER, Watch, fleet, pool_target, snapshot
from tests.engine.plans import ANA, ARMED, OPEN, spend_row

POOL = pool_target("h100")
ASKED = Request(action="resize", targets=(POOL,), parameters={"nodes": "1"})


@pytest.fixture(params=[Gke, Aks])
def made(request: pytest.FixtureRequest) -> Gke | Aks:
    return Gke([4]) if request.param is Gke else Aks(4)


def size(made: Gke | Aks) -> int:
    return sum(made.sizes) if isinstance(made, Gke) else int(made.properties["count"])


def desk(made: Gke | Aks, folder: Path, policy: Policy = OPEN) -> Desk:
    label, cloud = (GKE_LABEL, "gcp") if isinstance(made, Gke) else (AKS_LABEL, "azure")
    of = fleet([labelled(f"n{each}", "h100", label) for each in range(4)])
    hands = dataclasses.replace(made.hands(), new_id=plan_id)
    action = GcpResize(hands) if isinstance(made, Gke) else AzureResize(hands)
    resize = Routed({cloud: action}, lambda _: cloud, _nowhere)
    at = Desk((resize,), Journal(folder), Policies(default=policy), Watch(), feed=Feed(), who=ANA, armed=ARMED)
    at.begin(of)
    rows = (spend_row(ScopeKind.POOL, f"{CLUSTER}/h100", cluster=CLUSTER, usd_per_hour=40.0),)
    at.see(replace(snapshot(of), spend={ScopeKind.POOL: rows}))
    return at


def _nowhere(target: Target) -> ActionError:
    return ActionError(f"{target.name} is nowhere")


async def test_it_is_done_by_the_desk_and_taken_back_from_the_journal_by_a_later_run(
    made: Gke | Aks, tmp_path: Path
) -> None:
    at = desk(made, tmp_path)
    proposal = await at.propose(ASKED)
    assert proposal.decision is not Decision.REFUSE
    (entry,) = (await at.confirm(proposal, Answer(typed=proposal.type_name, reason="INC-12"))).entries
    assert (entry.outcome, size(made)) == (Outcome.APPLIED, 1)
    later = desk(made, tmp_path)
    back = await later.propose(Undo(entry=entry.id))
    assert back.planned[0].plan.title == "Undo resize of h100"
    (undone,) = (await later.confirm(back, Answer(typed=back.type_name, reason="INC-12"))).entries
    assert (undone.outcome, size(made)) == (Outcome.APPLIED, 4)
    assert Journal(tmp_path).entries()[0].undone_by == undone.id


async def test_what_was_not_answered_stands_as_unknown_until_a_later_run_has_looked(
    made: Gke | Aks, tmp_path: Path
) -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        made.answer(request)
        raise httpx.ReadTimeout("nothing came", request=request)

    at = desk(made, tmp_path)
    proposal = await at.propose(ASKED)
    made.served.faults |= {"POST": silent, "PUT": silent}
    (entry,) = (await at.confirm(proposal, Answer(typed=proposal.type_name, reason="INC-12"))).entries
    assert (entry.outcome, size(made)) == (Outcome.UNKNOWN, 1)
    later = desk(made, tmp_path)
    (left,) = Journal(tmp_path).entries()
    assert left.in_flight
    seen = await later.actions["resize"].verify(left.plan)
    assert seen.outcome is Outcome.DONE


async def test_a_pool_is_not_resized_below_its_minimum(made: Gke | Aks, tmp_path: Path) -> None:
    kept = dataclasses.replace(OPEN, minimums=(Minimum(selector=Selector(kinds=("pool",)), size=2),))
    proposal = await desk(made, tmp_path, kept).propose(ASKED)
    assert proposal.decision is Decision.REFUSE
    assert "would be 1" in proposal.planned[0].judgement.reason
    assert made.served.writes == []
