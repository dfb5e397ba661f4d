"""What money can be counted by."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class ScopeKind(StrEnum):
    TOTAL = "total"
    CLUSTER = "cluster"
    POOL = "pool"
    TEAM = "team"
    NAMESPACE = "namespace"
    MODEL = "model"
    WORKLOAD = "workload"


class Scope(NamedTuple):
    """One thing that spends. Its name is unique within its kind: `prod-us/a100-spot` for a pool, a team's bare name."""

    kind: ScopeKind
    name: str


TOTAL = Scope(ScopeKind.TOTAL, "total")
