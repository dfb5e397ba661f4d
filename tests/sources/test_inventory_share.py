"""Who tells of what, decided while it runs."""

from __future__ import annotations

from finops_tui.sources.inventory_share import EVERYTHING, InventoryShare, Part, StandIn
from finops_tui.sources.kubernetes.quantities import GpuScale

ALL = frozenset({""})
NONE: frozenset[str] = frozenset()
NOTHING = dict.fromkeys(Part, NONE)


class Prometheus:
    """A stand-in that counts how often it was woken."""

    def __init__(self, share: InventoryShare, name: str = "prometheus a", *, always: bool = False) -> None:
        self.woken = 0
        self.side = StandIn(share, name, self._wake, always=always)

    def _wake(self) -> None:
        self.woken += 1


def test_a_cluster_without_kubernetes_is_told_whole_and_at_once() -> None:
    prometheus = Prometheus(InventoryShare()).side
    assert not prometheus.waits
    assert prometheus.wanted() == NOTHING, "no namespace is left to anybody"


def test_until_kubernetes_has_spoken_nothing_is_wanted() -> None:
    share = InventoryShare(watched=True)
    prometheus = Prometheus(share)
    assert [prometheus.side.waits, prometheus.side.wanted()] == [True, {}]
    share.cover(EVERYTHING)
    assert not prometheus.side.waits
    assert prometheus.side.wanted() == {}
    assert prometheus.woken == 1, "it may say now that it has told all"


def test_what_is_refused_is_wanted_and_what_is_allowed_again_is_not() -> None:
    share = InventoryShare(watched=True)
    prometheus = Prometheus(share)
    share.cover({**EVERYTHING, Part.NODES: NONE})
    assert prometheus.side.wanted() == {Part.NODES: NONE}
    prometheus.side.tells([Part.NODES])
    assert share.teller("nodes") == "prometheus a"
    share.cover(EVERYTHING)
    assert prometheus.side.wanted() == {}
    assert share.teller("nodes") == ""
    assert prometheus.woken == 2
    share.cover(EVERYTHING)
    assert prometheus.woken == 2, "nothing new"


def test_namespaces_that_kubernetes_reads_are_left_to_it() -> None:
    share = InventoryShare(watched=True)
    prometheus = Prometheus(share).side
    share.cover({Part.NODES: ALL, Part.WORKLOADS: frozenset({"ml"}), Part.NAMESPACES: NONE})
    assert prometheus.wanted() == {Part.WORKLOADS: {"ml"}, Part.NAMESPACES: NONE}


def test_kubernetes_keeps_silent_only_about_what_is_told_whole_and_really_told() -> None:
    share = InventoryShare(watched=True)
    prometheus = Prometheus(share).side
    covered = {Part.NODES: NONE, Part.WORKLOADS: frozenset({"ml"}), Part.NAMESPACES: NONE}
    share.cover(covered)
    assert share.taken_over(covered) == frozenset(), "it may have no kube-state-metrics"
    prometheus.tells([Part.NODES, Part.WORKLOADS])
    assert share.taken_over(covered) == {Part.NODES}
    assert share.taken_over(EVERYTHING) == frozenset(), "a permission that came back"
    prometheus.tells([])
    assert share.taken_over(covered) == frozenset(), "a Prometheus that fails tells of nothing any more"


def test_always_is_told_whole_whatever_kubernetes_may_read() -> None:
    share = InventoryShare(watched=True)
    always = Prometheus(share, always=True).side
    assert not always.waits
    assert always.wanted() == NOTHING
    always.tells(Part)
    share.cover(EVERYTHING)
    assert share.taken_over(EVERYTHING) == frozenset(Part)
    assert always.wanted() == NOTHING


def test_of_several_one_tells_and_the_next_takes_over_when_it_fails() -> None:
    share = InventoryShare()
    first, second = Prometheus(share, "prometheus a").side, Prometheus(share, "prometheus b").side
    first.tells([Part.NODES])
    assert second.wanted().keys() == {Part.WORKLOADS, Part.NAMESPACES}, "what the first lacks"
    assert first.wanted() == NOTHING
    second.tells([Part.WORKLOADS])
    assert first.wanted().keys() == {Part.NODES, Part.NAMESPACES}
    first.tells([])
    assert second.wanted() == NOTHING
    second.tells([Part.NODES, Part.WORKLOADS])
    assert first.wanted().keys() == {Part.NAMESPACES}, "who is back does not take it away again"


def test_who_tells_always_goes_before_who_stands_in() -> None:
    share = InventoryShare()
    stand_in, always = Prometheus(share, "prometheus a").side, Prometheus(share, "prometheus b", always=True).side
    stand_in.tells(Part)
    assert always.wanted() == NOTHING
    always.tells(Part)
    assert stand_in.wanted() == {}
    assert {share.teller(part) for part in Part} == {"prometheus b"}


def test_kubernetes_hears_of_every_change_and_of_nothing_else() -> None:
    share = InventoryShare(watched=True)
    heard: list[str] = []
    share.listen(lambda: heard.append(share.teller("nodes")))
    prometheus = Prometheus(share).side
    share.cover(NOTHING)
    for _ in range(3):
        prometheus.tells([Part.NODES])
    prometheus.tells([])
    assert heard == ["prometheus a", ""]


async def test_what_is_needed_is_known_when_kubernetes_has_spoken_or_has_not_for_long() -> None:
    share = InventoryShare(watched=True)
    prometheus = Prometheus(share).side
    assert await prometheus.needed(0.01) == NOTHING, "who does not answer tells of nothing"
    share.cover({Part.NODES: NONE, Part.WORKLOADS: frozenset({"ml"}), Part.NAMESPACES: ALL})
    assert await prometheus.needed(60) == {Part.NODES: NONE, Part.WORKLOADS: {"ml"}}
    assert await Prometheus(share, "prometheus b", always=True).side.needed(0) == NOTHING


def test_what_gpus_are_worth_is_taken_from_who_tells_of_the_nodes() -> None:
    share = InventoryShare(watched=True)
    heard: list[int] = []
    share.listen(lambda: heard.append(len(share.scales)))
    first, second = Prometheus(share, "prometheus a").side, Prometheus(share, "prometheus b").side
    share.cover(NOTHING)
    first.tells([Part.NODES])
    for _ in range(2):
        first.scales({"n1": GpuScale(0.1)})
    second.scales({"n1": GpuScale(), "n2": GpuScale()})
    assert share.scales == {"n1": GpuScale(0.1)}
    assert heard == [0, 1], "the same again is no news"
