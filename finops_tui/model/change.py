"""Things that happened and may explain a bill."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class ChangeKind(StrEnum):
    ROLLOUT = "rollout"
    SCALE = "scale"
    WORKLOAD = "workload"
    """A workload appeared, ended, was paused or resumed."""
    NODE = "node"
    CONFIG = "config"
    """Bounds of an autoscaler, a quota, a pool's limits."""
    NOTE = "note"
    """Written down by somebody: an annotation file, Grafana."""
    ACTION = "action"
    """Done with this program."""


class Change(Struct, frozen=True, kw_only=True, gc=False):
    id: str
    """Stable for one change, however often it is reported."""
    kind: ChangeKind
    who: str
    """The actor in one word: `hpa`, `argocd`, `karpenter`, a user's name."""
    subject: str
    """Key of the workload, or `cluster/pool`."""
    what: str
    """One line, without the time: `rerank-eu replicas 4→6`."""
    details: tuple[str, ...] = ()
    """What is different, field by field: `image nlp-train:4e1f9c2→nlp-train:8812aa0`, `env changed`."""
    gpus: float | None = None
    """How many GPUs more (or, negative, fewer) it asks for; None where that is not known."""
