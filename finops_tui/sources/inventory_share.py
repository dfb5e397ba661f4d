"""Who tells of a cluster's nodes, workloads and namespaces: Kubernetes as far as it may, a Prometheus of the rest.

One `InventoryShare` for each cluster. Its Kubernetes source says what it may read; a `StandIn` is the side of one
Prometheus. All of them live on one event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING


class Part(StrEnum):
    """What both can tell of, under the name of the resource that Kubernetes lists for it."""

    NODES = "nodes"
    WORKLOADS = "pods"
    NAMESPACES = "namespaces"


if TYPE_CHECKING:
    from finops_tui.sources.kubernetes.quantities import GpuScale

Covered = Mapping[Part, frozenset[str]]
"""In which namespaces Kubernetes may read what a part takes; an empty name stands for all of the cluster."""
NOWHERE: frozenset[str] = frozenset()
EVERYTHING: Covered = dict.fromkeys(Part, frozenset({""}))


class InventoryShare:
    def __init__(self, *, watched: bool = False) -> None:
        """`watched`: a Kubernetes source will say what it may read, and a Prometheus waits for that."""
        self.covered: Covered | None = None if watched else {}
        """None until Kubernetes has said so."""
        self._decided = asyncio.Event()
        self._stand_ins: list[StandIn] = []
        self._tellers: dict[str, StandIn] = {}
        """By part."""
        self.scales: Mapping[str, GpuScale] = {}
        """What GPU resources are worth on each node that a Prometheus told of last."""
        self._listener: Callable[[], None] = _nobody

    # --- the side of Kubernetes

    def listen(self, listener: Callable[[], None]) -> None:
        """Have it called whenever another Prometheus, or none any more, tells of a part."""
        self._listener = listener

    def cover(self, covered: Covered) -> None:
        """Say what Kubernetes may read; what it may read everywhere is told by no Prometheus any longer."""
        self._decided.set()
        if covered == self.covered:
            return
        self.covered = covered
        self._tellers = {part: teller for part, teller in self._tellers.items() if part in teller.wanted()}
        for stand_in in self._stand_ins:
            stand_in.wake()

    def teller(self, part: str) -> str:
        """Return the name of the Prometheus that tells of a part now, or of some of it; empty where none does."""
        stand_in = self._tellers.get(part)
        return stand_in.name if stand_in is not None else ""

    def taken_over(self, covered: Covered) -> frozenset[Part]:
        """Return what a Prometheus tells of as a whole, so that Kubernetes keeps silent about it."""
        return frozenset(
            part
            for part in Part
            if (teller := self._tellers.get(part)) is not None and (teller.always or not covered.get(part))
        )

    # --- for the side of a Prometheus

    def join(self, stand_in: StandIn) -> None:
        self._stand_ins.append(stand_in)

    def is_free(self, part: Part, stand_in: StandIn) -> bool:
        """Tell whether it may tell of a part: two that took turns would overwrite each other again and again."""
        teller = self._tellers.get(part, stand_in)
        return teller is stand_in or (stand_in.always and not teller.always)

    def tell(self, stand_in: StandIn, parts: Iterable[Part]) -> None:
        before = self._tellers
        others = {part: teller for part, teller in before.items() if teller is not stand_in}
        self._tellers = others | dict.fromkeys(parts, stand_in)
        if self._tellers != before:
            self._listener()

    def scale(self, stand_in: StandIn, scales: Mapping[str, GpuScale]) -> None:
        """Take what a node's GPU resources are worth from who tells of the nodes."""
        if self._tellers.get(Part.NODES) is stand_in and scales != self.scales:
            self.scales = scales
            self._listener()

    async def decided(self, patience_seconds: float) -> Covered:
        """Return what Kubernetes covers as soon as it has said so; nothing where it does not in time."""
        if self.covered is None:
            try:
                async with asyncio.timeout(patience_seconds):
                    await self._decided.wait()
            except TimeoutError:
                return {}
        return self.covered or {}


class StandIn:
    """One Prometheus, which tells of what Kubernetes may not read; with `always`, of everything."""

    def __init__(self, share: InventoryShare, name: str, wake: Callable[[], None], *, always: bool) -> None:
        """`wake` is called when something else is wanted of it."""
        self.name = name
        self.always = always
        self.wake = wake
        self._share = share
        share.join(self)

    @property
    def waits(self) -> bool:
        """Whether it is not known yet what is wanted of it."""
        return not self.always and self._share.covered is None

    def wanted(self) -> Covered:
        """Return the parts that it is to tell of now, each with the namespaces that it leaves to Kubernetes."""
        covered = {} if self.always else self._share.covered
        if covered is None:
            return {}
        return {part: left for part, left in _rest(covered).items() if self._share.is_free(part, self)}

    def tells(self, parts: Iterable[Part]) -> None:
        """Say of which parts it does tell now: what it lacks, or no longer has, another may tell."""
        self._share.tell(self, parts)

    def scales(self, scales: Mapping[str, GpuScale]) -> None:
        """Say what GPU resources are worth on the nodes that it tells of, by name."""
        self._share.scale(self, scales)

    async def needed(self, patience_seconds: float) -> Covered:
        """Return what Kubernetes leaves, as `wanted`, once it has said what it covers, or has not for so long."""
        return _rest({} if self.always else await self._share.decided(patience_seconds))


def _rest(covered: Covered) -> Covered:
    """Return the parts that are not covered everywhere, with the namespaces in which they are."""
    return {part: left for part in Part if "" not in (left := covered.get(part, NOWHERE))}


def _nobody() -> None:
    """Listen to nothing."""
