"""What was done with the program, for tests and pictures: rows of the journal, remedies, a finding about a node."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from finops_tui.model.action import ActionRow
from finops_tui.model.finding import Finding, Remedy, Severity
from finops_tui.model.plan import FieldChange, Outcome, Risk, Target, TargetKind
from finops_tui.model.scope import Scope, ScopeKind
from tests.ui.desk import PAUSE, RETRAIN_TARGET
from tests.ui.samples import FINDINGS, INCIDENT, NOW, RETRAIN, ago, at, finding

PAUSED = ActionRow(
    key="a1",
    at=ago(120),
    action="pause",
    title="Pause retrain-v7",
    target=RETRAIN_TARGET.key,
    target_kind=TargetKind.WORKLOAD,
    name=RETRAIN_TARGET.name,
    cluster="prod-us",
    who="ana@bastion",
    reason="INC-12 runaway retrain",
    outcome=Outcome.APPLIED,
    outcome_at=ago(118),
    words="3 of 9 pods are gone.",
    touches=PAUSE.touches,
    changes=PAUSE.changes,
    dry_run=PAUSE.dry_run,
    promised_usd_per_hour=412.0,
    saves_at=PAUSE.saves_at,
    undo=PAUSE.undo,
    undoable=True,
)
DONE = replace(
    PAUSED,
    key="a0",
    at=ago(7_200),
    action="scale",
    title="Scale rerank-eu 6→4",
    target="prod-eu/deploy/search/rerank-eu",
    name="search/deploy/rerank-eu",
    cluster="prod-eu",
    who="mei@bastion",
    reason="",
    outcome=Outcome.DONE,
    outcome_at=ago(7_100),
    words="4 replicas run.",
    changes=(FieldChange(object="deployment/rerank-eu", path="spec.replicas", before="6", after="4"),),
    promised_usd_per_hour=19.0,
    saved_usd_per_hour=18.4,
    undo="sets it back: 6 replicas",
)
UNDONE = replace(
    DONE,
    key="a2",
    at=ago(60),
    title="Undo scale of rerank-eu",
    action="undo",
    undoes="a0",
    undoable=False,
    words="6 replicas run.",
    promised_usd_per_hour=-19.0,
    saved_usd_per_hour=None,
)
FAILED = replace(
    PAUSED,
    key="a3",
    at=ago(3_600),
    title="Cordon h100-3",
    action="cordon",
    target="prod-us/h100-3",
    target_kind=TargetKind.NODE,
    name="node/h100-3",
    outcome=Outcome.FAILED,
    words="prod-us refused it: forbidden for user ana.",
    bad=True,
    undoable=False,
    promised_usd_per_hour=0.0,
)
UNKNOWN = replace(PAUSED, key="a4", at=ago(30), outcome=Outcome.UNKNOWN, words="no answer in 10s", undoable=True)
TIMED = replace(PAUSED, key="a5", at=ago(1_080), outcome=Outcome.DONE, until=NOW + timedelta(minutes=12), words="")
OVERDUE = replace(TIMED, key="a6", at=ago(9_000), until=ago(240))
ACTIONS = (UNDONE, PAUSED, TIMED, FAILED, DONE)

REMEDIES = (
    Remedy(
        action="pause",
        target=RETRAIN_TARGET,
        what="pause the job",
        saves_usd_per_hour=412.0,
        saves_when="once 9 h100-train nodes are gone, about 14:09Z",
        saves_at=PAUSE.saves_at,
        slo_risk=Risk.NONE,
        loses="7m of training",
        reverts=PAUSE.reverts,
    ),
    Remedy(
        action="scale",
        target=RETRAIN_TARGET,
        parameters={"replicas": "1"},
        what="scale workers 9→1",
        saves_usd_per_hour=366.4,
        saves_when="once 8 h100-train nodes are gone, about 14:09Z",
        saves_at=PAUSE.saves_at,
        reverts=PAUSE.reverts,
        slo_risk=Risk.NONE,
        loses="nothing",
    ),
    Remedy(
        action="cordon",
        target=Target(kind=TargetKind.NODE, key="prod-us/h100-3", cluster="prod-us", name="h100-3"),
        what="cordon h100-3",
        saves_usd_per_hour=0.0,
        saves_when="it saves nothing by itself",
        slo_risk=Risk.LOW,
        loses="nothing",
    ),
    Remedy(
        action="rollback",
        target=RETRAIN_TARGET,
        what="roll back the last rollout",
        saves_usd_per_hour=300.8,
        saves_when="about 14:20Z",
        saves_at=at(14, 20),
        slo_risk=Risk.NONE,
        loses="20m of training",
        refused="a job keeps no earlier revision",
        reversible=False,
    ),
)
HELPED = replace(RETRAIN, remedies=REMEDIES)
"""The runaway job with moves against it."""
NODE = finding(
    "node/h100-3",
    Severity.PAGE,
    "platform",
    45.8,
    0.0,
    840,
    kind="gpu-errors",
    scope=Scope(ScopeKind.POOL, "prod-us/h100-train"),
    why="XID 79 on h100-3: it has fallen off the bus.",
)
TEAM: Finding = finding(
    "nlp",
    Severity.PAGE,
    "nlp",
    418.2,
    44.0,
    840,
    scope=Scope(ScopeKind.TEAM, "nlp"),
    why="9.5× normal for a Friday 14:00Z.",
)
XID = replace(INCIDENT, findings=(NODE, *FINDINGS[1:]))
