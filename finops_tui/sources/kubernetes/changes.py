"""What happened to controllers, told from what they were and what they are.

On the first list there is no "were": then only what their own timestamps place after `since` is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from finops_tui.model.change import Change, ChangeKind
from finops_tui.phrases import counted
from finops_tui.sources.kubernetes import differences
from finops_tui.sources.kubernetes.controllers import ControllerFacts
from finops_tui.sources.kubernetes.custom import KINDS
from finops_tui.sources.kubernetes.writers import Write

UNKNOWN = "unknown"
OURSELVES = "finops-tui"
"""As this program calls itself when it writes, on whichever machine."""
SETTLED = timedelta(minutes=2)
"""A rollout that ends this soon after its controller was created is the creation itself."""
DETAILS = 20
PARENTS = frozenset({"CronJob", "Deployment", "Job", "StatefulSet", *(kind for *_, kind in KINDS)})
"""Kinds that tell of themselves; what they make is told by them."""
SCALED_BY_OTHERS = frozenset({"InferenceService"})
"""Parents that do not say how many pods they have: their children do."""
STANDING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "CronJob", "InferenceService", "LeaderWorkerSet"})
"""Kinds that are made, where jobs are started."""


class Dated(NamedTuple):
    at: datetime
    change: Change


def controller_changes(
    cluster: str, before: ControllerFacts | None, after: ControllerFacts, *, now: datetime, since: datetime
) -> Iterator[Dated]:
    """Yield what happened to one controller. Children of other controllers are their parents' business."""
    teller = _Teller(cluster, after, now)
    if not _worth_telling(after):
        if before is not None and after.owner is not None and after.owner[0] in SCALED_BY_OTHERS:
            yield from _scalings(teller, before, after)
        return
    if before is None or before.uid != after.uid:
        yield from _first_sight(teller, after, since)
        return
    details = differences.template_differences(before, after)
    if details:
        more = f" and {len(details) - 1} more" if len(details) > 1 else ""
        gpus = differences.template_gpus(before, after) if _runs(before) and _runs(after) else 0.0
        what = f"{after.name} {details[0]}{more}"
        yield teller.tell(ChangeKind.ROLLOUT, "rollout", what, details=details, gpus=gpus)
    yield from _scalings(teller, before, after)
    settings = differences.setting_differences(before.settings, after.settings)
    if settings:
        what = f"{_kind_and_name(after)} {', '.join(settings)}"
        yield teller.tell(ChangeKind.CONFIG, "settings", what, details=settings)
    if before.suspended != after.suspended and not after.ended:
        did, gpus = ("paused", -before.gpus) if after.suspended else ("resumed", after.gpus)
        gpus = 0.0 if after.kind == "CronJob" else gpus
        yield teller.tell(ChangeKind.WORKLOAD, did, f"{_kind_and_name(after)} {did}", gpus=gpus)
    if after.ended and before.ended != after.ended:
        yield teller.ended(ran=_runs(before))


def controller_gone(cluster: str, last: ControllerFacts, *, now: datetime) -> Iterator[Dated]:
    """Yield the deletion of a controller that had not ended by itself."""
    if _worth_telling(last) and not last.ended:
        gpus = -last.gpus if _runs(last) else 0.0
        yield _Teller(cluster, last, now).at(
            now, ChangeKind.WORKLOAD, "deleted", f"{_kind_and_name(last)} deleted", "", gpus=gpus
        )


class _Teller:
    def __init__(self, cluster: str, facts: ControllerFacts, now: datetime) -> None:
        kind, name = facts.owner or (facts.kind, facts.name)  # what a spend row is of: the controller at the top
        self._facts = facts
        self._now = now
        self._subject = f"{cluster}/{kind}/{facts.namespace}/{name}"

    def at(
        self,
        at: datetime,
        kind: ChangeKind,
        what_id: str,
        what: str,
        who: str,
        *,
        details: Iterable[str] = (),
        gpus: float | None = None,
    ) -> Dated:
        change = Change(
            id=f"{self._facts.uid}/{what_id}",
            kind=ChangeKind.ACTION if who == OURSELVES else kind,
            who=who or UNKNOWN,
            subject=self._subject,
            what=what,
            details=tuple(details)[:DETAILS],
            gpus=gpus if gpus is None else round(gpus, 3),
        )
        return Dated(at, change)

    def tell(
        self,
        kind: ChangeKind,
        what_id: str,
        what: str,
        *,
        by: Write | None = None,
        details: Iterable[str] = (),
        gpus: float | None = None,
    ) -> Dated:
        """Tell what the write did that made this generation of the object."""
        write = by or self._facts.written
        what_id = f"{self._facts.generation}/{what_id}"
        return self.at(write.at or self._now, kind, what_id, what, write.who, details=details, gpus=gpus)

    def ended(self, *, ran: bool) -> Dated:
        """Tell that it is over; `ran` says that it was not paused until then."""
        facts = self._facts
        gpus = -facts.gpus if ran else 0.0
        what = f"{_kind_and_name(facts)} {facts.ended}"
        return self.at(facts.ended_at or self._now, ChangeKind.WORKLOAD, facts.ended, what, "kubernetes", gpus=gpus)


