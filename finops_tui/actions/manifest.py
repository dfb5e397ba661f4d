"""The role that the actions take, as a Kubernetes manifest: nothing that no action asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from finops_tui.actions.base import Action, Permission
from finops_tui.errors import UsageError

NAME = "finops-tui-actions"
RBAC = "rbac.authorization.k8s.io"
NOBODY = {"kind": "Group", "apiGroup": RBAC, "name": "on-call"}
"""To be changed to whoever is on call."""


def manifest(actions: Iterable[Action], namespaces: Sequence[str] = (), only: Sequence[str] = ()) -> str:
    """Return YAML: a ClusterRole and its binding, or with `namespaces` a Role and its binding in each of them.

    `only` are the ids of the actions that it is for; all of them where it is empty. What belongs to no namespace needs
    a ClusterRole either way. Raises UsageError for an action that there is not.
    """
    import yaml

    permissions = list(dict.fromkeys(each for action in chosen(actions, only) for each in action.grants()))
    wide = [each for each in permissions if not (namespaces and each.namespaced)]
    documents = _role("", rules(wide)) if wide else []
    for namespace in namespaces:
        documents += _role(namespace, rules([each for each in permissions if each.namespaced]))
    return yaml.safe_dump_all(documents, sort_keys=False)


def chosen(actions: Iterable[Action], only: Sequence[str]) -> list[Action]:
    """Return the actions with these ids, all where there are none. Raises UsageError."""
    known = {action.id: action for action in actions}
    unknown = sorted({*only} - known.keys())
    if unknown:
        raise UsageError(f"There is no action {unknown[0]}.", f"There are {', '.join(sorted(known))}.")
    return [known[each] for each in only or known]


def rules(permissions: Iterable[Permission]) -> list[dict[str, Any]]:
    """Return as few rules as say the same."""
    verbs: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for each in permissions:
        verbs[(each.group, each.resource)].add(each.verb)
    resources: defaultdict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (group, resource), needed in verbs.items():
        resources[(group, tuple(sorted(needed)))].append(resource)
    return [
        {"apiGroups": [group], "resources": sorted(named), "verbs": list(needed)}
        for (group, needed), named in sorted(resources.items())
    ]


def _role(namespace: str, granted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kind = "Role" if namespace else "ClusterRole"
    metadata = {"name": NAME} | ({"namespace": namespace} if namespace else {})
    return [
        {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": dict(metadata), "rules": granted},
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": f"{kind}Binding",
            "metadata": dict(metadata),
            "roleRef": {"apiGroup": RBAC, "kind": kind, "name": NAME},
            "subjects": [dict(NOBODY)],
        },
    ]
