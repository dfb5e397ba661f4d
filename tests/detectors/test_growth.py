from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.detectors.base import Scene
from finops_tui.detectors.growth import Growth, GrowthRules
from finops_tui.detectors.growth_memory import HOURS, GrowthMemory, HourlyPast
from finops_tui.detectors.sizes import size
from finops_tui.model.finding import Severity, Signal
from finops_tui.model.fleet import Fleet
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import UsageRow
from tests.detectors.scenes import evidence
from tests.samples import NOON, empty_snapshot

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MIB, TIB = 1024.0**2, 1024.0**4


def egress(usd: float | None, **more: object) -> UsageRow:
    """Return a namespace whose traffic costs so much, at $1/h for each 10 MiB/s."""
    fields: dict[str, object] = {
        "key": "prod/ml", "cluster": "prod", "namespace": "ml", "owner": "nlp", "egress_usd_per_hour": usd,
        "egress_bytes_per_second": (usd or 0.0) * 10 * MIB, "senders": (("Deployment/chat", 9 * MIB),),
        "priced_by": "list price",
    }  # fmt: skip
    return UsageRow(**(fields | more))  # type: ignore[arg-type]  # test data by name


def volumes(usd: float, **more: object) -> UsageRow:
    """Return a namespace whose volumes cost so much, at $1/h for each TiB."""
    fields: dict[str, object] = {
        "key": "prod/ml", "cluster": "prod", "namespace": "ml", "owner": "nlp", "storage_usd_per_hour": usd,
        "storage_bytes": usd * TIB, "storage_used_bytes": usd * TIB / 2, "priced_by": "OpenCost",
    }  # fmt: skip
    return UsageRow(**(fields | more))  # type: ignore[arg-type]  # test data by name


def scene(at: datetime, *rows: UsageRow) -> Scene:
    return Scene(snapshot=replace(empty_snapshot(), usage=rows), fleet=Fleet(), now=at)


def days_of(usd: Callable[[datetime], float], days: int = 7) -> list[tuple[float, float]]:
    """Return the hours of the days before noon."""
    hours = (NOON - DAY * days + HOUR * number for number in range(24 * days))
    return [(at.timestamp(), usd(at)) for at in hours]


def primed(usd: Callable[[datetime], float], what: str = "egress", days: int = 7) -> Growth:
    detector = Growth()
    detector.prime({(what, "prod/ml"): days_of(usd, days)}, NOON)
    return detector


def watch(detector: Growth, row: UsageRow, minutes: Iterable[float]) -> list[Signal]:
    """Return what is found at the last of some minutes after noon."""
    signals: list[Signal] = []
    for minute in minutes:
        signals = list(detector.judge(scene(NOON + timedelta(minutes=minute), row)))
    return signals


def test_traffic_above_what_it_reached_at_this_hour_is_told_in_dollars() -> None:
    (found,) = watch(primed(lambda at: 6.0 if at.hour == 12 else 2.0), egress(42.0), range(26))
    assert found.scope == Scope(ScopeKind.NAMESPACE, "prod/ml")
    assert (found.key, found.name, found.owner) == ("growth/namespace/prod/ml/egress", "ml egress", "nlp")
    assert found.since == NOON
    assert found.severity is Severity.TICKET
    assert found.excess_usd_per_hour == pytest.approx(36.0)
    assert found.why == (
        "ml sends 420 MiB/s out of its zone for 25m, 60.0 MiB/s at this hour on 7 days before: $42.0/h, "
        "$36.0/h more than normal."
    )
    assert evidence(found)["Sender"] == "Deployment/chat 9.0 MiB/s."
    assert found.related == ("prod/Deployment/ml/chat",)


def test_what_comes_every_day_at_this_hour_is_normal() -> None:
    daily = primed(lambda at: 42.0 if at.hour == 12 else 2.0)
    assert watch(daily, egress(43.0), range(60)) == []
    shifted = primed(lambda at: 42.0 if at.hour == 13 else 2.0)
    assert watch(shifted, egress(43.0), range(60)) == [], "an hour earlier or later is no growth"
    other = primed(lambda at: 42.0 if at.hour == 3 else 2.0)
    assert len(watch(other, egress(43.0), range(26))) == 1


def test_a_blip_is_told_to_nobody() -> None:
    detector = primed(lambda _: 2.0)
    assert watch(detector, egress(400.0), range(19)) == []
    assert watch(detector, egress(2.0), range(19, 40)) == []
    assert watch(detector, egress(400.0), range(40, 59)) == []


def test_a_short_dip_does_not_begin_it_anew() -> None:
    detector = primed(lambda _: 2.0)
    watch(detector, egress(40.0), range(15))
    watch(detector, egress(2.0), range(15, 19))
    (found,) = watch(detector, egress(40.0), range(19, 22))
    assert found.since == NOON


@pytest.mark.parametrize(
    ("usd", "minutes", "severity"),
    [(9.0, 25, Severity.INFO), (15.0, 25, Severity.TICKET), (60.0, 25, Severity.TICKET), (60.0, 35, Severity.PAGE)],
)
def test_dollars_and_time_make_it_urgent(usd: float, minutes: int, severity: Severity) -> None:
    (found,) = watch(primed(lambda _: 2.0), egress(usd), range(minutes + 1))
    assert found.severity is severity


def test_next_to_nothing_is_not_told_however_many_times_more_it_is() -> None:
    assert watch(primed(lambda _: 0.01), egress(3.5), range(120)) == []


def test_where_it_goes_is_not_known_nobody_is_woken_and_no_dollars_are_claimed() -> None:
    (found,) = watch(primed(lambda _: 2.0), egress(400.0, egress_told_apart=False), range(90))
    assert found.severity is Severity.INFO
    assert (found.usd_per_hour, found.normal_usd_per_hour, found.excess_usd_per_hour) == (None, None, None)
    assert "at most $400.0/h if all of it left the cloud" in found.why
    assert "OpenCost's network costs daemonset" in evidence(found)["What to do"]


