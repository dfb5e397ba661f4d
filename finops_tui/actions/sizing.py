"""Another size for one object: which fields that takes, and how many there are before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from finops_tui.actions.autoscalers import Autoscalers, autoscalers_of
from finops_tui.actions.kinds import PAUSED_REPLICAS, Scalable, Sign, condition
from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.objects import Document, Fields, Path, value
from finops_tui.actions.planning import Change
from finops_tui.actions.resolve import Found
from finops_tui.actions.reverters import autoscaler_reverters
from finops_tui.actions.sizes import MANY, UNBOUNDED, Sizes, count, parsed_bounds, parsed_count
from finops_tui.errors import ActionError
from finops_tui.model.plan import Reverter

REPLICAS, AUTOSCALER, GROUP = "replicas", "autoscaler", "group"
"""Parameters: how many; what its autoscaler is told: `min=1,max=4`, or `pause` (KEDA holds it at `replicas`); and of a
kind with groups which one."""
LEAST: Path = ("spec", "minReplicas")
MOST: Path = ("spec", "maxReplicas")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    change: Change
    before: int
    after: int
    of: tuple[int, int]
    """How many pods that leaves of how many."""
    called: str
    """Name of what is scaled, with its group."""
    unit: str = "replica"
    reverts: tuple[Reverter, ...] = ()


async def sized(client: KubeClient, found: Found, parameters: Mapping[str, str], pods: int | None) -> Sized:
    """Work out what sets the size that is asked for; `pods` is how many run, if that is known. Raises ActionError."""
    kind = found.kind
    if isinstance(kind, Scalable):
        return _replicas(found, kind, await autoscalers_of(client, found.ref), parameters)
    if kind.sizes is None:
        raise ActionError(f"{found.ref.shown} has no number of replicas", f"{kind.kind} is not scaled", "Pause it.")
    if kind.sizes.groups:
        return _group(found, kind.sizes, parameters)
    return _bounded(found, kind.sizes, parameters, pods)


def _replicas(found: Found, kind: Scalable, steering: Autoscalers, parameters: Mapping[str, str]) -> Sized:
    before = count(found.document, kind.path)
    told = parameters.get(AUTOSCALER, "")
    reverts: tuple[Reverter, ...] = ()
    if told and told != "pause":
        change, after = _bounds(steering, before, told)
    else:
        after = parsed_count(parameters.get(REPLICAS, ""))
        change, reverts = _to(found, kind, steering, (before, after), held=told == "pause")
    return Sized(
        change=change,
        before=before,
        after=after,
        of=(after, before),
        called=found.ref.name,
        unit=kind.unit,
        reverts=reverts,
    )


def _to(
    found: Found, kind: Scalable, steering: Autoscalers, replicas: tuple[int, int], *, held: bool
) -> tuple[Change, tuple[Reverter, ...]]:
    """Return the change to a number of replicas, and which autoscalers would set it back."""
    before, after = replicas
    if held:
        if steering.keda is None:
            raise ActionError(f"No KEDA object scales {found.ref.shown}", "only KEDA can hold a size by itself")
        ref, document = steering.keda
        return Change(ref=ref, document=document, fields={PAUSED_REPLICAS: str(after)}, done=condition("Paused")), ()
    if after == before:
        raise ActionError(f"{found.ref.shown} has {after} already", "there is nothing to change")
    seen = Sign(kind.now, (after,) if after else (0, None))
    change = Change(ref=found.ref, document=found.document, fields={kind.path: after}, done=(seen,))
    return change, autoscaler_reverters(steering, after)


def _bounds(steering: Autoscalers, before: int, told: str) -> tuple[Change, int]:
    """Return the change of an HPA's bounds, and how many replicas there are within them."""
    if steering.hpa is None:
        raise ActionError("No HPA scales it", "there are no bounds to move", "Set the number of replicas.")
    ref, document = steering.hpa
    low, high = parsed_bounds(told, count(document, LEAST), count(document, MOST))
    if high - low > MANY:
        raise ActionError(f"min {low} and max {high} are no bounds", f"they are at most {MANY:,} apart")
    fields = _moved(document, {LEAST: low, MOST: high})
    if not fields:
        raise ActionError(f"{ref.shown} has these bounds already", f"min {low}, max {high}")
    within = tuple(range(low, high + 1))
    seen = tuple(Sign(("status", name), within) for name in ("desiredReplicas", "currentReplicas"))
    return Change(ref=ref, document=document, fields=fields, done=seen), min(max(before, low), high)


