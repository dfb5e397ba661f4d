"""Nodes that come and go, told by pool: eight that join are one line, not eight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.inventory import Node
from finops_tui.phrases import counted
from finops_tui.sources.kubernetes.changes import Dated
from finops_tui.sources.kubernetes.nodes import NodeClaimFacts

QUIET = timedelta(seconds=20)
"""After the last node of a wave; then it is told."""
LONGEST = timedelta(minutes=2)
"""From the first node of a wave; a longer wave is told in parts."""
APART = timedelta(minutes=5)
"""Nodes that were created this far apart belong to two waves."""
KARPENTER = "karpenter"


@dataclass(slots=True)
class _Wave:
    before: int
    began: datetime
    latest: datetime
    who: str
    joined: int = 0
    left: Counter[str] = field(default_factory=Counter)
    """How many left, by why."""
    gpus: float = 0.0

    def over(self, now: datetime) -> bool:
        return now - self.latest >= QUIET or now - self.began >= LONGEST

    def details(self) -> tuple[str, ...]:
        joined = [f"{counted(self.joined, 'node')} joined"] if self.joined else []
        left = [
            f"{counted(count, 'node')} left" + (f": {why}" if why else "") for why, count in sorted(self.left.items())
        ]
        return (*joined, *left)


class PoolCounts:
    """How many nodes each pool has, and the waves that are under way."""

    def __init__(self, cluster: str) -> None:
        self._cluster = cluster
        self._counts: dict[str, int] = {}
        self._waves: dict[str, _Wave] = {}
        self._claims: dict[str, _Wave] = {}
        """Machines that Karpenter has asked the cloud for, by pool."""

    def start(self, nodes: Iterable[Node], since: datetime) -> Iterator[Dated]:
        """Count what the first list shows; yield the waves that began after `since`, going by creation times."""
        pools: dict[str, list[Node]] = {}
        for node in nodes:
            pools.setdefault(node.pool, []).append(node)
        for pool, members in sorted(pools.items()):
            self._counts[pool] = len(members)
            recent = sorted(
                (node.created_at, node.uid, node.gpus)
                for node in members
                if node.created_at and node.created_at >= since
            )
            wave: list[tuple[datetime, str, int]] = []
            for position, (created, uid, gpus) in enumerate(recent):
                wave.append((created, uid, gpus))
                last = position + 1 == len(recent)
                if last or recent[position + 1][0] - created > APART:
                    yield self._dated(
                        created,
                        pool,
                        f"joined/{wave[0][1]}",
                        f"{pool} +{counted(len(wave), 'node')}",
                        _who(members[0]),
                        details=(f"{counted(len(wave), 'node')} joined",),
                        gpus=sum(gpus for *_, gpus in wave),
                    )
                    wave = []

    def joined(self, node: Node, now: datetime) -> None:
        wave = self._moved(node, +1, now)
        wave.joined += 1
        wave.gpus += node.gpus

    def left(self, node: Node, now: datetime, why: str = "") -> None:
        wave = self._moved(node, -1, now)
        wave.left[why] += 1
        wave.gpus -= node.gpus

    def claimed(self, claim: NodeClaimFacts, now: datetime) -> None:
        """Take note that Karpenter asks for a machine."""
        wave = self._claims.setdefault(claim.pool, _Wave(0, claim.created_at or now, now, KARPENTER))
        wave.latest = now
        wave.joined += 1
        wave.gpus += claim.gpus

    def settle(self, now: datetime) -> Iterator[Dated]:
        """Yield the waves that are over."""
        for pool, wave in [(pool, wave) for pool, wave in self._waves.items() if wave.over(now)]:
            del self._waves[pool]
            after = self._counts.get(pool, 0)
            if after != wave.before:
                what_id = f"nodes/{wave.began.isoformat(timespec='seconds')}"
                what = f"{pool} {wave.before}→{after} nodes"
                yield self._dated(wave.began, pool, what_id, what, wave.who, details=wave.details(), gpus=wave.gpus)
        for pool, wave in [(pool, wave) for pool, wave in self._claims.items() if wave.over(now)]:
            del self._claims[pool]
            what_id = f"claims/{wave.began.isoformat(timespec='seconds')}"
            what = f"{pool} {counted(wave.joined, 'node')} asked for"
            yield self._dated(wave.began, pool, what_id, what, wave.who, gpus=wave.gpus)

    @property
    def unsettled(self) -> bool:
        return bool(self._waves or self._claims)

    def _moved(self, node: Node, by: int, now: datetime) -> _Wave:
        before = self._counts.get(node.pool, 0)
        self._counts[node.pool] = before + by
        wave = self._waves.setdefault(node.pool, _Wave(before, now, now, _who(node)))
        wave.latest = now
        return wave

    def _dated(
        self, at: datetime, pool: str, what_id: str, what: str, who: str, *, gpus: float, details: tuple[str, ...] = ()
    ) -> Dated:
        subject = f"{self._cluster}/{pool}"
        change = Change(
            id=f"{subject}/{what_id}",
            kind=ChangeKind.NODE,
            who=who,
            subject=subject,
            what=what,
            details=details,
            gpus=round(gpus, 3),
        )
        return Dated(at, change)


def _who(node: Node) -> str:
    return KARPENTER if "karpenter.sh/nodepool" in node.labels else "autoscaler"
