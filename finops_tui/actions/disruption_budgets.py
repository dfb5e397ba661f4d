"""Which disruption budgets hold which pods, as the API server would answer an eviction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from finops_tui.actions.kinds import BUDGET
from finops_tui.actions.kube_client import CallError, KubeClient
from finops_tui.actions.objects import Document, named, text, value
from finops_tui.actions.words import plain
from finops_tui.phrases import listed


class Held(NamedTuple):
    budget: str
    """`nlp/pdb-x`."""
    pods: int


async def holding(client: KubeClient, pods: Sequence[Document]) -> tuple[Held, ...]:
    """Return the budgets that let none of these pods go now, and how many of them each holds.

    A namespace whose budgets may not be listed is left out. Raises CallError.
    """
    held: list[Held] = []
    for namespace in sorted({text(pod, "metadata", "namespace") for pod in pods}):
        try:
            budgets = await client.listed(BUDGET.ref("v1", namespace, ""))
        except CallError as error:
            if error.status != HTTPStatus.FORBIDDEN:
                raise
            continue
        here = [pod for pod in pods if text(pod, "metadata", "namespace") == namespace]
        for budget in budgets:
            allowed = value(budget, ("status", "disruptionsAllowed"))
            count = sum(chosen(value(budget, ("spec", "selector")), pod) for pod in here)
            if count and type(allowed) is int and allowed < 1:
                held.append(Held(f"{namespace}/{plain(named(budget))}", count))
    return tuple(held)


def shown_holds(held: Iterable[Held]) -> str:
    """Write who holds how many: `nlp/pdb-x holds 1`."""
    return listed([f"{each.budget} holds {each.pods}" for each in held])


def chosen(selector: object, pod: Document) -> bool:
    """Tell whether a label selector chooses a pod: an empty one all, none at all nothing."""
    if not isinstance(selector, Mapping):
        return False
    labels = value(pod, ("metadata", "labels")) or {}
    wanted = selector.get("matchLabels") or {}
    return all(labels.get(key) == each for key, each in wanted.items()) and all(
        _fits(each, labels) for each in selector.get("matchExpressions") or ()
    )


def _fits(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = expression.get("key"), expression.get("values") or ()
    match expression.get("operator"):
        case "In":
            return labels.get(str(key)) in values
        case "NotIn":
            return labels.get(str(key)) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    return False