def _group(found: Found, sizes: Sizes, parameters: Mapping[str, str]) -> Sized:
    """Return the change of one worker group: its number within its bounds, or the bounds themselves."""
    document, told = found.document, parameters.get(AUTOSCALER, "")
    name, path = sizes.group(document, parameters.get(GROUP, ""))
    least, most, size = ((*path, *each) for each in (sizes.least, sizes.most, sizes.size))
    low, high = was = count(document, least, 0), count(document, most, UNBOUNDED)
    before = min(max(count(document, size, low), low), high)
    reverts: tuple[Reverter, ...] = ()
    if told:
        low, high = parsed_bounds(told, low, high)
        after = min(max(before, low), high)
    else:
        after = parsed_count(parameters.get(REPLICAS, ""))
        low, high = min(low, after), max(high, after)
        if value(document, sizes.autoscaled) is True:
            reverts = (_by_ray(low, high),)
    now = ((size, after, value(document, size)), (least, low, was[0]), (most, high, was[1]))
    wanted = {each: new for each, new, old in now if new != old}
    if not wanted:
        raise ActionError(f"{found.ref.shown} has {after} in {name} already", "there is nothing to change")
    hosts = count(document, (*path, *sizes.each))
    total = value(document, sizes.now)
    there = total if type(total) is int else before * hosts
    left = max(0, there + (after - before) * hosts)
    # Between them an autoscaler chooses: only a number that is set is waited for.
    done = (Sign(sizes.now, (left,) if left else (0, None)),) if type(total) is int and not told and not reverts else ()
    return Sized(
        change=Change(ref=found.ref, document=document, fields=wanted, done=done),
        before=before,
        after=after,
        of=(left + 1, there + 1),  # the head stays
        called=f"{found.ref.name}/{name}",
        unit="worker",
        reverts=reverts,
    )


def _by_ray(low: int, high: int) -> Reverter:
    bounds = f"min {low}, max {'none' if high >= UNBOUNDED else high}"
    return Reverter(
        who="ray",
        words=f"the autoscaler of Ray sets it again as its work asks for it, {bounds}",
        advice="autoscaler=min=…,max=… moves its bounds instead",
    )


def _bounded(found: Found, sizes: Sizes, parameters: Mapping[str, str], pods: int | None) -> Sized:
    """Return the change of a lower and an upper bound; one number is both."""
    document, told = found.document, parameters.get(AUTOSCALER, "")
    low, high = count(document, sizes.least), count(document, sizes.most, 0)
    before = low if pods is None else pods
    if told:
        low, high = parsed_bounds(told, low, high or max(low, 1))
    else:
        low = high = parsed_count(parameters.get(REPLICAS, ""))
        if not high:
            raise ActionError(f"{found.ref.shown} cannot be held at 0", "no upper bound is 0", "Pause it.")
    fields = _moved(document, {sizes.least: low, sizes.most: high})
    if not fields:
        raise ActionError(f"{found.ref.shown} has these bounds already", f"min {low}, max {high}")
    after = min(max(before, low), high)
    return Sized(
        change=Change(ref=found.ref, document=document, fields=fields),
        before=before,
        after=after,
        of=(after, before),
        called=found.ref.name,
    )


def _moved(document: Document, fields: Fields) -> Fields:
    return {path: each for path, each in fields.items() if value(document, path) != each}
