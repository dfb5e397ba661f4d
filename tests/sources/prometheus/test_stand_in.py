"""A Prometheus beside a Kubernetes source: it tells of what that may not read, as long as that is so."""

from __future__ import annotations

import pytest

from finops_tui.clock import WallClock
from finops_tui.model.health import HealthState
from finops_tui.model.observations import NamespacesSeen, NodesSeen, Observation, SourceHealth, WorkloadsSeen
from finops_tui.sources.inventory_share import EVERYTHING, NOWHERE, InventoryShare, Part
from finops_tui.sources.prometheus import diagnosis
from finops_tui.sources.prometheus.source import PrometheusSource
from finops_tui.sources.prometheus.state_metrics import NEEDED
from tests.servers.scripted import Reply, Request, scripted, vector
from tests.sources.prometheus.collect import of, settings
from tests.sources.running import Running

INVENTORY = (NodesSeen, WorkloadsSeen, NamespacesSeen)
METRICS = ("DCGM_FI_DEV_GPU_UTIL", "kube_node_info", "kube_node_labels", "kube_node_status_capacity")


def beside(url: str, share: InventoryShare, **more: object) -> PrometheusSource:
    return PrometheusSource(settings(url, **{"interval_seconds": 1, **more}), WallClock(), share=share)


def told(seen: list[Observation]) -> list[type[Observation]]:
    return [type(one) for one in seen if isinstance(one, INVENTORY)]


def rounds(watched: Running) -> int:
    return len(of(watched.seen, SourceHealth))


def last(watched: Running) -> SourceHealth:
    return of(watched.seen, SourceHealth)[-1]


async def test_it_waits_for_kubernetes_and_tells_only_what_that_may_not_read(server: str) -> None:
    share = InventoryShare(watched=True)
    watched = Running(beside(server, share))
    await watched.until(lambda: rounds(watched) > 3)
    assert not told(watched.seen)
    assert not last(watched).primed, "what is wanted of it is not known"
    share.cover({**EVERYTHING, Part.NODES: NOWHERE})
    await watched.until(lambda: last(watched).primed)
    assert told(watched.seen) == [NodesSeen]
    assert share.teller("nodes") == watched.source.name
    (nodes,) = of(watched.seen, NodesSeen)
    assert nodes.nodes
    assert share.scales.keys() == {node.name for node in nodes.nodes}, "what pods ask for is worth that much there"
    await watched.end()


async def test_where_kubernetes_may_read_all_it_is_soon_done(server: str) -> None:
    share = InventoryShare(watched=True)
    watched = Running(beside(server, share, interval_seconds=3600))
    await watched.until(lambda: rounds(watched) > 2)
    share.cover(EVERYTHING)
    await watched.until(lambda: last(watched).primed)
    assert not told(watched.seen)
    await watched.end()


async def test_it_gives_back_at_once_and_takes_up_at_once(server: str) -> None:
    share = InventoryShare(watched=True)
    watched = Running(beside(server, share, interval_seconds=3600))
    await watched.until(lambda: rounds(watched) > 2)
    refused = {**EVERYTHING, Part.WORKLOADS: NOWHERE, Part.NAMESPACES: NOWHERE}
    share.cover(refused)
    await watched.until(lambda: last(watched).primed)
    assert told(watched.seen) == [WorkloadsSeen, NamespacesSeen]
    before = rounds(watched)
    share.cover(EVERYTHING)
    assert share.teller("pods") == ""
    await watched.until(lambda: rounds(watched) > before)
    assert told(watched.seen) == [WorkloadsSeen, NamespacesSeen]
    share.cover(refused)
    await watched.until(lambda: told(watched.seen) == 2 * [WorkloadsSeen, NamespacesSeen])
    await watched.end()


async def test_namespaces_that_kubernetes_reads_are_not_told_twice(server: str) -> None:
    share = InventoryShare(watched=True)
    share.cover({Part.NODES: EVERYTHING[Part.NODES], Part.WORKLOADS: frozenset({"search", "train"})})
    watched = Running(beside(server, share))
    await watched.until(lambda: len(told(watched.seen)) == 2)
    (workloads,), (namespaces,) = of(watched.seen, WorkloadsSeen), of(watched.seen, NamespacesSeen)
    assert {one.namespace for one in workloads.workloads} == {"lab"}
    assert (workloads.complete, workloads.within, workloads.beside) == (True, (), ("search", "train"))
    assert [one.name for one in namespaces.namespaces] == ["train"], "of these Kubernetes reads none"
    assert namespaces.beside == ()
    await watched.end()


async def test_never_is_never_and_always_waits_for_nobody(server: str) -> None:
    share = InventoryShare(watched=True)
    never, always = (
        Running(beside(server, share, inventory="never")),
        Running(beside(server, share, inventory="always")),
    )
    await always.until(lambda: set(told(always.seen)) == set(INVENTORY))
    await never.until(lambda: rounds(never) and last(never).primed)
    share.cover(EVERYTHING)
    assert {share.teller(part) for part in Part} == {always.source.name}
    assert not told(never.seen)
    await never.end()
    await always.end()


