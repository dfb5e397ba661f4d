"""Bills and estimates together, as snapshots show them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from finops_tui.analysis.bill_links import BillLink
from finops_tui.detectors.budget import Budget, BudgetRules
from finops_tui.engine.billing import Biller
from finops_tui.engine.history import DAY, HOUR
from finops_tui.engine.pace import EVERY_SECONDS
from finops_tui.model.bill import BilledDay, ScopedDay
from finops_tui.model.billing import Period
from finops_tui.model.fleet import Fleet
from finops_tui.model.health import HealthState
from finops_tui.model.observations import BillsSeen
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import Snapshot, SourceRow, SpendRow
from tests.samples import empty_snapshot

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
EC2, S3 = "Amazon Elastic Compute Cloud", "Amazon Simple Storage Service"
PROD, NLP = Scope(ScopeKind.CLUSTER, "prod"), Scope(ScopeKind.TEAM, "nlp")
LINKS = (BillLink(cluster="prod", account="111"),)
FIRST = date(2026, 2, 1)


def billed(
    through: datetime,
    *,
    usd: float = 216.0,
    storage: float = 10.0,
    source: str = "aws",
    currency: str = "USD",
    account: str = "111",
    team: float | None = None,
) -> BillsSeen:
    """Bill every day from FIRST on: $240 is estimated for each, so 0.9 of it is billed."""
    days = [FIRST + timedelta(days=offset) for offset in range((through.date() - FIRST).days)]
    made = [
        BilledDay(
            provider="AWS", account=account, service=service, day=day, currency=currency, usage=Decimal(cost),
            effective=Decimal(cost), credits=Decimal(-1), taxes=Decimal(2),
        )
        for day in days
        for service, cost in ((EC2, usd), (S3, storage))
    ]  # fmt: skip
    scoped = [
        ScopedDay(scope="team", name="nlp", account=account, day=day, currency=currency, effective=Decimal(team))
        for day in days
        if team is not None
    ]
    return BillsSeen(at=NOW, source=source, cluster="", days=tuple(made), through=through, scoped=tuple(scoped))


def fleet(*seen: BillsSeen) -> Fleet:
    known = Fleet()
    for each in seen:
        known.fold(each)
    return known


def figures(now: datetime = NOW, usd: float = 10.0, *clusters: str) -> Snapshot:
    def row(kind: ScopeKind, name: str, cluster: str) -> SpendRow:
        return SpendRow(key=name, kind=kind, name=name, cluster=cluster, owner="", usd_per_hour=usd)

    names = clusters or ("prod",)
    return replace(
        empty_snapshot(),
        at=now,
        clusters=names,
        spend={
            ScopeKind.CLUSTER: tuple(row(ScopeKind.CLUSTER, name, name) for name in names),
            ScopeKind.TEAM: (row(ScopeKind.TEAM, "nlp", "prod"),),
            ScopeKind.WORKLOAD: (replace(row(ScopeKind.WORKLOAD, "w", "prod"), labels=(("environment", "live"),)),),
        },
    )


def biller(*budgets: Budget, told: float | None = 10.0, days: int = 14) -> Biller:
    making = Biller(LINKS, BudgetRules(budgets=budgets))
    if told is not None:
        hours = int(NOW.timestamp() // HOUR)
        points = [(float(hour * HOUR), told) for hour in range(hours - days * 24, hours)]
        making.prime({PROD: (points, HOUR), NLP: (points, HOUR)})
    return making


THROUGH = datetime(2026, 3, 20, 3, tzinfo=UTC)
YESTERDAY = datetime(2026, 3, 19, tzinfo=UTC)


def test_a_day_is_billed_or_estimated_and_the_estimate_is_corrected() -> None:
    made = biller().look(figures(), fleet(billed(YESTERDAY)), NOW)
    seen = made.month.outlook
    assert seen.billed_through == YESTERDAY
    assert seen.billed_usd == pytest.approx(18 * 226)
    assert seen.estimated_usd == pytest.approx(216 * 1.5), "yesterday and half of today, at 0.9 of list price"
    assert seen.carried_usd == pytest.approx(10 * 1.5), "storage goes on as it did"
    assert seen.usd == pytest.approx(18 * 226 + 226 * 1.5)
    assert seen.expected_usd == pytest.approx(31 * 226)


def test_the_line_says_how_far_the_estimate_is_off_and_what_stands_apart() -> None:
    check = biller().look(figures(), fleet(billed(THROUGH)), NOW).reconciliation
    assert check.line == "estimate vs bill +11.1 % over 7 d"
    assert (check.days, check.through, check.missing) == (7, date(2026, 3, 18), "")
    assert check.unestimated_usd == pytest.approx(70.0)
    assert (check.credits_usd, check.taxes_usd, check.amortised_usd) == (-14.0, 28.0, 0.0)
    (service,) = check.services
    assert service.clusters == ("prod",)
    assert (round(service.factor, 6), round(service.spread, 6)) == (0.9, 0.0)
    assert len(check.rows) == 7


def test_a_restated_bill_replaces_what_was_billed() -> None:
    making, known = biller(), fleet(billed(THROUGH))
    making.look(figures(), known, NOW)
    later = NOW + timedelta(minutes=1)
    known.fold(replace(billed(THROUGH, usd=240.0), at=later))
    made = making.look(figures(later), known, later)
    assert made.reconciliation.line == "estimate vs bill +0.0 % over 7 d"
    assert made.bills[0].effective == pytest.approx(19 * 250)
    known.fold(replace(billed(THROUGH, usd=1.0), at=NOW))
    assert making.look(figures(later), known, later).bills == made.bills, "what is older does not come back"


def test_other_currencies_are_told_and_never_added() -> None:
    euros = billed(THROUGH, source="ovh", currency="EUR", account="eu")
    with_euros = biller().look(figures(), fleet(billed(THROUGH), euros), NOW)
    without = biller().look(figures(), fleet(billed(THROUGH)), NOW)
    assert with_euros.month.outlook == without.month.outlook
    assert with_euros.reconciliation == without.reconciliation
    (other,) = with_euros.month.others
    assert (other.currency, other.billed) == ("EUR", 19 * 226.0)
    assert {(row.currency, row.account) for row in with_euros.bills} == {("USD", "111"), ("EUR", "eu")}


def test_two_sources_of_one_account_count_once() -> None:
    twice = fleet(billed(THROUGH), billed(YESTERDAY, source="focus", usd=999.0))
    made = biller().look(figures(), twice, NOW)
    assert made.month.outlook == biller().look(figures(), fleet(billed(THROUGH)), NOW).month.outlook
    assert {(row.source, row.counted) for row in made.bills} == {("aws", True), ("focus", False)}


def test_without_bills_the_estimate_stands_alone_and_says_so() -> None:
    made = biller(days=20).look(figures(), Fleet(), NOW)
    assert made.bills == ()
    assert made.reconciliation.line == "estimate vs bill –: nothing is billed in US dollars yet."
    assert made.month.outlook.estimated_usd == pytest.approx(240 * 19.5)
    assert (made.month.outlook.billed_usd, made.month.outlook.billed_through) == (0.0, None)


def test_a_cluster_without_a_bill_is_told_and_estimated_throughout() -> None:
    making = biller(days=20)
    hours = int(NOW.timestamp() // HOUR)
    points = [(float(hour * HOUR), 5.0) for hour in range(hours - 20 * 24, hours)]
    making.prime({Scope(ScopeKind.CLUSTER, "lab"): (points, HOUR)})
    made = making.look(figures(NOW, 10.0, "prod", "lab"), fleet(billed(THROUGH)), NOW)
    assert made.reconciliation.unmatched == ("lab: the config names no account for it under bills",)
    assert made.month.outlook.estimated_usd == pytest.approx(108 + 120 * 19.5 * 0.9)


def test_before_anything_is_known_every_figure_says_why_it_is_missing() -> None:
    making = Biller((), BudgetRules(budgets=(Budget(name="b", period=Period.MONTH, usd=1.0),)))
    made = making.look(replace(empty_snapshot(), at=NOW), Fleet(), NOW)
    head = making.headline(empty_snapshot().headline, made)
    for figure in (head.month_to_date_usd, head.month_end_usd):
        assert figure.value is None
        assert figure.missing
    (row,) = made.budgets
    assert (row.used, bool(row.missing)) == (None, True)


def test_while_the_month_before_is_still_being_read_it_says_so_and_since_when() -> None:
    early = replace(billed(NOW), days=tuple(day for day in billed(NOW).days if day.day >= date(2026, 3, 1)))
    biller = Biller(LINKS, BudgetRules())
    reading = biller.look(figures(), fleet(replace(early, back_to=FIRST)), NOW).month
    assert (reading.last_month_usd, reading.last_month_missing) == (None, "Its bills are being read since 12:00:00Z.")
    never = Biller(LINKS, BudgetRules()).look(figures(), fleet(early), NOW).month
    assert never.last_month_missing.startswith("What is known reaches back to 2026-03-01")
    later = replace(billed(NOW), at=NOW + timedelta(minutes=3))
    assert biller.look(figures(), fleet(later), later.at).month.last_month_missing == ""


def test_the_money_line_has_the_month_and_the_budgets_for_everything() -> None:
    day = Budget(name="day", usd=300.0)
    month = Budget(name="month", period=Period.MONTH, usd=7_000.0)
    team = Budget(name="nlp", scope=NLP, period=Period.MONTH, usd=1.0)
    making = biller(team, day, month)
    head = making.headline(empty_snapshot().headline, making.look(figures(), fleet(billed(THROUGH)), NOW))
    assert (head.today_budget_usd, head.month_budget_usd) == (300.0, 7_000.0)
    assert head.month_end_usd.value == pytest.approx(31 * 226)
    assert head.month_to_date_usd.value == pytest.approx(19.5 * 226)


def test_a_team_is_billed_by_its_tag_where_bills_carry_it_and_else_estimated() -> None:
    month = Budget(name="nlp", scope=NLP, period=Period.MONTH, usd=10_000.0)
    tagged = biller(month).look(figures(), fleet(billed(THROUGH, team=100.0)), NOW).budgets[0].outlook
    assert (tagged.billed_usd, round(tagged.estimated_usd, 6)) == (1_900.0, 108.0)
    untagged = biller(month, days=20).look(figures(), fleet(billed(THROUGH)), NOW).budgets[0].outlook
    assert (untagged.billed_usd, round(untagged.estimated_usd, 6)) == (0.0, 216 * 19.5)


def test_a_label_has_a_budget_and_a_misspelled_name_says_that_it_counts_nothing() -> None:
    live = Budget(name="live", label="environment", scope=Scope(ScopeKind.TOTAL, "live"), period=Period.WEEK, usd=900)
    typo = Budget(name="typo", scope=Scope(ScopeKind.TEAM, "nlpp"), period=Period.MONTH, usd=900)
    making, known = biller(live, typo), fleet(billed(THROUGH))
    for minute in range(0, 12 * 60 + 1, 5):
        now = NOW.replace(hour=0) + timedelta(minutes=minute)
        made = making.look(figures(now), known, now)
    first, second = made.budgets
    assert (first.kind, first.scope) == ("environment", "live")
    assert first.outlook.estimated_usd == pytest.approx(0.9 * 120, rel=0.02)
    assert second.used is None
    assert second.missing.startswith("Nothing that was seen so far carries this name")


def test_between_two_looks_the_same_rows_are_shown() -> None:
    making, known = biller(), fleet(billed(THROUGH))
    first = making.look(figures(), known, NOW)
    soon, later = NOW + timedelta(seconds=EVERY_SECONDS / 2), NOW + timedelta(seconds=EVERY_SECONDS)
    assert making.look(figures(soon), known, soon) is first
    assert making.look(figures(later), known, later) is not first


def test_a_clock_set_back_is_taken_as_it_is() -> None:
    making, known = biller(), fleet(billed(THROUGH))
    before = making.look(figures(), known, NOW).month.outlook
    back = NOW - timedelta(days=2)
    assert making.look(figures(back), known, back).month.outlook.days_left == before.days_left + 2
    assert making.look(figures(), known, NOW).month.outlook == before


def test_what_was_estimated_outlives_a_restart() -> None:
    first = biller(told=None)
    for slot in range(int(DAY // 150) + 1):
        now = datetime(2026, 3, 19, tzinfo=UTC) + timedelta(seconds=150 * slot)
        first.look(figures(now), Fleet(), now)
    second = biller(told=None)
    second.remember(first.learned())
    made = second.look(figures(), fleet(billed(YESTERDAY)), NOW)
    assert made.month.outlook.estimated_usd == pytest.approx(240.0)
    second.remember("nonsense")


def test_stale_bills_are_marked() -> None:
    source = SourceRow(
        name="aws", short="aws", state=HealthState.POLLED, cluster="", since=NOW, answered_at=NOW, stale=True
    )
    snapshot = replace(figures(), sources=(source,))
    assert all(row.stale for row in biller().look(snapshot, fleet(billed(THROUGH)), NOW).bills)
