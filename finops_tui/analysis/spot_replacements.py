"""Which node came in place of which."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from finops_tui.analysis.cluster_costs import NodeAccount
from finops_tui.analysis.spot_fates import FOLLOWED_FOR, Fate
from finops_tui.model.inventory import Node

NodeKey = tuple[str, str, datetime]
"""Cluster, name and time of joining: some clouds give a new node the name of the one that they took."""
Joined = tuple[NodeKey, NodeAccount]
Likeness = tuple[str, str]
"""What a node must have in common with the one it stands in for."""


class Replacement(NamedTuple):
    fate: Fate
    account: NodeAccount
    ready_at: datetime


class Replacements:
    """The first node that joins stands in for the first that was taken.

    It does so for one of its own pool before it does for one of another pool with the same GPUs, and only for one.
    """

    def __init__(self) -> None:
        self._used: dict[NodeKey, datetime] = {}
        self._unready: set[NodeKey] = set()
        """Nodes that were seen before they could take pods."""

    def update(self, fates: Iterable[Fate], accounts: Iterable[NodeAccount], now: datetime) -> list[Replacement]:
        """Find who replaces those that wait for it."""
        waiting = sorted((fate for fate in fates if not fate.replaced), key=lambda fate: (fate.at, fate.key))
        self._used = {key: at for key, at in self._used.items() if now - at <= 2 * FOLLOWED_FOR}
        if not waiting:
            self._unready.clear()
            return []
        joined = self._joined(accounts, waiting[0].at)
        pairs = _pair(joined, waiting, lambda fate: (fate.cluster, fate.pool), lambda node: (node.cluster, node.pool))
        taken = {pair[0].key for pair in pairs}
        nodes = {pair[1][0] for pair in pairs}
        pairs += _pair(
            [entry for entry in joined if entry[0] not in nodes],
            [fate for fate in waiting if fate.key not in taken and fate.gpu_model],
            lambda fate: (fate.cluster, fate.gpu_model),
            lambda node: (node.cluster, node.gpu_model),
        )
        return [self._take(fate, key, account, now) for fate, (key, account) in pairs]

    def _joined(self, accounts: Iterable[NodeAccount], since: datetime) -> list[Joined]:
        """Return the nodes that joined after a moment, take pods and stand in for nobody yet, the earliest first."""
        joined: list[Joined] = []
        for account in accounts:
            node = account.node
            if node.created_at is None or node.created_at <= since:
                continue
            key = (node.cluster, node.name, node.created_at)
            if key in self._used or node.leaving:
                continue
            if node.ready:
                joined.append((key, account))
            else:
                self._unready.add(key)
        return sorted(joined, key=lambda entry: (entry[0][2], entry[0]))

    def _take(self, fate: Fate, key: NodeKey, account: NodeAccount, now: datetime) -> Replacement:
        self._used[key] = now
        seen_before = key in self._unready
        self._unready.discard(key)
        return Replacement(fate, account, now if seen_before else key[2])


def _pair(
    joined: Iterable[Joined],
    waiting: Iterable[Fate],
    of_fate: Callable[[Fate], Likeness],
    of_node: Callable[[Node], Likeness],
) -> list[tuple[Fate, Joined]]:
    queues: defaultdict[Likeness, deque[Fate]] = defaultdict(deque)
    for fate in waiting:
        queues[of_fate(fate)].append(fate)
    pairs: list[tuple[Fate, Joined]] = []
    for key, account in joined:
        queue = queues.get(of_node(account.node))
        if queue and queue[0].at < key[2]:
            pairs.append((queue.popleft(), (key, account)))
    return pairs
