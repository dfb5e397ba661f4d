from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from finops_tui.analysis.ownership import OwnershipRules
from finops_tui.detectors.base import Scene
from finops_tui.engine.causes import STAYED_FIT, Causes
from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.finding import Cause
from finops_tui.model.fleet import Fleet
from finops_tui.model.observations import ChangeSeen
from finops_tui.model.snapshot import SpendRow
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


def sized(*steps: tuple[float, float]) -> Scene:
    """Return a scene in which the job was scaled so many hours before noon, by so many GPUs."""
    fleet = Fleet()
    for number, (hours, gpus) in enumerate(steps):
        step = replace(change(JOB.name, f"train workers {number}→{number + 1}"), id=str(number), who="hpa", gpus=gpus)
        fleet.fold(ChangeSeen(at=NOON - timedelta(hours=hours), source="k", cluster="prod", change=step))
    row = SpendRow(
        key=JOB.name, kind=JOB.kind, name="train", cluster="prod", owner="nlp", usd_per_hour=90.0, gpus=12.0,
    )  # fmt: skip
    shown = replace(empty_snapshot(), spend={JOB.kind: (row,)})
    return Scene(snapshot=shown, fleet=fleet, now=NOON)


def test_what_did_not_shrink_as_it_always_does_is_explained_by_its_last_step_up() -> None:
    """It went down, up, down and up again over the day: it did not grow, and it still costs too much."""
    (cause,) = of(sized((9.0, -1.0), (8.0, 1.0), (6.0, -1.0), (4.5, 1.0)))
    assert (cause.what, cause.who, cause.fit) == ("workers 3→4", "hpa", STAYED_FIT)
    assert cause.why == "its last step; it has given none of it back for 4h30m"


def test_what_shrank_last_or_was_left_alone_is_not_explained_by_a_step() -> None:
    assert of(sized((8.0, 1.0), (4.5, -1.0))) == ()
    assert of(sized()) == ()
    assert of(sized((13.0, 1.0))) == (), "nobody looks back so far"


def test_what_grew_is_told_as_growth() -> None:
    (cause,) = of(sized((8.0, 1.0), (4.5, 1.0)))
    assert cause.why.startswith("the last of 2 steps up")
