"""Pools of clusters that are watched are no rows: their machines are nodes, and nothing counts twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.analysis.outside import outside
from finops_tui.analysis.watched_pools import LABELS
from finops_tui.model.cloud import MachineGroup, MachineGroupsSeen
from finops_tui.model.fleet import Fleet
from finops_tui.model.inventory import Node
from finops_tui.model.observations import NodesSeen
from tests.samples import NOON

KINDS = {"gcp": "gke-nodepool", "azure": "aks-agentpool"}
IOWA, BELGIUM = "us-central1", "europe-west1"


class At(NamedTuple):
    """A pool, as its cloud has it."""

    cluster: str
    pool: str = "default-pool"
    region: str = IOWA
    cloud: str = "gcp"
    account: str = "ml-prod"


def told(*pools: At, machines: Mapping[At, int] | None = None) -> list[MachineGroupsSeen]:
    """Return what clouds say of these pools: of each account and region a word."""
    found: dict[tuple[str, str, str], list[MachineGroup]] = {}
    for at in pools:
        group = MachineGroup(
            kind=KINDS[at.cloud], account=at.account, region=at.region, name=at.pool, cluster=at.cluster,
            desired=(machines or {}).get(at, 1),
        )  # fmt: skip
        found.setdefault((at.cloud, at.account, at.region), []).append(group)
    return [
        MachineGroupsSeen(
            at=NOON, source=cloud, cluster="", account=account, region=region, kinds=(KINDS[cloud],),
            groups=tuple(groups),
        )
        for (cloud, account, region), groups in found.items()
    ]  # fmt: skip


def node(name: str, pool: str, *, cloud: str = "gcp", region: str = IOWA) -> Node:
    labels = {LABELS[cloud]: pool} if cloud else {}
    return Node(cluster="", name=name, uid=name, pool=pool, region=region, labels=labels)


def fleet(words: list[MachineGroupsSeen], **watched: tuple[Node, ...]) -> Fleet:
    made = Fleet()
    for word in words:
        made.fold(word)
    for cluster, nodes in watched.items():
        made.fold(NodesSeen(at=NOON, source="k8s", cluster=cluster, nodes=nodes, complete=True))
    return made


def rows(known: Fleet) -> set[str]:
    return {row.key for row in outside(known)}


def test_a_cluster_that_bears_its_own_name_is_watched_with_all_of_its_pools() -> None:
    words = told(At("train"), At("train", "scaled-to-nothing"))
    assert rows(fleet(words, train=(node("a", "default-pool"),))) == set()
    assert rows(fleet(words, train=())) == set(), "nothing is known yet of where it stands"
    assert rows(fleet(words, train=(node("a", "nodes-without-labels", cloud="", region=""),))) == set()


@pytest.mark.parametrize(
    "elsewhere",
    [node("a", "h100", region=BELGIUM), node("a", "h100", cloud="azure"), node("a", "h100", cloud="", region="eu")],
    ids=["another region", "another cloud", "a region alone"],
)
def test_a_namesake_that_stands_elsewhere_is_another_cluster(elsewhere: Node) -> None:
    assert rows(fleet(told(At("train")), train=(elsewhere,))) == {"gcp/ml-prod/us-central1/train/default-pool"}


def test_under_another_name_a_pool_is_found_by_cloud_region_and_label() -> None:
    pools = At("gke-7"), At("gke-7", "h100"), At("gke-7", "h100", BELGIUM), At("aks", "h100", cloud="azure")
    known = fleet(told(*pools), prod=(node("a", "h100"),))
    assert rows(known) == {
        "gcp/ml-prod/us-central1/gke-7/default-pool",
        "gcp/ml-prod/europe-west1/gke-7/h100",
        "azure/ml-prod/us-central1/aks/h100",
    }
    nowhere = fleet(told(*pools), prod=(node("a", "h100", region=""),))
    assert rows(nowhere) == {"gcp/ml-prod/us-central1/gke-7/default-pool", "azure/ml-prod/us-central1/aks/h100"}


def test_the_name_of_a_pool_is_its_clouds_whatever_it_is_called_here() -> None:
    called = Node(
        cluster="", name="a", uid="a", pool="gpu-team", region=IOWA, labels={LABELS["gcp"]: "h100"}
    )  # fmt: skip
    assert rows(fleet(told(At("gke-7", "h100")), prod=(called,))) == set()


def test_a_pool_that_every_cluster_has_does_not_hide_that_of_another() -> None:
    known = fleet(told(At("train"), At("serve")), train=(node("a", "default-pool"),))
    assert rows(known) == {"gcp/ml-prod/us-central1/serve/default-pool"}


def test_where_two_clusters_could_be_the_one_that_is_watched_neither_is_a_row() -> None:
    known = fleet(told(At("train"), At("serve")), prod=(node("a", "default-pool"),))
    assert rows(known) == set()


# The law: no machine counts twice


PLACES = st.sampled_from([("gcp", IOWA), ("gcp", BELGIUM), ("azure", "westeurope")])
POOLS = st.builds(
    lambda place, cluster, pool, account: At(cluster, pool, place[1], place[0], account),
    PLACES,
    st.sampled_from(["train", "serve", "gke-7"]),
    st.sampled_from(["default-pool", "h100"]),
    st.sampled_from(["ml-prod", "ml-dev"]),
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[At, int], dict[At, str], dict[At, str]]:
    """Draw pools with their machines; of those that are watched the name of their cluster here, and a region told."""
    machines = draw(st.dictionaries(POOLS, st.integers(1, 5), max_size=12))
    names: dict[tuple[str, ...], str] = {}
    watched: dict[At, str] = {}
    regions: dict[At, str] = {}
    for at in machines:
        cluster = (at.cloud, at.account, at.region, at.cluster)
        if cluster not in names:  # an own name, or one that no cluster has at its cloud
            names[cluster] = draw(st.sampled_from(["", at.cluster, f"here-{len(names)}"]))
        if names[cluster]:
            watched[at], regions[at] = names[cluster], draw(st.sampled_from([at.region, ""]))
    return machines, watched, regions


@given(worlds())
def test_the_sum_over_all_rows_and_nodes_never_counts_a_machine_twice(
    world: tuple[dict[At, int], dict[At, str], dict[At, str]],
) -> None:
    machines, watched, regions = world
    nodes: dict[str, tuple[Node, ...]] = {}
    for at, cluster in watched.items():
        made = (node(f"{at}-{n}", at.pool, cloud=at.cloud, region=regions[at]) for n in range(machines[at]))
        nodes[cluster] = (*nodes.get(cluster, ()), *made)
    found = outside(fleet(told(*machines, machines=machines), **nodes))
    by_key = {f"{at.cloud}/{at.account}/{at.region}/{at.cluster}/{at.pool}": at for at in machines}
    shown = [by_key[row.key] for row in found]
    assert len(shown) == len(set(shown))
    assert not watched.keys() & set(shown), "what is a node is no row"
    assert sum(row.machines or 0 for row in found) == sum(machines[at] for at in shown)
    here = {*watched.values()}
    taken = {(at.cloud, at.region, at.pool) for at in watched} | {(at.cloud, "", at.pool) for at in watched}
    lost = [
        at for at in machines
        if at not in shown and at not in watched and at.cluster not in here
        and not {(at.cloud, at.region, at.pool), (at.cloud, "", at.pool)} & taken
    ]  # fmt: skip
    assert lost == [], "what nothing that is watched could be is a row"
