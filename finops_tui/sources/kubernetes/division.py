"""What a session tells of itself, and what it leaves to a Prometheus of the cluster."""

from __future__ import annotations

from collections.abc import Iterable

from finops_tui.model.observations import NamespacesSeen, NodesSeen, Observation, WorkloadsSeen
from finops_tui.sources.inventory_share import EVERYTHING, NOWHERE, InventoryShare, Part
from finops_tui.sources.kubernetes.reader import Reader, ReaderState, Reported

PARTS = {NodesSeen: Part.NODES, WorkloadsSeen: Part.WORKLOADS, NamespacesSeen: Part.NAMESPACES}


class Division:
    """Drawn anew whenever a reader is refused or works again, and whenever a Prometheus begins or ceases to tell."""

    def __init__(self, share: InventoryShare, readers: Iterable[Reader]) -> None:
        self._share = share
        self._readers = tuple(readers)
        # Where nobody could connect, all is told elsewhere, and stays so until a reader works.
        self._unable = set(self._readers) if share.covered == {} else set[Reader]()
        """Those that were refused, and have not watched since."""
        self._covered = share.covered if share.covered is not None else EVERYTHING
        self._taken_over = share.taken_over(self._covered)

    def note(self, report: Reported) -> bool:
        """Take note of what a reader says of itself; return whether the division is to be drawn anew."""
        before = len(self._unable)
        if report.state is ReaderState.REFUSED:
            self._unable.add(report.reader)
        elif report.state is ReaderState.WATCHING:
            self._unable.discard(report.reader)
        return len(self._unable) != before

    def is_mine(self, part: Part) -> bool:
        """Tell whether no Prometheus tells of all of it."""
        return part not in self._taken_over

    def keeps(self, observation: Observation) -> bool:
        """Tell whether an observation is this session's to tell."""
        return PARTS.get(type(observation)) not in self._taken_over

    def draw(self, *, settled: bool) -> list[Part]:
        """Say what may be read, once every reader has answered; return what is to be told from the start."""
        covered = {part: self._covers(part) for part in Part} if settled else self._covered
        taken_over = self._share.taken_over(covered)
        again = []
        for part in Part:
            before, now = self._covered.get(part, NOWHERE), covered.get(part, NOWHERE)
            if part in self._taken_over - taken_over or ("" not in before and now - before):
                again.append(part)
        self._covered, self._taken_over = covered, taken_over
        if settled:
            self._share.cover(covered)
        return again

    def _covers(self, part: Part) -> frozenset[str]:
        """Return the namespaces in which what the part takes may be read."""
        able = (reader for reader in self._readers if reader not in self._unable)
        return frozenset(reader.namespace for reader in able if reader.kind.resource == part)
