from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from finops_tui.analysis.ownership import OwnershipRules
from finops_tui.detectors.base import Scene
from finops_tui.engine.causes import Causes
from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.finding import Cause
from finops_tui.model.fleet import Fleet
from finops_tui.model.observations import ChangeSeen
from tests.engine.findings import JOB, signal
from tests.samples import NOON, empty_snapshot


def scene(*changes: Change, minutes_before: float = 1.0) -> Scene:
    fleet = Fleet()
    at = NOON - timedelta(minutes=minutes_before)
    for change in changes:
        fleet.fold(ChangeSeen(at=at, source="k", cluster="prod", change=change))
    return Scene(snapshot=empty_snapshot(), fleet=fleet, now=NOON)


def change(subject: str, what: str = "train workers 1→9") -> Change:
    return Change(id=f"{subject} {what}", kind=ChangeKind.SCALE, who="mei", subject=subject, what=what, gpus=8.0)


def of(told: Scene, *own: Cause) -> tuple[Cause, ...]:
    return Causes(OwnershipRules()).of(replace(signal(), causes=own), NOON, told)


def test_a_change_of_the_thing_itself_is_its_cause() -> None:
    (cause,) = of(scene(change(JOB.name)))
    assert (cause.what, cause.who) == ("workers 1→9", "mei")


def test_what_happened_elsewhere_is_no_cause() -> None:
    assert of(scene(change("lab/Job/other/else"))) == ()


def test_what_the_detector_has_seen_ranks_by_its_fit() -> None:
    own = Cause(what="6 GPUs idle from 10:42Z", at=None, fit=0.6)
    assert of(scene(change(JOB.name)), own)[0].what == "workers 1→9"
    assert [cause.what for cause in of(scene(), own)] == [own.what]


def test_it_is_worked_out_anew_only_when_something_changed() -> None:
    causes, told = Causes(OwnershipRules()), scene(change(JOB.name))
    first = causes.of(signal(), NOON, told)
    assert causes.of(signal(), NOON, told) is first
    told.fleet.fold(ChangeSeen(at=NOON, source="k", cluster="prod", change=change(JOB.name, "train workers 9→12")))
    assert len(causes.of(signal(), NOON, told)) == 2
