"""Nodes that come and go, told by pool: eight that join are one line, not eight."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.inventory import Node
from finops_tui.sources.kubernetes.changes import Dated

QUIET = timedelta(seconds=20)
"""After the last node of a wave; then it is told."""
LONGEST = timedelta(minutes=2)
"""From the first node of a wave; a longer wave is told in parts."""
APART = timedelta(minutes=5)
"""Nodes that were created this far apart belong to two waves."""


@dataclass(slots=True)
class _Wave:
    before: int
    began: datetime
    latest: datetime
    who: str


class PoolCounts:
    """How many nodes each pool has, and the waves that are under way."""

    def __init__(self, cluster: str) -> None:
        self._cluster = cluster
        self._counts: dict[str, int] = {}
        self._waves: dict[str, _Wave] = {}

    def start(self, nodes: Iterable[Node], since: datetime) -> Iterator[Dated]:
        """Count what the first list shows; yield the waves that began after `since`, going by creation times."""
        pools: dict[str, list[Node]] = {}
        for node in nodes:
            pools.setdefault(node.pool, []).append(node)
        for pool, members in sorted(pools.items()):
            self._counts[pool] = len(members)
            recent = sorted(
                (node.created_at, node.uid) for node in members if node.created_at and node.created_at >= since
            )
            wave: list[tuple[datetime, str]] = []
            for position, (created, uid) in enumerate(recent):
                wave.append((created, uid))
                last = position + 1 == len(recent)
                if last or recent[position + 1][0] - created > APART:
                    nodes_word = "node" if len(wave) == 1 else "nodes"
                    yield self._dated(
                        created, pool, f"joined/{wave[0][1]}", f"{pool} +{len(wave)} {nodes_word}", _who(members[0])
                    )
                    wave = []

    def joined(self, node: Node, now: datetime) -> None:
        self._moved(node, +1, now)

    def left(self, node: Node, now: datetime) -> None:
        self._moved(node, -1, now)

    def settle(self, now: datetime) -> Iterator[Dated]:
        """Yield the waves that are over."""
        for pool, wave in list(self._waves.items()):
            if now - wave.latest >= QUIET or now - wave.began >= LONGEST:
                del self._waves[pool]
                after = self._counts.get(pool, 0)
                if after != wave.before:
                    what_id = f"nodes/{wave.began.isoformat(timespec='seconds')}"
                    yield self._dated(wave.began, pool, what_id, f"{pool} {wave.before}→{after} nodes", wave.who)

    @property
    def unsettled(self) -> bool:
        return bool(self._waves)

    def _moved(self, node: Node, by: int, now: datetime) -> None:
        before = self._counts.get(node.pool, 0)
        self._counts[node.pool] = before + by
        wave = self._waves.setdefault(node.pool, _Wave(before, now, now, _who(node)))
        wave.latest = now

    def _dated(self, at: datetime, pool: str, what_id: str, what: str, who: str) -> Dated:
        subject = f"{self._cluster}/{pool}"
        return Dated(at, Change(id=f"{subject}/{what_id}", kind=ChangeKind.NODE, who=who, subject=subject, what=what))


def _who(node: Node) -> str:
    return "karpenter" if "karpenter.sh/nodepool" in node.labels else "autoscaler"
