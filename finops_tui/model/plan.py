"""A change that is meant: exactly what, what it saves and when, what it hurts, and how to take it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field


class TargetKind(StrEnum):
    WORKLOAD = "workload"
    POOL = "pool"
    NODE = "node"
    NAMESPACE = "namespace"
    ANOMALY = "anomaly"
    """What a cloud's own detection found; nothing that runs."""


class Target(Struct, frozen=True, kw_only=True, gc=False):
    """The one thing that is to be changed, fixed when the key is pressed."""

    kind: TargetKind
    key: str
    """As the row's: `cluster/Kind/namespace/name`, `cluster/pool`, `cluster/node`."""
    cluster: str
    name: str
    """As shown: `nlp-train/job/retrain-v7`."""
    owner: str = ""
    contact: str = ""
    environment: str = ""
    uid: str = ""
    """Whatever is found under this name later must have the same; empty where the system has none."""


class FieldChange(Struct, frozen=True, kw_only=True, gc=False):
    """One field of one object."""

    object: str
    """`job/retrain-v7`."""
    path: str
    """`spec.suspend`."""
    before: str
    """As JSON; `–` where there was none."""
    after: str


class Risk(StrEnum):
    NONE = "none"
    LOW = "low"
    HIGH = "high"
    UNKNOWN = "unknown"


class Reverter(Struct, frozen=True, kw_only=True, gc=False):
    """What would undo it by itself: an autoscaler, a GitOps tool, an operator."""

    who: str
    """In one word: `hpa`, `argocd`."""
    words: str
    """`the next sync of Argo CD app nlp-train`."""
    advice: str = ""
    """What may be done about it."""


class Plan(Struct, frozen=True, kw_only=True, gc=False):
    """Data, nothing else: shown, judged, written down, carried out, taken back."""

    id: str
    """Unique; what is done carries it."""
    action: str
    """Id of the action: `pause`, `scale`, `cordon`."""
    title: str
    """Verb and name, as the button says it: `Pause retrain-v7`."""
    target: Target
    made_at: datetime
    changes: tuple[FieldChange, ...]
    saves_usd_per_hour: float | None
    """What leaves the bill, the whole of it; 0 when nothing does; None when that is not known."""
    saves_when: str
    """`once 9 h100-train nodes are gone, about 14:09Z`."""
    saves_at: datetime | None = None
    until_then: str = ""
    """`freed pods do not stop the bill, removed nodes do`."""
    slo_risk: Risk = Risk.UNKNOWN
    slo_words: str = ""
    slos: tuple[str, ...] = ()
    """Keys of the objectives at risk."""
    touches: str
    """`1 job, 9 pods, 72 GPUs, 9 nodes`."""
    pods: int = 0
    gpus: float = 0.0
    nodes: int = 0
    loses: str = "nothing"
    """`7m of training since checkpoint 13:55Z (≈$48 of GPU time)`."""
    reverts: tuple[Reverter, ...] = ()
    undo: str
    """How it is taken back, in words; empty when it cannot be."""
    permissions: tuple[str, ...] = ()
    """What it needs: `patch batch/jobs in nlp-train`."""
    dry_run: str = ""
    """What the system said to a trial: `accepted by prod-us`; empty where there is no trial."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What the action was asked for: `{"replicas": "1"}`."""
    steps: Mapping[str, str] = field(default_factory=dict)
    """What the action needs to carry it out, as JSON by name; no secret."""
    recipe: Mapping[str, str] = field(default_factory=dict)
    """What the action needs to take it back, as JSON by name; also written on the object."""

    @property
    def reversible(self) -> bool:
        return bool(self.undo)


class Decision(StrEnum):
    """What the guard says, mildest first."""

    ALLOW = "allow"
    CONFIRM = "confirm"
    TYPE_NAME = "type the name"
    REFUSE = "refuse"


class Check(Struct, frozen=True, kw_only=True, gc=False):
    """One thing that the guard looked at."""

    ok: bool
    words: str
    """`data 4s old`, `not protected`."""


class Judgement(Struct, frozen=True, kw_only=True, gc=False):
    """The guard's word on one plan at one moment."""

    decision: Decision
    checks: tuple[Check, ...]
    reason: str = ""
    """Why it is refused, or why more than a key is asked for."""
    type_name: str = ""
    """What is to be typed."""


class Outcome(StrEnum):
    PLANNED = "planned"
    """Written down, nothing sent yet."""
    APPLIED = "applied"
    """The system took it; its effect has not been seen yet."""
    DONE = "done"
    """Its effect was seen."""
    FAILED = "failed"
    """The system refused it; nothing is different."""
    UNKNOWN = "unknown"
    """No answer came: it may have happened."""
    UNDONE = "undone"
