"""`finops-tui costs` and `estimate`: what they print and how they end."""

from __future__ import annotations

import csv
import io
import json
from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from finops_tui import cli
from finops_tui.clock import SimulatedClock
from finops_tui.commands.arguments import count, hours
from finops_tui.wiring import live
from tests.sources.bills.files import put, row

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
CONFIG = "state_folder: state\nsources: [{type: focus, folder: bills, name: clouds}]\n"


class Ran(NamedTuple):
    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(live, "wall_clock", lambda: SimulatedClock(NOW, monotonic=lambda: 0.0))
    (tmp_path / "bills").mkdir()
    return tmp_path


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    assert Path.home() == home

    def run(*words: str) -> Ran:
        status = cli.main(words)
        return Ran(status, *capsys.readouterr())

    return run


@pytest.fixture
def bills(home: Path) -> Path:
    (home / "config.yaml").write_text(CONFIG)
    put(
        home / "bills",
        "aws.csv",
        row(BilledCost="100.25", EffectiveCost="120"),
        row(ResourceId="i-2", Tags='{"team": "=HYPERLINK(1)"}', BilledCost="7.5", ListCost=""),
        row(ChargeCategory="Credit", BilledCost="-20.125", EffectiveCost="-20.125"),
        row(BilledCost="what"),
    )
    put(
        home / "bills",
        "old.csv",
        row(BilledCost="9", ChargePeriodStart="2026-10-01T00:00:00Z", ChargePeriodEnd="2026-10-02T00:00:00Z"),
    )
    return home / "bills"


def test_a_table_tells_sums_provenance_and_what_was_left_out(run: Run, bills: Path) -> None:
    assert bills.is_dir()
    shown = run("costs", "--by", "team")
    assert shown.status == 0
    assert shown.out.splitlines() == [
        "team            usage  credits  billed  effective   list",
        "nlp            100.25   -20.12   80.12      99.88  50.00  USD",
        "=HYPERLINK(1)    7.50     0.00    7.50      12.50      –  USD",
        "total          107.75   -20.12   87.62     112.38      –  USD",
        "",
        "focus clouds: billed through 2026-11-19T00:00:00Z, read 2026-11-20T06:00:00Z",
    ]
    assert "aws.csv:5: column BilledCost: 'what' is no number" in shown.err
    assert "1 of 4 rows are left out" in shown.err


def test_json_is_exact_and_carries_where_it_comes_from(run: Run, bills: Path) -> None:
    assert bills.is_dir()
    told = json.loads(run("costs", "--by", "team,service", "--grain", "day", "--format", "json").out)
    assert (told["version"], told["since"], told["until"]) == (1, "2026-11-13T00:00:00Z", "2026-11-21T00:00:00Z")
    (first, _) = sorted(told["rows"], key=lambda each: each["key"]["team"], reverse=True)
    assert first["key"] == {"team": "nlp", "service": "Amazon EC2"}
    assert (first["start"], first["billed"], first["credits"]) == ("2026-11-18T00:00:00Z", "80.125", "-20.125")
    assert first["final"] is False
    assert [source["source"] for source in told["sources"]] == ["focus clouds"]


def test_csv_is_safe_for_a_spreadsheet(run: Run, bills: Path) -> None:
    assert bills.is_dir()
    table = list(csv.DictReader(io.StringIO(run("costs", "--by", "team", "--format", "csv").out)))
    assert {line["team"]: (line["billed"], line["list"]) for line in table} == {
        "'=HYPERLINK(1)": ("7.5", ""),
        "nlp": ("80.125", "50"),
    }


def test_since_reaches_back_and_where_narrows(run: Run, bills: Path) -> None:
    assert bills.is_dir()

    def billed(*words: str) -> list[str]:
        told = json.loads(run("costs", "--format", "json", *words).out)
        return [each["billed"] for each in told["rows"]]

    assert billed() == ["87.625"]
    assert billed("--since", "60d") == ["96.625"]
    assert billed("--since", "60d", "--grain", "month") == ["9", "87.625"]
    assert billed("--where", "team=nlp", "--where", "category=Usage") == ["100.25"]
    assert billed("--where", "team=nlp", "--where", "team==HYPERLINK(1)") == ["87.625"]
    assert billed("--by", "tag:team", "--where", "resource=i-2") == ["7.5"]
    assert billed("--since", "60h", "--grain", "hour") == ["87.625"]


@pytest.fixture
def months(home: Path) -> Path:
    """Two teams: one costs ever the same, one grows; billed until the 15th."""

    def day(at: datetime, team: str, usd: str) -> dict[str, str]:
        start, end = (f"{each:%Y-%m-%dT00:00:00Z}" for each in (at, at + timedelta(days=1)))
        tags = json.dumps({"team": team})
        return row(ChargePeriodStart=start, ChargePeriodEnd=end, BilledCost=usd, EffectiveCost=usd, Tags=tags)

    (home / "config.yaml").write_text(CONFIG)
    first = datetime(2026, 10, 1, tzinfo=UTC)
    days = [first + timedelta(days=each) for each in range(45)]
    grown = [day(at, "nlp", "30" if at.month == 11 and at.day > 7 else "10") for at in days]
    put(home / "bills", "aws.csv", *grown, *(day(at, "chat", "5") for at in days))
    return home / "bills"


