"""The bills page: what it says in each state, its keys, and what is taken along from it."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from finops_tui.model.billing import BillRow
from finops_tui.model.cloud import Budget, Commitment, Forecast, ForecastDay, Recommendation
from finops_tui.model.finding import FindingState
from finops_tui.model.health import HealthState
from finops_tui.model.money import Provenance
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.screens.bills import BillsScreen
from finops_tui.ui.screens.bills_advice import ADVICE, HOURS_A_MONTH, advice
from finops_tui.ui.screens.bills_clouds import budget_lines
from finops_tui.ui.screens.bills_note import note
from finops_tui.ui.screens.bills_parts import MOST_ROWS, Parts
from finops_tui.ui.screens.bills_tables import BILLS as BILLS_PANE
from finops_tui.ui.screens.bills_tables import billed
from finops_tui.ui.screens.bills_words import AMOUNT_CELLS, amount, check_facts, month_facts, signed_tenths
from finops_tui.ui.screens.incident import IncidentScreen
from finops_tui.ui.screens.row_pages import DetailsPage, ExplainPage
from tests.ui.bill_samples import (
    BILLED,
    BILLS,
    CHECK,
    CLOUD,
    MIDNIGHT,
    MONTH,
    NOTHING_BILLED,
    OLD_BILLS,
    OUTLOOK,
    UNKNOWN_OUTLOOK,
    UNOWNED,
    ZOMBIE,
)
from tests.ui.samples import EMPTY, HOSTILE_TEXTS, INCIDENT, NOW, SOURCES, dollars, source, triaged
from tests.ui.screen import Screen, shown

SIZES = [(40, 10), (80, 24), (200, 60)]
WHOLE = (120, 76)
"""So tall that the whole page is in view."""


def on_top(screen: Screen, kind: type[object]) -> bool:
    return isinstance(screen.app.screen, kind)


def row_of(screen: Screen, words: str) -> str:
    return next(line for line in screen.lines if words in line)


def written(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.iterdir()}


def cursor_row(screen: Screen) -> str:
    return next(line for line in screen.lines if "▌" in line)


def after(screen: Screen, words: str) -> list[str]:
    """Return the lines below the one with these words."""
    at = next(at for at, line in enumerate(screen.lines) if words in line)
    return screen.lines[at + 1 :]


# What it says


async def test_the_month_tells_billed_from_estimated_and_how_it_ends() -> None:
    async with shown(BILLED, WHOLE) as screen:
        await screen.press("m")
        assert "1 Month  2026-03, day 13 of 31" in screen.text
        assert row_of(screen, "To date").split("  ")[-1] == (
            "=$239k billed up to Thu 00:00Z · ≈$31.4k estimated since, corrected · ≈$2.31k not estimated"
        )
        assert "≈$612k  $598k to $641k eight times of ten · straight on ≈$656k" in row_of(screen, "Month-end")
        assert "$600k  45% used · 102% expected at the end" in row_of(screen, "Budget  ")
        assert "+4.1% over the 7 days before" in row_of(screen, "Last 7 days")
        assert "≈$231k in as many days, −2.8% since" in row_of(screen, "Last month  ")


async def test_the_estimate_is_held_against_the_bill() -> None:
    async with shown(BILLED, WHOLE) as screen:
        await screen.press("m")
        assert "2 Estimate against bill  estimate vs bill +3.1 % over 7 d" in screen.text
        assert "=−$1.2k credits · =$940 tax · =$2.04k commitments · =$11.3k not estimated" in screen.text
        service = row_of(screen, "Compute Engine")
        for words in ("ml-project", "$6.16k", "$5.21k", "● +18.2%", "0.846", "0.094"):
            assert words in service
        assert "prod-eu-2: no entry under bills.clusters: names its account." in screen.text


async def test_each_account_says_until_when_it_is_billed_and_whether_that_is_final() -> None:
    async with shown(BILLED, WHOLE) as screen:
        await screen.press("m")
        assert row_of(screen, " prod  ").split()[-3:] == ["Thu", "00:00", "open"]
        assert row_of(screen, " EU  ").rstrip().endswith("final")
        assert row_of(screen, " clouds ").rstrip().endswith("not counted")
        assert "8.10k EUR" in row_of(screen, " EU  ")
        assert row_of(screen, " gcp ").split()[-3:] == ["–", "–", "open"]


@pytest.mark.parametrize(("final", "words"), [(True, "on invoices"), (False, "so far, nothing on an invoice yet")])
async def test_bills_are_said_to_be_on_invoices_only_where_they_are(final: bool, words: str) -> None:
    async with shown(replace(BILLED, bills=tuple(replace(row, final=final) for row in BILLS)), WHOLE) as screen:
        await screen.press("m")
        assert f"=$238k · =8.10k EUR {words}" in screen.text


async def test_while_bills_are_awaited_nothing_is_said_to_be_on_no_bill() -> None:
    waiting = replace(SOURCES[0], name="simulated bills", state=HealthState.CONNECTING, answered_at=None)
    assert NOTHING_BILLED.reconciliation is not None
    check = replace(NOTHING_BILLED.reconciliation, unmatched=("prod: the account 1 is on no bill",))
    async with shown(replace(NOTHING_BILLED, reconciliation=check), WHOLE) as screen:
        await screen.press("m")
        assert "nothing is billed in US dollars yet" in screen.text
        assert "is on no bill" in screen.text
        await screen.publish(replace(NOTHING_BILLED, reconciliation=check, sources=(*SOURCES, waiting)))
        assert after(screen, "2 Estimate against bill")[0].strip().startswith("Waiting for the first answer from ")
        assert "nothing is billed in US dollars yet" not in screen.text
        assert "is on no bill" not in screen.text


GOOGLE = replace(
    CLOUD.budgets[0], account="0000-AAAA", about="projects/ml-project", period="MONTH", actual=None, forecast=None
)
ON_GOOGLE = replace(
    BILLS[0], provider="Google Cloud", source="gcp 0000-AAAA", account="ml-project", name="ML", usage=100.0,
    credits=-20.0, adjustments=1.0, taxes=7.0, purchases=0.0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("budget", "bills", "usd", "why"),
    [
        (GOOGLE, (ON_GOOGLE,), 81.0, ""),
        (replace(GOOGLE, about="projects/ML"), (ON_GOOGLE,), 81.0, ""),
        (replace(GOOGLE, about=""), (ON_GOOGLE, replace(ON_GOOGLE, account="other")), 162.0, ""),
        (replace(GOOGLE, about="projects/415"), (ON_GOOGLE,), None, "no bill that is read is of projects/415"),
        (replace(GOOGLE, about="projects/a; projects/b"), (ON_GOOGLE,), None, "not told apart by what it counts"),
        (replace(GOOGLE, about="services/6F81"), (ON_GOOGLE,), None, "not told apart by what it counts"),
        (replace(GOOGLE, period="QUARTER"), (ON_GOOGLE,), None, "budgets of a month alone"),
        (replace(GOOGLE, unit="EUR"), (ON_GOOGLE,), None, "no bill that is read"),
        (GOOGLE, (replace(ON_GOOGLE, counted=False),), None, "no bill that is read"),
        (replace(GOOGLE, about=""), (), None, "no bill of its account is read"),
        (replace(GOOGLE, about=""), (ON_GOOGLE, replace(ON_GOOGLE, source="gcp 2")), None, "more than one account"),
    ],
)
def test_what_a_cloud_does_not_say_of_its_budget_the_bill_says_or_it_says_why_not(
    budget: Budget, bills: tuple[BillRow, ...], usd: float | None, why: str
) -> None:
    (line,) = budget_lines(replace(BILLED, budgets=(), bills=bills, cloud=replace(CLOUD, budgets=(budget,))))
    assert (line.spent, line.billed) == (usd, True)
    assert why in line.missing
    assert bool(line.missing) is bool(why)


@pytest.mark.parametrize(
    ("told", "words"), [("MONTHLY", "month"), ("Annually", "year"), ("DAILY", "day"), ("QUARTER", "quarter")]
)
def test_periods_of_the_clouds_are_called_as_those_of_the_config(told: str, words: str) -> None:
    cloud = replace(CLOUD, budgets=(replace(CLOUD.budgets[0], period=told),))
    assert [line.period for line in budget_lines(replace(BILLED, budgets=(), cloud=cloud))] == [words]


async def test_budgets_anomalies_and_recommendations_say_who_says_so() -> None:
    async with shown(BILLED, WHOLE) as screen:
        await screen.press("m")
        assert "4 Budgets  ● 1 of 5 expected to end above" in screen.text
        assert row_of(screen, "team nlp").split()[-4:] == ["≈$96.4k", "54%", "123%", "config"]
        assert row_of(screen, "eu-all").split()[-6:] == ["EUR", "=8.10k", "EUR", "32%", "79%", "eu-subscription"]
        assert row_of(screen, " auto ").split()[3:] == ["–", "=$1.20k", "–", "–", "111111111111"]
        assert "planned" in row_of(screen, "2026-03-11")
        assert row_of(screen, "Rightsize").split()[-3:] == ["Medium", "Compute", "Optim…"]
        own = row_of(screen, "scale 2→0")
        assert own.split()[-4:] == ["$4.45k", "one", "key", "finops-tui"]
        assert "research" in row_of(screen, "stop what is idle")


@pytest.mark.parametrize(
    ("snapshot", "title", "words"),
    [
        (EMPTY, "Billed this month", "No bills are known. Add a source of type focus or aws under sources:."),
        (EMPTY, "1 Month", "To date       –  The month is worked out next."),
        (EMPTY, "Estimate against bill", "Estimates are held against bills next."),
        (NOTHING_BILLED, "Estimate against bill", "estimate vs bill –: nothing is billed in US dollars yet."),
        (NOTHING_BILLED, "1 Month", "To date       –  3 days are neither billed nor were watched."),
        (EMPTY, "Budgets", "No budget is known. Add one under findings.budgets:, or a source of type aws, which tells"),
        (EMPTY, "Anomalies", "No cloud tells of an anomaly."),
        (EMPTY, "Recommendations", "Nothing is recommended: no cloud tells of anything, and nothing idle,"),
        (None, "", "Waiting for the first answer from prometheus prod-us (0s)."),
    ],
)
async def test_what_is_not_there_is_said_with_what_to_do(snapshot: Snapshot | None, title: str, words: str) -> None:
    async with shown(snapshot, WHOLE) as screen:
        await screen.press("m")
        assert after(screen, title)[0].strip().startswith(words) if title else words in screen.text


async def test_it_waits_for_a_source_that_has_not_answered_yet() -> None:
    waiting = replace(NOTHING_BILLED, sources=(*SOURCES, source("aws prod", "aws", HealthState.CONNECTING, None)))
    async with shown(waiting, WHOLE) as screen:
        await screen.press("m")
        assert after(screen, "Billed this month")[0].strip().startswith("Waiting for the first answer from aws prod")


async def test_what_is_old_says_its_age() -> None:
    async with shown(OLD_BILLS, WHOLE) as screen:
        await screen.press("m")
        assert "=$238k · =8.10k EUR so far, 1 of 4 on invoices  ~ 1d01h old" in screen.text
        assert row_of(screen, " prod  ").rstrip().endswith("~ 1d01h old")
        assert row_of(screen, " EU  ").rstrip().endswith("final")


# Amounts


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (198_412.07, "USD", "$198k"),
        (8_104.6, "EUR", "8.10k EUR"),
        (-48.6, "EUR", "−48.6 EUR"),
        (95.0, "PERCENTAGE", "95.0%"),
        (12.0, "instance hours", "12.0 ins"),
        (None, "EUR", "–"),
        (0.0, "USD", "$0"),
    ],
)
def test_only_dollars_wear_the_sign(value: float | None, unit: str, text: str) -> None:
    assert amount(value, unit) == text


@given(st.floats(-1e14, 1e14), st.text(max_size=20))
def test_an_amount_fits_its_column(value: float, unit: str) -> None:
    assert cell_len(amount(value, unit)) <= AMOUNT_CELLS


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(0.031, "+3.1%"), (-0.0276, "−2.8%"), (0.0, "0.0%"), (-0.0001, "0.0%"), (None, "–"), (40.0, "+>999%")],
)
def test_a_small_deviation_has_a_decimal(ratio: float | None, text: str) -> None:
    assert signed_tenths(ratio) == text


CURRENCIES = st.sampled_from(["USD", "EUR", "JPY", "GBP"])


@given(st.lists(st.tuples(CURRENCIES, st.floats(1, 900), st.booleans()), max_size=12))
def test_currencies_are_never_added(given_rows: list[tuple[str, float, bool]]) -> None:
    rows = tuple(
        replace(BILLS[0], key=str(at), currency=currency, usage=usage, credits=0.0, taxes=0.0, counted=counted)
        for at, (currency, usage, counted) in enumerate(given_rows)
    )
    spans = BILLS_PANE.summary(replace(BILLED, bills=rows), ScopeKind.TOTAL)
    told = "".join(text for text, _ in spans).removesuffix(" so far, nothing on an invoice yet")
    sums: dict[str, float] = {}
    for row in rows:
        if row.counted:
            sums[row.currency] = sums.get(row.currency, 0.0) + billed(row)
    assert sorted(told.split(" · ")) == sorted([f"={amount(usd, name)}" for name, usd in sums.items()] or [""])


async def test_other_currencies_stand_below_dollars_however_large() -> None:
    yen = replace(BILLS[3], key="yen", name="tokyo", currency="JPY", usage=9e9)
    async with shown(replace(BILLED, bills=(yen, *BILLS)), WHOLE) as screen:
        await screen.press("m")
        lines = [line for line in after(screen, "3 Billed this month") if line.strip()]
        assert next(at for at, line in enumerate(lines) if "tokyo" in line) > next(
            at for at, line in enumerate(lines) if "ml-project" in line
        )


def test_what_is_not_known_has_its_reason() -> None:
    facts = {fact.label: fact for fact in month_facts(replace(MONTH, outlook=UNKNOWN_OUTLOOK), NOW)}
    assert (facts["To date"].value, facts["To date"].note) == ("–", "3 days are neither billed nor were watched.")
    assert (facts["Month-end"].value, facts["Month-end"].note) == ("–", UNKNOWN_OUTLOOK.missing)
    lacking = {fact.label: fact for row in advice(BILLED)[-1:] for fact in ADVICE.facts(row, BILLED, NOW)}
    assert (lacking["Saves"].value, lacking["Saves"].note) == ("–", "Its tool names no amount.")
    assert (lacking["Owner"].value, lacking["Owner"].note) == ("–", "no tag and no charge says")


def test_a_month_that_is_billed_to_now_is_billed_and_one_without_bills_is_estimated() -> None:
    whole = replace(OUTLOOK, estimated_usd=0.0, carried_usd=0.0, usd=OUTLOOK.billed_usd)
    assert next(month_facts(replace(MONTH, outlook=whole), NOW)).value == "=$239k"
    none = replace(OUTLOOK, billed_through=None, billed_usd=0.0, usd=31_400.0)
    fact = next(month_facts(replace(MONTH, outlook=none), NOW))
    assert (fact.value, fact.note) == ("≈$31.4k", "estimated; nothing of it is billed")


def test_a_comparison_that_cannot_be_made_tells_no_figures() -> None:
    assert NOTHING_BILLED.reconciliation is not None
    assert list(check_facts(NOTHING_BILLED.reconciliation)) == []
    assert [fact.label for fact in check_facts(CHECK)] == ["Corrected", "Apart"]


def test_a_budget_is_billed_only_where_all_of_it_is() -> None:
    assert [line.billed for line in budget_lines(BILLED)] == [False, True, True, True, True]
    own = BILLED.budgets[0]
    settled = replace(own, outlook=replace(own.outlook, estimated_usd=0.0, carried_usd=0.0, billed_through=MIDNIGHT))
    assert budget_lines(replace(BILLED, budgets=(settled,)))[0].billed


# Recommendations


def test_waste_that_is_found_here_is_recommended_while_it_is_open() -> None:
    rows = {row.finding: row for row in advice(BILLED) if row.finding}
    assert set(rows) == {"idle/workload/prod-us/sts/research/notebook-hub", ZOMBIE.key, UNOWNED.key}
    zombie = rows[ZOMBIE.key]
    assert zombie.monthly == pytest.approx(6.1 * HOURS_A_MONTH)
    assert (zombie.effort, zombie.undo) == ("one key", "can be undone")
    assert not rows[UNOWNED.key].saves, "a name saves nothing by itself"
    assert rows[UNOWNED.key].monthly == pytest.approx(6.1 * HOURS_A_MONTH)
    over = replace(BILLED, findings=(triaged(ZOMBIE, FindingState.SNOOZED), triaged(UNOWNED, FindingState.RESOLVED)))
    assert not any(row.finding for row in advice(over))
    looked_after = replace(BILLED, findings=(triaged(ZOMBIE, FindingState.ACKNOWLEDGED),))
    assert any(row.finding for row in advice(looked_after))


# Keys


async def test_numbers_and_tab_go_to_the_parts() -> None:
    async with shown(BILLED) as screen:
        await screen.press("m")
        assert "Amazon Ela" in cursor_row(screen)
        for key, words in (("3", "prod"), ("4", "nlp"), ("5", "2026-03-11"), ("6", "Rightsize"), ("2", "Amazon Ela")):
            await screen.press(key)
            assert words in cursor_row(screen)
        await screen.press("tab")
        assert "aws prod" in cursor_row(screen)
        await screen.press("shift+tab", "shift+tab")
        assert "llm-70b-sft" in cursor_row(screen)
        await screen.press("shift+tab")
        assert "Rightsize" in cursor_row(screen)
        await screen.press("home", "escape")
        assert "1 Findings" in screen.text


async def test_recommendations_are_sorted_and_turned_round() -> None:
    async with shown(BILLED, WHOLE) as screen:
        await screen.press("m", "6")
        assert "↓≈A MONTH" in screen.text
        assert "i-0abc" in after(screen, "6 Recommendations")[1]
        await screen.press("I")
        assert "↑≈A MONTH" in screen.text
        rows = after(screen, "6 Recommendations")[1:8]
        assert "disk-ckpt-old" in rows[0], "other currencies cannot be compared with dollars"
        assert "i-0ffff" in rows[-1], "what is not known comes last either way"
        await screen.press("S")
        assert "EFFORT↑" in screen.text
        rows = after(screen, "6 Recommendations")[1:8]
        efforts = ("one key", "VeryLow", "Medium", "by hand", "by hand", "–", "–")
        assert all(effort in row for effort, row in zip(efforts, rows, strict=True)), "the least first"
        await screen.press("3", "S")
        assert "↓≈A MONTH" not in screen.text, "each table keeps its own order"
        assert "↓EFFECTIVE" in screen.text


async def test_enter_opens_an_incident_or_the_details() -> None:
    async with shown(BILLED) as screen:
        await screen.press("m", "6")
        assert "enter details" in screen.text
        await screen.press("enter")
        assert on_top(screen, DetailsPage)
        for words in ("≈11,250.40 USD  a month", "p4d.24xlarge → g5.48xlarge", "can be undone, needs a restart"):
            assert words in screen.text
        await screen.press("escape", "down")
        assert "enter incident" in screen.text
        await screen.press("enter")
        assert on_top(screen, IncidentScreen)
        assert "research/sts/notebook-hub" in screen.text
        await screen.press("escape")
        assert on_top(screen, BillsScreen)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("2", "≈$1.24k estimated, =$1.05k billed, +18.1%"),
        ("3", "=198,412.07 USD"),
        ("4", "221,000.00 USD"),
        ("5", "=4,000.00 USD of it"),
    ],
)
async def test_details_and_explanations_have_the_exact_amounts(part: str, words: str) -> None:
    async with shown(BILLED) as screen:
        await screen.press("m", part, *(("down",) if part == "2" else ()), "d")
        assert on_top(screen, DetailsPage)
        assert words in screen.text
        await screen.press("escape", "X")
        assert on_top(screen, ExplainPage)
        await screen.press("escape")
        assert on_top(screen, BillsScreen)


async def test_what_the_cloud_itself_expects_stands_with_its_account() -> None:
    days = tuple(
        ForecastDay(day=date(2026, 3, day), mean=Decimal("7000.5"), low=Decimal(6000), high=Decimal(8000))
        for day in (12, 13)
    )
    told = Forecast(account=BILLS[0].account, currency=BILLS[0].currency, likelihood=0.8, days=days)
    async with shown(replace(BILLED, cloud=replace(CLOUD, forecasts=(told,)))) as screen:
        await screen.press("m", "3", "d")
        assert "≈14,001.00 USD  by aws itself from 2026-03-12 to 2026-03-13" in screen.text
        await screen.press("escape", "down", "d")
        assert "by aws itself" not in screen.text


async def test_keys_that_need_a_row_do_nothing_without_one() -> None:
    async with shown(replace(EMPTY, findings=())) as screen:
        await screen.press("m", "S", "I", "d", "X", "enter")
        assert on_top(screen, BillsScreen)
        assert "S sort" not in screen.text


async def test_the_page_is_copied_and_written(tmp_path: Path) -> None:
    async with shown(BILLED, export_folder=tmp_path) as screen:
        await screen.press("m", "c")
        copied = screen.app.clipboard
        assert copied.startswith("Bills 2026-03-13T14:02:31Z\n")
        assert "6 Recommendations" in copied
        assert "▌" not in copied
        await screen.press("E")
    ((name, text),) = written(tmp_path).items()
    assert name == "finops-tui-bills-20260313T140231Z.md"
    assert "## Recommendations" in text
    assert "- Apart: `=8.23k EUR` (`billed this month, in no sum above`)" in text
    assert (
        "| `disk-ckpt-old` | `Delete` | `eu-subscription westeurope` | `–` | `420 EUR` | `VeryLow` | `Advisor` |"
        in text
    )


async def test_a_page_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    async with shown(BILLED, export_folder=tmp_path / "taken") as screen:
        await screen.press("m", "E")
        assert "The bills page was not written to" in screen.toasts[-1]
    async with shown(None, export_folder=tmp_path) as screen:
        await screen.press("m", "E", "c")
        assert screen.toasts == ["There is nothing to export yet."]


def test_the_export_has_every_row_and_says_what_is_not_there() -> None:
    some = tuple(replace(CLOUD.recommendations[0], id=str(at)) for at in range(MOST_ROWS + 50))
    text = note(replace(BILLED, cloud=replace(CLOUD, recommendations=some)), Parts(lambda: NOW))
    assert text.count("| `Rightsize` |") == MOST_ROWS + 50
    owned = replace(CLOUD.recommendations[0], owner="nlp")
    told = note(replace(BILLED, cloud=replace(CLOUD, recommendations=(owned,))), Parts(lambda: NOW)).splitlines()
    columns = next(line for line in told if "| OWNER | ≈A MONTH |" in line).split(" | ")
    (row,) = (line.split(" | ") for line in told if "| `Rightsize` |" in line)
    assert row[columns.index("OWNER")] == "`nlp`"
    assert row[columns.index("≈A MONTH")] not in {"``", "`–`"}
    assert "No bills are known. Add a source of type focus or aws under sources:." in note(EMPTY, Parts(lambda: NOW))


def test_a_commitment_that_nobody_uses_is_at_stake_and_one_that_is_used_is_no_advice() -> None:
    used = Commitment(
        account="111", kind="Savings Plans", first=date(2026, 2, 1), last=date(2026, 3, 2), covered=Decimal(750),
        not_covered=Decimal(250), coverage=0.75, committed=Decimal(600), unused=Decimal(0), utilization=1.0,
    )  # fmt: skip
    half = replace(used, account="222", unused=Decimal(300), utilization=0.5)
    cloud = replace(CLOUD, recommendations=(), commitments=(used, half))
    (row,) = advice(replace(BILLED, findings=(), cloud=cloud))
    assert (row.where, row.what, row.saves) == ("222", "Savings Plans", False)
    assert row.monthly == pytest.approx(300 / 30 * 365 / 12)
    facts = {fact.label: fact for fact in ADVICE.facts(row, BILLED, NOW)}
    assert facts["At stake"].value == "≈304.17 USD"
    assert facts["Why"].value == "50% of it is used, 75% of the spend is covered"


async def test_a_table_of_very_many_says_how_many_are_left_out() -> None:
    some = tuple(replace(CLOUD.recommendations[0], id=str(at)) for at in range(2_500))
    async with shown(replace(BILLED, findings=(), cloud=replace(CLOUD, recommendations=some))) as screen:
        await screen.press("m", "6")
        assert "100 of 2,500" in screen.text


async def test_it_is_found_by_name() -> None:
    async with shown(BILLED) as screen:
        await screen.press("colon", *"bills", "enter")
        assert on_top(screen, BillsScreen)


async def test_it_follows_the_newest_snapshot_and_the_cursor_its_row() -> None:
    async with shown(BILLED) as screen:
        await screen.press("m", "3", "down")
        assert "research" in cursor_row(screen)
        larger = replace(BILLS[1], usage=900_000.0)
        await screen.publish(replace(BILLED, bills=(larger, *BILLS[:1], *BILLS[2:])))
        assert "$900k" in cursor_row(screen)
        assert "=$1.11M" in screen.text


# What comes from outside


def hostile(text: str) -> Snapshot:
    recommendation = Recommendation(
        id=text, account=text, region=text, action=text, resource=text, resource_type=text, now=text, then=text,
        monthly_savings=Decimal(12), currency=text, effort=text, by=text,
    )  # fmt: skip
    budget = replace(CLOUD.budgets[0], name=text, account=text, about=text, unit=text, period=text, trouble=text)
    anomaly = replace(CLOUD.anomalies[0], id=text, account=text, subject=text, feedback=text)
    return replace(
        BILLED,
        bills=(replace(BILLS[0], account=text, name=text, source=text, provider=text, currency=text),),
        reconciliation=replace(
            CHECK,
            services=(replace(CHECK.services[0], account=text, service=text, clusters=(text,)),),
            unmatched=(text,),
        ),
        month=replace(MONTH, others=(replace(MONTH.others[0], currency=text),)),
        budgets=(replace(BILLED.budgets[0], name=text, scope=text, missing=text),),
        cloud=replace(CLOUD, budgets=(budget,), anomalies=(anomaly,), recommendations=(recommendation,)),
    )  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
async def test_what_comes_from_outside_is_text(size: tuple[int, int], text: str) -> None:
    async with shown(hostile(text), size) as screen:
        await screen.press("m")
        for part in "23456":
            await screen.press(part)
            for line in screen.lines:
                assert cell_len(line) <= size[0]
                assert line.isprintable(), ascii(line)
            await screen.press("d")
            assert all(line.isprintable() for line in screen.lines)
            await screen.press("escape")


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
def test_what_comes_from_outside_is_no_markup_in_the_export(text: str) -> None:
    lines = note(hostile(f"{text} a `b` | c\n# no"), Parts(lambda: NOW)).splitlines()
    assert all(line.isprintable() for line in lines)
    assert not any(line.startswith("# no") for line in lines)
    for above, line in pairwise(lines):
        if above.startswith("|") and line.startswith("|"):
            assert above.count("|") == line.count("|"), "a pipe in a name ends no cell"


# The money line


def money(screen: Screen) -> str:
    return next(line for line in screen.lines if "$1,284/h" in line)


@pytest.mark.parametrize(
    ("width", "end"),
    [
        ((120, 40), "today ≈$18.2k of $21.0k   month-end ≈$612k of $600k 102%"),
        ((80, 24), "burned $320           month-end ≈$612k 102%"),
        ((60, 15), "normal $812       READ-ONLY 14:02:31Z"),
    ],
)
async def test_the_money_line_tells_the_month_end_as_far_as_there_is_room(width: tuple[int, int], end: str) -> None:
    async with shown(BILLED, width) as screen:
        assert money(screen).endswith(end)


async def test_the_month_end_stands_only_where_it_is_known() -> None:
    async with shown(INCIDENT) as screen:
        assert "month-end" not in screen.text
        assert " of $" not in money(screen)
        assert "GPUs 241 of 276" in money(screen)
    head = replace(INCIDENT.headline, month_end_usd=dollars(612_300.0, "USD"))
    async with shown(replace(INCIDENT, headline=head)) as screen:
        assert money(screen).endswith("today ≈$18.2k   month-end ≈$612k"), "no budget, no share of it"
    settled = replace(head, today_usd=replace(head.today_usd, provenance=Provenance.BILLED))
    async with shown(replace(INCIDENT, headline=settled)) as screen:
        assert "today =$18.2k" in money(screen)


async def test_the_money_line_reads_the_same_without_colour() -> None:
    async with shown(BILLED, theme="mono", ascii=True) as screen:
        assert money(screen).endswith("today e$18.2k of $21.0k   month-end e$612k of $600k 102%")


# Start-up


def test_the_page_is_imported_only_when_it_is_opened() -> None:
    code = "import sys, finops_tui.ui.app; print([name for name in sys.modules if '.bills' in name])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
