"""One question to a Prometheus."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    id: str
    purpose: str
    """What the figure is for and what its absence costs, in a few words."""
    expr: str
    needs: tuple[str, ...] = ()
    """Metrics without which it is not asked."""
    gives: tuple[str, ...] = ()
    """Labels that tell its rows apart. `$host` and the like stand for the configured ones."""
    required: bool = False
    """Its absence is a defect worth showing, not just a thing this installation does not have."""
    record: str = ""
    """What a recording rule calls its answer (`level:metric:operations`); empty where it is cheap."""
