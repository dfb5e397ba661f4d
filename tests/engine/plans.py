"""Plans, what is known around them, and permits for tests of the guard and the journal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from finops_tui.engine.arming import Arming
from finops_tui.engine.guard import judge
from finops_tui.engine.journal import Journal
from finops_tui.engine.journal_entry import Entry, Who
from finops_tui.engine.permit import Confirmation, Permit, permit
from finops_tui.engine.policy import Policy
from finops_tui.model.plan import Decision, FieldChange, Judgement, Plan, Risk, Target, TargetKind
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Snapshot, SpendRow
from tests.samples import NOON, empty_snapshot

OPEN = Policy(read_only=False)
ARMED = Arming(since=NOON - timedelta(minutes=1), until=NOON + timedelta(minutes=14))
ANA = Who(user="ana", host="bastion", process=7)
SUSPEND = FieldChange(object="job/retrain-v7", path="spec.suspend", before="false", after="true")


def target(**given: Any) -> Target:
    fields: dict[str, Any] = {
        "kind": TargetKind.WORKLOAD,
        "key": "prod-us/Job/nlp-train/retrain-v7",
        "cluster": "prod-us",
        "name": "nlp-train/job/retrain-v7",
        "owner": "nlp",
        "environment": "training",
        "uid": "u-1",
    }
    return Target(**(fields | given))


def plan(number: int = 1, **given: Any) -> Plan:
    fields: dict[str, Any] = {
        "id": f"plan-{number}",
        "action": "pause",
        "title": "Pause retrain-v7",
        "target": target(),
        "made_at": NOON - timedelta(seconds=4),
        "changes": (SUSPEND,),
        "saves_usd_per_hour": 412.0,
        "saves_when": "once 9 h100-train nodes are gone, about 12:09Z",
        "slo_risk": Risk.NONE,
        "touches": "1 job, 9 pods, 72 GPUs, 9 nodes",
        "pods": 9,
        "gpus": 72.0,
        "undo": "resumes from the checkpoint of 11:55Z",
        "dry_run": "accepted by prod-us",
    }
    return Plan(**(fields | given))


def scale(before: str, after: str, path: str = "spec.replicas") -> Plan:
    change = FieldChange(object="deployment/rerank", path=path, before=before, after=after)
    return plan(action="scale", title="Scale rerank", changes=(change,))


def spend_row(
    kind: ScopeKind = ScopeKind.WORKLOAD, key: str = "prod-us/Job/nlp-train/retrain-v7", **given: Any
) -> SpendRow:
    fields: dict[str, Any] = {
        "kind": kind,
        "key": key,
        "name": key.rpartition("/")[2],
        "cluster": "prod-us",
        "owner": "nlp",
        "usd_per_hour": 412.0,
        "at": NOON - timedelta(seconds=4),
    }
    return SpendRow(**(fields | given))


def snapshot(*rows: SpendRow) -> Snapshot:
    """Return one with these rows; without any, with that of the usual target and of its cluster."""
    shown = rows or (spend_row(), spend_row(ScopeKind.CLUSTER, "prod-us"))
    return replace(
        empty_snapshot(), spend={kind: tuple(row for row in shown if row.kind is kind) for kind in ScopeKind}
    )


def entry(number: int = 9, at: datetime = NOON - timedelta(minutes=5), **given: Any) -> Entry:
    """Return what the journal would say of another plan, for another target unless one is given."""
    about = given.pop("target", target(key=f"prod-us/Job/other/{number}", name=f"other/job/{number}"))
    fields: dict[str, Any] = {
        "plan": plan(number, target=about, **given.pop("plan", {})),
        "at": at,
        "who": ANA,
        "reason": "",
        "approver": "",
        "judgement": Judgement(decision=Decision.CONFIRM, checks=()),
    }
    return Entry(**(fields | given))


def judged(about: Plan | None = None, policy: Policy = OPEN, **given: Any) -> Judgement:
    around: dict[str, Any] = {"snapshot": snapshot(), "armed": ARMED, "now": NOON}
    return judge(about or plan(), policy=policy, **(around | given))


def permitted(about: Plan, now: datetime = NOON, **answer: Any) -> Permit:
    """Return leave for a plan of the usual target, as of `now`."""
    seconds = timedelta(seconds=4)
    rows = (replace(row, at=now - seconds) for row in (spend_row(), spend_row(ScopeKind.CLUSTER, "prod-us")))
    around: dict[str, Any] = {
        "snapshot": replace(snapshot(*rows), at=now),
        "policy": OPEN,
        "armed": Arming(since=now, until=now + timedelta(minutes=15)),
        "now": now,
    }
    shown = judge(about, **around)
    fields: dict[str, Any] = {"who": ANA, "typed": shown.type_name, "reason": "INC-12 runaway retrain"}
    return permit(shown, about, Confirmation(**(fields | answer)), **around)


def on(number: int, **given: object) -> Plan:
    """Return a plan for a target of its own."""
    return plan(number, target=target(key=f"prod-us/Job/ml/job-{number}", name=f"ml/job/job-{number}"), **given)


def intend(journal: Journal, about: Plan, **answer: Any) -> Entry:
    return journal.intend(about, permitted(about, **answer), NOON)