def node_server(request: Request) -> Reply:
    if request.query.startswith("group by (__name__)"):
        return vector(*(({"__name__": name}, 1) for name in METRICS))
    if "unless on (node)" in request.query:
        return vector()  # no GPU is elsewhere
    return vector(({"node": "n-1", "Hostname": "n-1", "modelName": "H100", "resource": "cpu"}, 1))


async def test_one_of_two_tells_and_when_it_is_lost_the_other_does() -> None:
    share = InventoryShare()
    lost: list[str] = []

    def one(request: Request) -> Reply:
        return Reply(status=503) if lost else node_server(request)

    with scripted(one) as here, scripted(node_server) as there:
        first = Running(beside(here.url, share, name="a"))
        await first.until(lambda: told(first.seen))
        second = Running(beside(there.url, share, name="b"))
        await second.until(lambda: rounds(second) > 3)
        assert not told(second.seen), "it would overwrite the other, and be overwritten, again and again"
        lost.append("now")
        await second.until(lambda: told(second.seen))
        assert last(first).state is HealthState.DOWN
        lost.clear()
        await first.until(lambda: last(first).state is not HealthState.DOWN)
        assert told(first.seen) == [NodesSeen], "nothing is gained by changing back"
        await first.end()
        await second.end()


async def test_what_fails_is_no_longer_missing_once_kubernetes_tells_it() -> None:
    share = InventoryShare(watched=True)
    share.cover({**EVERYTHING, Part.NODES: NOWHERE})

    def broken(request: Request) -> Reply:
        return Reply(status=422, body=b"{}") if "kube_node_status_capacity{" in request.query else node_server(request)

    with scripted(broken) as server:
        watched = Running(beside(server.url, share))
        await watched.until(lambda: rounds(watched) > 2)
        await watched.until(lambda: any("inventory.capacity" in line for line in last(watched).missing))
        assert any("node labels" in line for line in last(watched).warnings)
        share.cover(EVERYTHING)
        await watched.until(lambda: last(watched).missing == ())
        assert not last(watched).warnings
        await watched.end()


@pytest.mark.parametrize(
    ("refused", "kind", "others"),
    [
        ("kube_node_status_capacity{", NodesSeen, {WorkloadsSeen, NamespacesSeen}),
        ("kube_pod_container_resource_requests{", WorkloadsSeen, {NodesSeen, NamespacesSeen}),
    ],
)
async def test_what_cannot_be_told_right_is_not_told(
    refused: str, kind: type[Observation], others: set[type[Observation]]
) -> None:
    """Nodes without GPUs, or pods that hold none, would make dollars of others, or of nobody, out of theirs."""
    names = (*METRICS, "kube_namespace_labels", "kube_pod_owner", *NEEDED[Part.WORKLOADS])

    def broken(request: Request) -> Reply:
        if request.query.startswith("group by (__name__)"):
            return vector(*(({"__name__": name}, 1) for name in names))
        return Reply(status=422, body=b"{}") if refused in request.query else node_server(request)

    with scripted(broken) as server:
        watched = Running(beside(server.url, InventoryShare()))
        await watched.until(lambda: rounds(watched) > 2)
        assert set(told(watched.seen)) == others
        assert kind not in others
        assert any(line.startswith("inventory.") for line in last(watched).missing)
        await watched.end()


async def test_the_doctor_asks_for_no_metrics_that_kubernetes_makes_needless(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(lambda _: vector()) as server:
        share = InventoryShare(watched=True)
        asked = beside(server.url, share)
        share.cover(EVERYTHING)
        assert "kube-state-metrics" not in {check.subject for check in await asked.diagnose()}
        share.cover({**EVERYTHING, Part.NODES: NOWHERE})
        (check,) = [check for check in await asked.diagnose() if check.subject == "kube-state-metrics"]
        assert (check.state, check.detail) == (
            "fail", "not there: kube_node_info, kube_node_status_capacity; no nodes and no dollars",
        )  # fmt: skip
        share.cover({**EVERYTHING, Part.WORKLOADS: frozenset({"ml"})})
        (check,) = [check for check in await asked.diagnose() if check.subject == "kube-state-metrics"]
        assert (check.state, check.detail.partition("; ")[2]) == ("warn", "what other namespaces hold looks free")
        monkeypatch.setattr(diagnosis, "PATIENCE_SECONDS", 0.01)
        silent = beside(server.url, InventoryShare(watched=True))
        (check,) = [check for check in await silent.diagnose() if check.subject == "kube-state-metrics"]
        assert "kube_pod_info" in check.detail, "who does not answer tells of nothing"


async def test_the_doctor_says_what_it_stands_in_for(server: str) -> None:
    share = InventoryShare(watched=True)
    share.cover({**EVERYTHING, Part.NODES: NOWHERE})
    (check,) = [check for check in await beside(server, share).diagnose() if check.subject == "kube-state-metrics"]
    assert (check.state, check.detail) == ("ok", "tells of nodes")