def test_a_week_stands_beside_the_week_before_as_far_as_is_billed(run: Run, months: Path) -> None:
    assert months.is_dir()
    shown = run("costs", "--by", "team", "--compare", "week")
    assert shown.out.splitlines() == [
        "team   billed before  billed   change  effective before  effective   change",
        "nlp            70.00  210.00  +200.0%             70.00     210.00  +200.0%  USD",
        "chat           35.00   35.00    +0.0%             35.00      35.00    +0.0%  USD",
        "total         105.00  245.00  +133.3%            105.00     245.00  +133.3%  USD",
        "",
        "2026-11-08 to 2026-11-14 beside 2026-11-01 to 2026-11-07",
        "focus clouds: billed through 2026-11-15T00:00:00Z, read 2026-11-20T06:00:00Z",
    ]


def test_a_month_stands_beside_as_many_days_of_the_last(run: Run, months: Path) -> None:
    assert months.is_dir()
    told = json.loads(run("costs", "--compare", "month", "--where", "team=nlp", "--format", "json").out)
    assert told["last"] == {"since": "2026-11-01T00:00:00Z", "until": "2026-11-15T00:00:00Z"}
    assert told["before"] == {"since": "2026-10-01T00:00:00Z", "until": "2026-10-15T00:00:00Z"}
    (only,) = told["rows"]
    assert (only["billed_before"], only["billed"], only["effective"]) == ("140", "280", "280")
    table = list(csv.DictReader(io.StringIO(run("costs", "--by", "team", "--compare", "month", "--format", "csv").out)))
    assert {line["team"]: line["billed"] for line in table} == {"nlp": "280", "chat": "70"}


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--compare", "week", "--grain", "day"), 2, "Leave out --since and --grain."),
        (("--compare", "week", "--since", "3d"), 2, "Leave out --since and --grain."),
        (("--since", "99999999d"), 2, "'99999999d' is too long; write at most 36525d"),
        (("--by", "teams"), 2, "'teams' is nothing to count by"),
        (("--where", "nlp"), 2, "'nlp' is no filter"),
        (("--where", "team=nobody"), 1, "Nothing that was billed matches"),
        (("--since", "soon"), 2, "is not a duration"),
        (("--grain", "week"), 2, "invalid choice"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(
    run: Run, bills: Path, words: tuple[str, ...], status: int, said: str
) -> None:
    assert bills.is_dir()
    shown = run("costs", *words)
    assert (shown.status, shown.out) == (status, "")
    assert said in shown.err


def test_no_bills_is_never_a_silent_zero(run: Run, home: Path) -> None:
    (home / "config.yaml").write_text(CONFIG)
    shown = run("costs")
    assert (shown.status, shown.out) == (1, "")
    assert "No bill is known of these days." in shown.err
    assert "docs/bills.md" in shown.err


def test_bills_that_were_read_stay_when_their_folder_is_away(run: Run, bills: Path) -> None:
    before = run("costs", "--by", "service").out
    bills.rename(bills.with_name("elsewhere"))
    after = run("costs", "--by", "service")
    assert (after.status, after.out) == (0, before)
    assert "no such file or directory" in after.err


def test_a_damaged_ledger_says_what_to_do(run: Run, home: Path, bills: Path) -> None:
    assert bills.is_dir()
    (home / "state").mkdir()
    (home / "state" / "bills.sqlite").write_bytes(b"rubbish" * 1_000)
    shown = run("costs")
    assert shown.status == 1
    assert "is damaged" in shown.err
    assert "Move the file away" in shown.err


def test_what_is_older_than_the_retention_goes(run: Run, home: Path) -> None:
    (home / "config.yaml").write_text(CONFIG)
    old = NOW - timedelta(days=live.BILLS_KEPT_DAYS + 40)
    span = {"ChargePeriodStart": old.isoformat(), "ChargePeriodEnd": (old + timedelta(hours=1)).isoformat()}
    put(home / "bills", "old.csv", row(**span), row())
    told = json.loads(run("costs", "--since", "600d", "--grain", "month", "--format", "json").out)
    assert [each["start"] for each in told["rows"]] == ["2026-11-01T00:00:00Z"]


def test_estimate_tells_price_provenance_range_and_what_is_cheaper(run: Run, home: Path) -> None:
    assert not (home / "config.yaml").exists()
    shown = run("estimate", "--instance", "p5.48xlarge", "--count", "4", "--hours", "100")
    assert shown.status == 0
    lines = shown.out.splitlines()
    assert lines[0] == "4 x p5.48xlarge (8 x H100, aws us-east-1) for 100 hours, on demand"
    assert "$22,016.00 in all, $220.16/h, $55.04/h a machine" in lines[2]
    assert "AWS Price List" in lines[3]
    assert "2026-07-20" in lines[3]
    assert lines[4] == "  range  $14.86/h (spot in us-east-1) to $55.04/h a machine (on demand in us-east-1)"
    assert "same GPU" in shown.out
    assert "another GPU" in shown.out


def test_estimate_of_spot_as_json(run: Run, home: Path) -> None:
    assert home.is_dir()
    words = ("--instance", "p5.48xlarge", "--count", "2", "--hours", "10", "--spot", "--format", "json")
    told = json.loads(run("estimate", *words).out)
    assert told["price"]["spot"] is True
    assert told["total"] == pytest.approx(2 * 10 * 55.04 * 0.27)
    assert told["price"]["as_of"] == "2026-07-20"
    assert told["alternatives"]
    assert all(each["per_hour"] < told["per_hour"] for each in told["alternatives"])
    assert all(each["gpus"] >= 16 for each in told["alternatives"])


def test_your_own_price_comes_first(run: Run, home: Path) -> None:
    (home / "config.yaml").write_text(
        "pricing: {overrides: [{instance_type: p5.48xlarge, usd_per_hour: 31.5}, "
        "{node: n-1, usd_per_hour: 1}, {instance_type: gpu-9000, usd_per_hour: 4}]}\n"
    )
    told = json.loads(run("estimate", "--instance", "p5.48xlarge", "--format", "json").out)
    assert (told["total"], told["price"]["source"], told["price"]["gpus"]) == (31.5, "config.yaml", 8)
    assert (told["lowest"]["per_machine_hour"], told["highest"]["per_machine_hour"]) == (14.8608, 55.04)
    unknown = run("estimate", "--instance", "gpu-9000")
    assert "$4.00 in all" in unknown.out
    assert "Nothing that would do as well is known to cost less." in unknown.out


def test_an_instance_type_without_a_price_is_named_with_what_is_near(run: Run, home: Path) -> None:
    assert home.is_dir()
    shown = run("estimate", "--instance", "p5.48xlarg")
    assert shown.status == 2
    assert "No price is known for p5.48xlarg." in shown.err
    assert "p5.48xlarge" in shown.err
    assert "though the list names it" in run("estimate", "--instance", "a3-ultragpu-8g").err


@pytest.mark.parametrize(("words", "said"), [(("--count", "0"), "number of machines"), (("--hours", "nan"), "hours")])
def test_impossible_numbers_are_refused(run: Run, home: Path, words: tuple[str, ...], said: str) -> None:
    assert home.is_dir()
    shown = run("estimate", "--instance", "p5.48xlarge", *words)
    assert shown.status == 2
    assert said in shown.err


def test_words_of_the_command_line_that_are_numbers() -> None:
    assert (count("4"), hours("0.5")) == (4, 0.5)
    for word in ("", "-1", "1e9", "٤"):
        with pytest.raises(ArgumentTypeError):
            count(word)
    for word in ("", "0", "-1", "inf", "1e9"):
        with pytest.raises(ArgumentTypeError):
            hours(word)


def test_a_span_without_a_unit_is_refused_not_taken_for_seconds(run: Run, bills: Path) -> None:
    assert bills.is_dir()
    ran = run("costs", "--since", "7")
    assert (ran.status, ran.out) == (2, "")
    assert "'7' has no unit; write it as 7d or 7h" in ran.err
    assert run("costs", "--since", "90d").status == 0


def test_a_source_that_was_renamed_counts_once_and_is_asked_for_by_name(run: Run, home: Path, bills: Path) -> None:
    assert bills.is_dir()
    before = run("costs", "--format", "csv")
    (home / "config.yaml").write_text(CONFIG.replace("clouds", "bills"))
    after = run("costs", "--format", "csv")
    assert after.out == before.out
    assert after.err.splitlines()[-1] == "focus clouds: in the ledger, but not in this config, so in no sum"
    assert run("costs", "--where", "source=focus clouds", "--format", "csv").out == before.out


def test_a_source_that_is_gone_does_not_say_where_a_comparison_ends(run: Run, home: Path) -> None:
    (home / "config.yaml").write_text(CONFIG)
    old = put(home / "bills", "bill.csv", *(_on(day) for day in range(1, 16)))
    assert "2026-11-15 beside" in run("costs", "--compare", "week").out
    old.unlink()
    put(home / "bills", "bill.csv", *(_on(day) for day in range(1, 20)))
    (home / "config.yaml").write_text(CONFIG.replace("clouds", "bills"))
    assert "2026-11-13 to 2026-11-19 beside" in run("costs", "--compare", "week").out


def _on(day: int) -> dict[str, str]:
    return row(ChargePeriodStart=f"2026-11-{day:02}T00:00:00Z", ChargePeriodEnd=f"2026-11-{day + 1:02}T00:00:00Z")