def test_without_days_it_is_held_against_the_hours_that_were_seen() -> None:
    detector = Growth()
    for minute in range(0, 540, 5):
        assert list(detector.judge(scene(NOON + timedelta(minutes=minute), egress(3.0)))) == []
    (found,) = watch(detector, egress(30.0), range(540, 566))
    assert "in the 7 hours before" in found.why
    young = Growth()
    watch(young, egress(3.0), range(0, 300, 5))
    assert watch(young, egress(30.0), range(300, 360)) == [], "of five hours nobody knows what is normal"


def test_what_stays_a_day_is_normal_from_then_on() -> None:
    detector = primed(lambda _: 2.0)
    found = [watch(detector, egress(40.0), [minute]) for minute in range(0, 27 * 60, 5)]
    lasts = [index * 5 / 60 for index, signals in enumerate(found) if signals]
    assert lasts[0] == pytest.approx(20 / 60, abs=0.1)
    assert 23.9 < lasts[-1] < 25.5


def test_volumes_that_grew_within_a_week_are_told_and_wake_nobody() -> None:
    def grown(at: datetime) -> float:
        return 12.0 if at < NOON - 2 * DAY else 20.0

    (found,) = watch(primed(grown, "storage", days=9), volumes(90.0), range(60))
    assert found.severity is Severity.TICKET
    assert (found.name, found.key) == ("ml volumes", "growth/namespace/prod/ml/storage")
    assert found.why == "Volumes of ml are 90.0 TiB, 12.0 TiB 7 days ago: $90.0/h, $78.0/h more than then."
    assert evidence(found)["Used"] == "45.0 TiB of 90.0 TiB, 50%."
    (creep,) = watch(primed(grown, "storage", days=9), volumes(20.0), range(40))
    assert creep.since == NOON - 2 * DAY, "it grew before anybody looked"
    assert creep.severity is Severity.TICKET, "$8/h for two days"


def test_volumes_that_are_as_large_as_a_week_ago_are_not_told() -> None:
    assert watch(primed(lambda _: 20.0, "storage", days=9), volumes(20.9), range(60)) == []


def test_a_source_that_fell_silent_neither_ends_it_nor_teaches() -> None:
    detector = primed(lambda _: 2.0)
    watch(detector, egress(40.0), range(25))
    before = json.dumps(detector.state())
    (found,) = watch(detector, egress(40.0, stale=True), range(25, 60))
    assert found.since == NOON
    assert json.dumps(detector.state()) == before


def test_it_goes_on_from_what_an_earlier_run_has_left() -> None:
    before = primed(lambda at: 6.0 if at.hour == 12 else 2.0)
    after = Growth()
    after.restore(json.loads(json.dumps(before.state(), allow_nan=False)))
    assert watch(after, egress(42.0), range(26)) == watch(before, egress(42.0), range(26))


def test_what_cannot_be_read_is_left_out() -> None:
    detector = Growth()
    detector.restore({"egress prod/ml": [1], "x": None, "y": ["a", []], "z": [5, [1.0]]})
    assert detector.state() == {}


def test_limits_can_be_set() -> None:
    strict = Growth(GrowthRules(minutes=5, factor=1.1))
    strict.prime({("egress", "prod/ml"): days_of(lambda _: 20.0)}, NOON)
    assert len(watch(strict, egress(25.0), range(7))) == 1


FIGURES = st.none() | st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(st.tuples(FIGURES, FIGURES, FIGURES), max_size=30), st.booleans())
def test_it_never_raises_and_never_tells_nonsense(
    figures: list[tuple[float | None, float | None, float | None]], known: bool
) -> None:
    detector = Growth(GrowthRules(hours_needed=1))
    for number, (sent, stored, held) in enumerate(figures):
        row = egress(
            sent, egress_told_apart=known, storage_usd_per_hour=stored, storage_bytes=held, egress_bytes_per_second=held
        )
        for signal in detector.judge(scene(NOON + HOUR * number, row)):
            assert signal.why
            excess = signal.excess_usd_per_hour
            assert excess is None or (math.isfinite(excess) and excess > 0)
    json.dumps(detector.state(), allow_nan=False)


def test_the_past_holds_nine_days_and_forgets() -> None:
    past = HourlyPast()
    for hour in range(1000, 1000 + HOURS + 10):
        past.add(hour, float(hour))
    assert past.at(1009) is None
    assert past.at(1010) == 1010.0
    past.add(1000 + 3 * HOURS, 1.0)
    assert past.before(1000 + 3 * HOURS) == []


def test_means_of_an_hour_and_late_samples() -> None:
    past = HourlyPast()
    past.add(5, 1.0)
    past.add(5, 3.0)
    past.add(4, 8.0)
    assert (past.at(5), past.at(4)) == (4.0, None)


def test_what_was_seen_stands_beside_what_is_told() -> None:
    memory = GrowthMemory()
    past = memory.take("egress prod/ml", 100, 5.0)
    assert past is not None
    memory.prime("egress prod/ml", [(98 * 3600.0, 1.0), (98 * 3600.0 + 900, 3.0), (100 * 3600.0, 99.0)], 101)
    assert [past.at(hour) for hour in (98, 99, 100, 101)] == [2.0, None, 5.0, None]


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 B"), (1023, "1,023 B"), (1536, "1.5 KiB"), (182 * MIB, "182 MiB"), (1e40, "0 B"), (math.nan, "0 B")],
)
def test_sizes(number: float, words: str) -> None:
    assert size(number) == words
