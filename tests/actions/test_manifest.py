"""The printed role: what it holds, what it does not, and for which actions and where."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from finops_tui.actions.manifest import manifest
from finops_tui.actions.planning import Hands
from finops_tui.actions.registry import kubernetes_actions
from finops_tui.errors import UsageError
from tests.actions.make import fleet, hands, namespace_target, node_target, pool_target, target
from tests.actions.patch_double import patch_double


@pytest.fixture
def ana(tmp_path: Path) -> Hands:
    with patch_double() as double:
        return hands(double.kubeconfig(tmp_path))


def granted(document: Mapping[str, Any]) -> dict[str, set[str]]:
    """Return verbs by resource."""
    return {resource: set(rule["verbs"]) for rule in document["rules"] for resource in rule["resources"]}


def test_the_role_is_as_small_as_the_actions_are(ana: Hands) -> None:
    documents = list(yaml.safe_load_all(manifest(kubernetes_actions(ana))))
    assert [document["kind"] for document in documents] == ["ClusterRole", "ClusterRoleBinding"]
    verbs = granted(documents[0])
    beyond = {resource: needed - {"get", "list", "patch"} for resource, needed in verbs.items()}
    assert {resource: needed for resource, needed in beyond.items() if needed} == {
        "pods/eviction": {"create"},
        "nodeclaims": {"delete"},
        "resourcequotas": {"create", "delete"},
        "events": {"create"},
    }
    assert verbs["pods"] == {"list"}
    written = {resource for resource, needed in verbs.items() if "patch" in needed}
    assert {"jobs", "deployments", "daemonsets", "nodes", "nodepools", "workloads", "rayclusters"} <= written
    assert not verbs.keys() & {"secrets", "configmaps", "*"}
    assert not written & {"pods", "customresourcedefinitions", "applications", "replicasets/scale", "namespaces"}


def test_the_role_of_some_actions_holds_what_they_take_and_no_more(ana: Hands) -> None:
    (role, _) = yaml.safe_load_all(manifest(kubernetes_actions(ana), only=["cordon", "drain"]))
    assert granted(role) == {
        "nodes": {"get", "patch"},
        "pods": {"list"},
        "pods/eviction": {"create"},
        "poddisruptionbudgets": {"list"},
        "nodepools": {"get"},
        "events": {"create"},
    }
    with pytest.raises(UsageError, match=r"There is no action dance\.") as refused:
        manifest(kubernetes_actions(ana), only=["pause", "dance"])
    assert "delete-node, drain" in refused.value.detail


def test_in_some_namespaces_only_what_belongs_to_none_is_cluster_wide(ana: Hands) -> None:
    documents = list(yaml.safe_load_all(manifest(kubernetes_actions(ana), ["nlp", "search"])))
    assert [document["kind"] for document in documents] == ["ClusterRole", "ClusterRoleBinding"] + [
        "Role",
        "RoleBinding",
    ] * 2
    wide = granted(documents[0])
    assert wide.keys() == {
        "nodes", "nodepools", "nodeclaims", "namespaces", "customresourcedefinitions", "clusterqueues", "pods",
        "pods/eviction", "poddisruptionbudgets",
    }  # fmt: skip
    assert {"create", "delete", "get", "list"} == granted(documents[2])["resourcequotas"]
    only_nodes = list(yaml.safe_load_all(manifest(kubernetes_actions(ana), ["nlp"], ["rollback"])))
    assert [document["kind"] for document in only_nodes] == ["Role", "RoleBinding"]


def test_every_action_says_what_it_takes_for_what_it_applies_to(ana: Hands) -> None:
    actions = {action.id: action for action in kubernetes_actions(ana)}
    targets = {
        "workload": target("Deployment", "nlp", "web"), "node": node_target("n1"), "pool": pool_target("h100"),
        "namespace": namespace_target("nlp"),
    }  # fmt: skip
    firsts = {
        (action.id, name): str(needed[0])
        for action in actions.values()
        for name, of in targets.items()
        if (needed := action.permissions(of, fleet()))
    }
    assert firsts == {
        ("pause", "workload"): "patch apps/deployments in nlp",
        ("resume", "workload"): "patch apps/deployments in nlp",
        ("scale", "workload"): "patch apps/deployments in nlp",
        ("rollback", "workload"): "patch apps/deployments in nlp",
        ("cordon", "node"): "patch nodes",
        ("uncordon", "node"): "patch nodes",
        ("drain", "node"): "patch nodes",
        ("delete-node", "node"): "delete karpenter.sh/nodeclaims",
        ("limit", "pool"): "patch karpenter.sh/nodepools",
        ("quota", "namespace"): "create resourcequotas in nlp",
    }
    assert actions["pause"].permissions(target("DaemonSet", "nlp", "x"), fleet()) == ()
    assert actions["rollback"].permissions(target("DaemonSet", "nlp", "x"), fleet()) != ()
    assert actions["scale"].permissions(target("Job", "nlp", "train"), fleet()) == ()
    assert len({action.key for action in actions.values()}) == len(actions)


def test_what_an_action_asks_for_a_target_is_in_its_role(ana: Hands) -> None:
    targets = (
        target("Deployment", "nlp", "web"), target("RayJob", "nlp", "x"), node_target("n1"), pool_target("h100"),
        namespace_target("nlp"),
    )  # fmt: skip
    for action in kubernetes_actions(ana):
        role = {(each.verb, each.group, each.resource) for each in action.grants()}
        for of in targets:
            assert {(each.verb, each.group, each.resource) for each in action.permissions(of, fleet())} <= role
