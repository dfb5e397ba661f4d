"""What happened to controllers and limits, told from what they were and what they are.

On the first list there is no "were": then only what their own timestamps place after `since` is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from finops_tui.model.change import Change, ChangeKind
from finops_tui.sources.kubernetes.controllers import ControllerFacts
from finops_tui.sources.kubernetes.limits import LimitFacts

UNKNOWN = "unknown"
SETTLED = timedelta(minutes=2)
"""A rollout that ends this soon after its controller was created is the creation itself."""


class Dated(NamedTuple):
    at: datetime
    change: Change


def controller_changes(
    cluster: str, before: ControllerFacts | None, after: ControllerFacts, *, now: datetime, since: datetime
) -> Iterator[Dated]:
    """Yield what happened to one controller. Children of other controllers are their parents' business."""
    if not _worth_telling(after):
        return
    teller = _Teller(cluster, after, now)
    if before is None or before.uid != after.uid:
        yield from _first_sight(teller, after, since)
        return
    if before.template != after.template and before.template and after.template:
        yield teller.tell(
            ChangeKind.ROLLOUT,
            f"{after.generation}/rollout",
            f"{after.name} {_image_change(before.images, after.images)}",
        )
    if before.replicas != after.replicas and after.kind not in ("Job", "DaemonSet"):
        yield teller.tell(
            ChangeKind.SCALE,
            f"{after.generation}/scale",
            f"{after.name} replicas {_number(before.replicas)}→{_number(after.replicas)}",
        )
    if before.suspended != after.suspended:
        did = "paused" if after.suspended else "resumed"
        yield teller.tell(ChangeKind.WORKLOAD, f"{after.generation}/{did}", f"{_kind_and_name(after)} {did}")
    if after.ended and before.ended != after.ended:
        yield teller.ended(after)


def controller_gone(cluster: str, last: ControllerFacts, *, now: datetime) -> Iterator[Dated]:
    """Yield the deletion of a controller that had not ended by itself."""
    if _worth_telling(last) and not last.ended:
        change = _Teller(cluster, last, now).change(
            ChangeKind.WORKLOAD, "deleted", f"{_kind_and_name(last)} deleted", ""
        )
        yield Dated(now, change)


def limit_changes(cluster: str, before: LimitFacts | None, after: LimitFacts, *, now: datetime) -> Iterator[Dated]:
    """Yield which limits of an autoscaler moved."""
    if before is None or before.uid != after.uid or before.limits == after.limits:
        return
    old, new = dict(before.limits), dict(after.limits)
    moved = [
        f"{name} {old.get(name, 'none')}→{new.get(name, 'none')}"
        for name in dict.fromkeys((*old, *new))
        if old.get(name) != new.get(name)
    ]
    change = Change(
        id=f"{after.uid}/{after.generation}/limits",
        kind=ChangeKind.CONFIG,
        who=after.who or UNKNOWN,
        subject="/".join(part for part in (cluster, after.namespace, after.name) if part),
        what=f"{after.kind} {after.name} {', '.join(moved)}",
    )
    yield Dated(after.written_at or now, change)


class _Teller:
    def __init__(self, cluster: str, facts: ControllerFacts, now: datetime) -> None:
        self._facts = facts
        self._now = now
        self._subject = f"{cluster}/{facts.kind}/{facts.namespace}/{facts.name}"

    def change(self, kind: ChangeKind, what_id: str, what: str, who: str) -> Change:
        return Change(
            id=f"{self._facts.uid}/{what_id}", kind=kind, who=who or UNKNOWN, subject=self._subject, what=what
        )

    def tell(self, kind: ChangeKind, what_id: str, what: str) -> Dated:
        return Dated(self._facts.written_at or self._now, self.change(kind, what_id, what, self._facts.who))

    def ended(self, facts: ControllerFacts) -> Dated:
        change = self.change(ChangeKind.WORKLOAD, facts.ended, f"{_kind_and_name(facts)} {facts.ended}", "kubernetes")
        return Dated(facts.ended_at or self._now, change)


def _first_sight(teller: _Teller, facts: ControllerFacts, since: datetime) -> Iterator[Dated]:
    created, rolled_out = facts.created_at, facts.rolled_out_at
    if created is not None and created >= since:
        change = teller.change(ChangeKind.WORKLOAD, "created", f"{_kind_and_name(facts)} {_started(facts)}", facts.who)
        yield Dated(created, change)
    if rolled_out is not None and rolled_out >= since and (created is None or rolled_out - created > SETTLED):
        image = _short(facts.images[0]) if facts.images else ""
        change = teller.change(
            ChangeKind.ROLLOUT, f"rollout/{facts.template}", f"{facts.name} rolled out {image}".rstrip(), facts.who
        )
        yield Dated(rolled_out, change)
    if facts.suspended_at is not None and facts.suspended_at >= since and facts.suspended:
        paused = teller.change(
            ChangeKind.WORKLOAD, f"{facts.generation}/paused", f"{_kind_and_name(facts)} paused", facts.who
        )
        yield Dated(facts.suspended_at, paused)
    if facts.ended and facts.ended_at is not None and facts.ended_at >= since:
        yield teller.ended(facts)


def _worth_telling(facts: ControllerFacts) -> bool:
    """Whether it stands for itself. Scheduled jobs come and go by the minute: only those with GPUs are told."""
    if facts.owner is None:
        return True
    return facts.owner[0] == "CronJob" and (facts.requests.gpu_units > 0 or facts.requests.mig_slices > 0)


def _started(facts: ControllerFacts) -> str:
    gpus = facts.requests.gpu_units * (facts.replicas or 0)
    verb = "started" if facts.kind not in ("Deployment", "StatefulSet", "DaemonSet", "CronJob") else "created"
    return f"{verb}, {gpus:g} GPUs" if gpus else verb


def _kind_and_name(facts: ControllerFacts) -> str:
    return f"{facts.kind.lower()} {facts.name}"


def _number(replicas: int | None) -> str:
    return "none" if replicas is None else str(replicas)


def _image_change(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    moved = [(old, new) for old, new in zip(before, after, strict=False) if old != new]
    if not moved:
        return "containers changed" if len(before) != len(after) else "pod template changed"
    old, new = moved[0]
    more = f" and {len(moved) - 1} more" if len(moved) > 1 else ""
    if _repository(old) == _repository(new):
        return f"image {_version(old)}→{_version(new)}{more}"
    return f"image {_short(old)}→{_short(new)}{more}"


def _repository(image: str) -> str:
    path, _, name = image.partition("@")[0].rpartition("/")
    return f"{path}/{name.partition(':')[0]}"


def _version(image: str) -> str:
    """Return the tag, or what is left of a digest once it is short enough to read."""
    named, _, digest = image.partition("@")
    tag = named.rpartition("/")[2].partition(":")[2]
    return tag or digest.partition(":")[2][:12] or "latest"


def _short(image: str) -> str:
    return f"{_repository(image).rpartition('/')[2]}:{_version(image)}"
