"""Kubernetes Events that matter here. They are kept for an hour by the server, and by us not at all.

Reasons: kubelet, scheduler, taint-eviction controller, cluster-autoscaler, Karpenter and its AWS provider, AWS node
termination handler, KEDA, AKS node problem detector.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from finops_tui.sources.clean import one_line
from finops_tui.sources.kubernetes import objects

_DECODER = msgspec.json.Decoder(objects.ClusterEvent)

SPOT_REASONS: dict[str, float | None] = {
    "SpotInterrupted": 120.0,
    "SpotInterruption": 120.0,
    "PreemptScheduled": 30.0,
}
"""The notice that each gives, in seconds."""
EVICTION_REASONS = {
    "Preempted": "preempted by a more important pod",
    "Evicted": "evicted",
    "TaintManagerEviction": "node tainted",
    "PodEviction": "node taken by the cloud",
}
SCALE_REASONS = frozenset(
    {"SuccessfulRescale", "ScaledUpGroup", "KEDAScaleTargetActivated", "KEDAScaleTargetDeactivated"}
)
TROUBLE_REASONS = frozenset({"InsufficientCapacityError", "FailedScaleUp"})
WANTED = frozenset({*SPOT_REASONS, *EVICTION_REASONS, *SCALE_REASONS, *TROUBLE_REASONS})


class EventFacts(msgspec.Struct, frozen=True):
    uid: str
    reason: str
    message: str
    who: str
    kind: str
    """Of the object that it is about, as are the next three."""
    namespace: str
    name: str
    object_uid: str
    at: datetime | None


def read_event(item: msgspec.Raw) -> EventFacts | None:
    event = _DECODER.decode(item)
    if event.reason not in WANTED or event.message.startswith("Cancelling deletion"):
        return None
    about = event.involved_object
    at = event.series.last_observed_time if event.series is not None else None
    return EventFacts(
        uid=one_line(event.metadata.uid),
        reason=event.reason,
        message=one_line(event.message, 200),
        who=one_line(event.source.component or event.reporting_component, 60),
        kind=one_line(about.kind),
        namespace=one_line(about.namespace),
        name=one_line(about.name),
        object_uid=one_line(about.uid),
        at=at or event.last_timestamp or event.event_time or event.metadata.creation_timestamp,
    )
