"""From a row that clouds tell of to the one thing that would be changed. Read where such rows are shown, not before."""

from __future__ import annotations

from finops_tui.model.cloud import Anomaly
from finops_tui.model.outside import OutsideKind, OutsideRow
from finops_tui.model.plan import Target, TargetKind
from finops_tui.ui.targets import Refusal, refusal_of, takes, target_of

AWS = "aws/"
"""What stands for a cluster begins so at the one cloud where things outside clusters can be changed."""
SERVICES = {OutsideKind.TRAINING_JOB: "sagemaker", OutsideKind.QUEUE: "batch", OutsideKind.MACHINE: "ec2"}
"""Of what can be changed outside clusters, in place of a namespace; an Auto Scaling group is a pool."""
OUTSIDE_ACTIONS = {
    OutsideKind.TRAINING_JOB: ("pause",),
    OutsideKind.QUEUE: ("pause", "resume"),
    OutsideKind.MACHINE: ("pause", "resume"),
    OutsideKind.GROUP: ("resize",),
}
"""What can be done to each kind of these; nothing to the others."""
DEAF = Refusal("AWS only", "its cloud takes no feedback on anomalies, only AWS does")


@target_of.register
def _(row: OutsideRow) -> Target | None:
    if not row.cluster.startswith(AWS):
        return None
    if row.kind is OutsideKind.GROUP:
        return Target(kind=TargetKind.POOL, key=row.key, cluster=row.cluster, name=f"pool/{row.name}")
    service = SERVICES.get(row.kind)
    if service is None:
        return None
    return Target(kind=TargetKind.WORKLOAD, key=row.key, cluster=row.cluster, name=f"{service}/{row.name}")


@target_of.register
def _(row: Anomaly) -> Target | None:
    if not row.place:
        return None
    return Target(kind=TargetKind.ANOMALY, key=row.key, cluster=row.place, name=f"{TargetKind.ANOMALY}/{row.name}")


@takes.register
def _(row: OutsideRow, action: str) -> bool:
    return action in OUTSIDE_ACTIONS.get(row.kind, ())


@refusal_of.register
def _(row: Anomaly, kinds: frozenset[str]) -> Refusal | None:
    return DEAF if TargetKind.ANOMALY.value in kinds and not row.place else None
