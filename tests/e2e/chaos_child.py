"""Pauses every job that the journal does not name yet, and stays until nothing is open. It may be killed any time."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.pause import Pause
from finops_tui.actions.planning import Hands
from finops_tui.clock import SimulatedClock
from finops_tui.engine import aftermath
from finops_tui.engine import desk as desks
from finops_tui.engine.arming import Arming
from finops_tui.engine.feed import Feed
from finops_tui.engine.journal import Journal
from finops_tui.engine.policy import Policies, Policy
from finops_tui.engine.proposal import Answer, Request
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Target, TargetKind
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.sources.kube_access import load_access
from finops_tui.sources.kube_calls import KubeCalls
from finops_tui.threads import DaemonThreads
from tests.engine.plans import ANA, snapshot, spend_row
from tests.samples import NOON

LATE = timedelta(seconds=1)
"""In place of a minute: how long a request without an answer may still be carried out."""
POLICY = Policy(
    read_only=False, rate_actions=10_000, typed_usd_per_hour=None, stale_seconds=1e9, refuse_stale_seconds=1e9
)


def job(number: int) -> Target:
    name = f"job-{number}"
    return Target(
        kind=TargetKind.WORKLOAD, key=f"prod/Job/ml/{name}", cluster="prod", name=f"ml/job/{name}",
        environment="training", uid=f"uid-{number}",
    )  # fmt: skip


def figures(count: int, clock: SimulatedClock) -> Snapshot:
    rows = (spend_row(key=job(number).key, cluster="prod") for number in range(count))
    shown = snapshot(*rows, spend_row(ScopeKind.CLUSTER, "prod", cluster="prod"))
    now = clock.now()
    spend = {kind: tuple(replace(row, at=now) for row in kind_rows) for kind, kind_rows in shown.spend.items()}
    return replace(shown, at=now, spend=spend)


async def main(kubeconfig: Path, folder: Path, count: int, started: float) -> None:
    clock = SimulatedClock(NOON + timedelta(seconds=started))
    client = KubeClient("prod", KubeCalls(load_access(kubeconfig=kubeconfig), read_timeout_seconds=2.0))
    journal = Journal(folder)
    desk = desks.Desk(
        (Pause(Hands(client=lambda _: client, by="ana")),), journal, Policies(default=POLICY), clock,
        feed=Feed(), who=ANA,
        armed=Arming(since=clock.now(), until=clock.now() + timedelta(days=30)), write=DaemonThreads(1, "journal").call,
    )  # fmt: skip
    desk.begin(Fleet())
    desk.see(figures(count, clock))
    running = asyncio.create_task(desk.run(lambda _: None))
    known = {entry.plan.target.key for entry in journal.entries()}
    for number in range(count):
        if job(number).key not in known:
            desk.see(figures(count, clock))
            proposal = await desk.propose(Request(action="pause", targets=(job(number),)))
            await desk.confirm(proposal, Answer(typed=proposal.type_name, reason="chaos"))
    while journal.in_flight():
        desk.see(figures(count, clock))
        await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


if __name__ == "__main__":
    desks.LOOK_SECONDS = (0.1, 0.5)
    aftermath.LATE = LATE
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
