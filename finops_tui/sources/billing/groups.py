"""What a cloud says of its groups of machines, told region by region."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from finops_tui.model.cloud import MachineGroup, MachineGroupsSeen
from finops_tui.phrases import counted
from finops_tui.sources.base import Check
from finops_tui.sources.billing.beside import Told
from finops_tui.sources.billing.values import number

MOST = 1_000_000
"""No group has more machines: a larger number is none of them."""


class Regions:
    """All groups of some kinds in one account, by region.

    A region that has no group any more is told empty; one that does not answer is not told of, so that what was said
    of it before stands.
    """

    def __init__(self, source: str, account: str, *kinds: str) -> None:
        self._source = source
        self._account = account
        self._kinds = kinds
        self._known: set[str] = set()

    def told(
        self, groups: Iterable[MachineGroup], at: datetime, silent: Collection[str] = ()
    ) -> tuple[MachineGroupsSeen, ...]:
        """Return a word on each region but those that are silent."""
        found: defaultdict[str, list[MachineGroup]] = defaultdict(list)
        for group in groups:
            found[group.region].append(group)
        self._known.update(found)
        return tuple(
            MachineGroupsSeen(
                at=at, source=self._source, cluster="", account=self._account, region=region, kinds=self._kinds,
                groups=tuple(found[region]),
            )
            for region in sorted(self._known.difference(silent))
        )  # fmt: skip


def size(value: object) -> int | None:
    """Return how many machines that is; None where it makes no sense."""
    told = number(value)
    return int(told) if told is not None and 0 <= told <= MOST and told == int(told) else None


def checks(place: str, told: Told) -> list[Check]:
    """Say what a place told of its groups, and what is missing for that."""
    if told.faults:
        return [
            Check(what, "warn", f"{error.title}; without: what has machines and a size", error.hint)
            for what, error in told.faults.items()
        ]
    found = sum(len(each.groups) for each in told.observations if isinstance(each, MachineGroupsSeen))
    return [Check(f"groups of machines of {place}", "ok", counted(found, "group"))]
