"""Ending the pods of a node one by one, as their disruption budgets allow, for so long and no longer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from http import HTTPStatus

from finops_tui.actions.base import Permission, Result
from finops_tui.actions.carry_out import result_of
from finops_tui.actions.disruption_budgets import Held, holding, shown_holds
from finops_tui.actions.grants import needs
from finops_tui.actions.kinds import BUDGET
from finops_tui.actions.kube_client import CallError, KubeClient
from finops_tui.actions.objects import Document, text, uid
from finops_tui.actions.planning import Step
from finops_tui.actions.residents import RESIDENTS, busy, by_owner, going, pod_ref
from finops_tui.clock import Clock
from finops_tui.model.plan import FieldChange, Outcome, Plan
from finops_tui.phrases import counted, span

EVICTIONS = "evictions"
RETRY_SECONDS = 5.0
"""Between two tries of pods that a budget holds: as long as the API server's own advice is, and as kubectl waits."""
GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT})
"""What an eviction of a pod is answered that has ended since, or whose name another one has."""
LATER = frozenset({HTTPStatus.TOO_MANY_REQUESTS})
EVICT: tuple[Permission, ...] = (
    Permission(verb="create", resource="pods/eviction", namespaced=False),
    *RESIDENTS,
    *(replace(each, namespaced=False) for each in needs(BUDGET, "list")),
)
"""A node's pods are of any namespace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evictions:
    node: str
    pods: tuple[str, ...]
    """Uids: pods that come later are nobody's wish."""
    timeout_seconds: float

    def step(self, client: KubeClient, pods: Sequence[Document]) -> Step:
        lines = tuple(
            FieldChange(object=name, path=f"pods on {self.node}", before=str(count), after="0")
            for name, count in sorted(by_owner(pods).items())
        )
        first = {text(pod, "metadata", "namespace"): pod for pod in reversed(pods)}
        told = {"node": self.node, "pods": self.pods, "timeout_seconds": self.timeout_seconds}
        return Step(
            name=EVICTIONS,
            written=json.dumps(told, separators=(",", ":")),
            lines=lines,
            permissions=EVICT,
            trials=tuple(partial(_try_one, client, pod) for pod in first.values()),
        )


def evictions_of(plan: Plan) -> Evictions:
    """Return what a plan evicts; it was written here, so it can be read."""
    told = json.loads(plan.steps[EVICTIONS])
    return Evictions(node=told["node"], pods=tuple(told["pods"]), timeout_seconds=told["timeout_seconds"])


async def apply(client: KubeClient, plan: Plan, clock: Clock) -> Result:
    """Ask for every pod, again and again while budgets hold some, until all end or the time is over."""
    wanted = evictions_of(plan)
    deadline = clock.now() + timedelta(seconds=wanted.timeout_seconds)
    refused: Mapping[str, CallError] = {}
    begun = False
    try:
        left = await _standing(client, wanted)
        while left:
            begun = True
            refused = await _round(client, left)
            left = await _standing(client, wanted)
            if not left or _hopeless(left, refused) or clock.now() >= deadline:
                break
            await clock.sleep(RETRY_SECONDS)
        held = await holding(client, left)
    except CallError as error:
        result = result_of(error)
        if not begun:
            return result
        words = f"Pods were asked to go; how many did is not known. {result.words}"
        return Result(outcome=Outcome.UNKNOWN, words=words)
    return _told(wanted, left, next((refused[uid(pod)] for pod in left if uid(pod) in refused), None), held)


async def verify(client: KubeClient, plan: Plan) -> Result:
    """Say how many of the pods are gone, and who holds those that are not."""
    wanted = evictions_of(plan)
    try:
        there = [pod for pod in await busy(client, wanted.node) if uid(pod) in wanted.pods]
        held = await holding(client, [pod for pod in there if not going(pod)])
    except CallError as error:
        return Result(outcome=Outcome.UNKNOWN, words=f"{error.title}: {error.detail}.")
    words = f"{len(wanted.pods) - len(there)} of {counted(len(wanted.pods), 'pod')} gone"
    if not there:
        return Result(outcome=Outcome.DONE, words=f"{words}.")
    ending = sum(map(going, there))
    parts = [words, *([f"{_are(ending)} ending"] if ending else []), *([shown_holds(held)] if held else [])]
    return Result(outcome=Outcome.APPLIED, words=f"{'; '.join(parts)}.")


async def _standing(client: KubeClient, wanted: Evictions) -> list[Document]:
    """Return those of the pods that are there and are not ending."""
    return [pod for pod in await busy(client, wanted.node) if uid(pod) in wanted.pods and not going(pod)]


async def _round(client: KubeClient, pods: Iterable[Document]) -> Mapping[str, CallError]:
    """Ask once for each pod; return by uid who was refused by anything but a budget."""
    refused: dict[str, CallError] = {}
    for pod in pods:
        try:
            await client.evict(pod_ref(pod), uid(pod))
        except CallError as error:
            if error.status not in GONE | LATER:
                refused[uid(pod)] = error
    return refused


def _hopeless(left: Iterable[Document], refused: Mapping[str, CallError]) -> bool:
    """Tell whether all that are left were refused for good."""
    errors = [refused.get(uid(pod)) for pod in left]
    return all(error is not None and error.status and error.done is False for error in errors)


def _told(wanted: Evictions, left: Sequence[Document], refused: CallError | None, held: Sequence[Held]) -> Result:
    total, asked = len(wanted.pods), len(wanted.pods) - len(left)
    if not left:
        return Result(outcome=Outcome.APPLIED, words=f"{asked} of {counted(total, 'pod')} evicted.")
    why = f" {shown_holds(held)}." if held else ""
    if refused is not None:
        why += f" {result_of(refused).words}"
    words = f"{asked} of {counted(total, 'pod')} evicted in {span(timedelta(seconds=wanted.timeout_seconds))};"
    words += f" {_are(len(left))} still there.{why} Drain it again to go on."
    if refused is not None and refused.done is None:
        return Result(outcome=Outcome.UNKNOWN, words=words)
    return Result(outcome=Outcome.APPLIED if asked else Outcome.FAILED, words=words)


def _are(count: int) -> str:
    return f"{count} {'is' if count == 1 else 'are'}"


async def _try_one(client: KubeClient, pod: Document) -> None:
    """Try whether a pod may be evicted; a budget that holds it now is no refusal."""
    try:
        await client.evict(pod_ref(pod), uid(pod), dry_run=True)
    except CallError as error:
        if error.status not in GONE | LATER:
            raise