def _scalings(teller: _Teller, before: ControllerFacts, after: ControllerFacts) -> Iterator[Dated]:
    if after.kind in ("CronJob", "DaemonSet") or not (_runs(before) and _runs(after)):
        return
    details = differences.replica_differences(before, after)
    if details:
        word = differences.noun(after.kind)
        what = f"{after.name} {word} {differences.total(before)}→{differences.total(after)}"
        several = len(before.groups) > 1 or len(after.groups) > 1
        gpus = differences.replica_gpus(before, after)
        yield teller.tell(ChangeKind.SCALE, "scale", what, details=details if several else (), gpus=gpus)


def _first_sight(teller: _Teller, facts: ControllerFacts, since: datetime) -> Iterator[Dated]:
    created, rolled_out, scaled = facts.created_at, facts.rolled_out_at, facts.scaled
    later = since if created is None else max(since, created + SETTLED)
    if created is not None and created >= since:
        who = "cron" if facts.owner is not None and facts.owner[0] == "CronJob" else facts.written.who
        gpus = 0.0 if facts.suspended or facts.kind == "CronJob" else facts.gpus
        what = f"{_kind_and_name(facts)} {_started(facts)}"
        yield teller.at(created, ChangeKind.WORKLOAD, "created", what, who, gpus=gpus)
    if rolled_out is not None and rolled_out > later:
        image = next((each.image for group in facts.groups for each in group.template.containers), "")
        what = f"{facts.name} rolled out {differences.short_image(image) if image else ''}".rstrip()
        what_id = f"rollout/{rolled_out.isoformat(timespec='seconds')}"
        yield teller.at(rolled_out, ChangeKind.ROLLOUT, what_id, what, facts.written.who)
    # Of the autoscaler's own scalings the cluster's events tell with numbers, so they are not told here.
    if scaled.at is not None and scaled.at > later and scaled.who != "hpa":
        word = f"{differences.noun(facts.kind)} set to {differences.total(facts)}"
        what_id = f"scaled/{scaled.at.isoformat(timespec='seconds')}"
        yield teller.at(scaled.at, ChangeKind.SCALE, what_id, f"{facts.name} {word}", scaled.who)
    if facts.suspended_at is not None and facts.suspended_at >= since and facts.suspended:
        what_id = f"{facts.generation}/paused"
        what = f"{_kind_and_name(facts)} paused"
        yield teller.at(facts.suspended_at, ChangeKind.WORKLOAD, what_id, what, facts.written.who, gpus=-facts.gpus)
    if facts.ended and facts.ended_at is not None and facts.ended_at >= since:
        yield teller.ended(ran=True)


def _worth_telling(facts: ControllerFacts) -> bool:
    """Whether it stands for itself. Scheduled jobs come and go by the minute: only those with GPUs are told."""
    if facts.owner is None or facts.owner[0] not in PARENTS:
        return True
    return facts.owner[0] == "CronJob" and facts.needs_gpus


def _runs(facts: ControllerFacts) -> bool:
    return not facts.suspended and not facts.ended


def _started(facts: ControllerFacts) -> str:
    verb = "created" if facts.kind in STANDING else "started"
    if facts.suspended:
        return "created, paused"
    gpus = 0.0 if facts.kind == "CronJob" else facts.gpus
    return f"{verb}, {counted(gpus, 'GPU')}" if gpus else verb


def _kind_and_name(facts: ControllerFacts) -> str:
    return f"{facts.kind.lower()} {facts.name}"
