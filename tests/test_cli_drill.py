"""`finops-tui costs --drill`: what it prints, what it asks before, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from finops_tui.clock import SimulatedClock
from finops_tui.commands import live
from finops_tui.config.models import Config
from finops_tui.sources.gcp import drill as gcp_drill
from finops_tui.sources.gcp.settings import GIB
from tests.sources.billing.following import ledger_at
from tests.sources.gcp.answers import Asked, Fixed, answering
from tests.sources.gcp.test_drill import ROWS, table
from tests.test_cli_costs import NOW, Run, bills, home, run

__all__ = ["bills", "home", "run"]
GOOGLE = """state_folder: state
bills: {ask_from_usd: LIMIT}
sources:
  - {type: gcp, billing_account: 010101-F0FFF0-61C528, project: finops, export: finops.billing.t, format: detailed}
"""
DRILL = ("costs", "--drill", "--by", "resource,sku", "--where", "account=ml-prod", "--since", "3d")


class Somebody(io.StringIO):
    """A terminal with somebody at it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def google(home: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """BigQuery, which would read 2 GiB: about a cent."""
    (home / "config.yaml").write_text(GOOGLE.replace("LIMIT", "0.05"))
    monkeypatch.setattr(gcp_drill, "GoogleToken", lambda _: Fixed())
    rows = ("=vm-2", "A2 Core", "EUR", "1", "1", "1.5", "1"), *ROWS
    return answering(monkeypatch, lambda _: httpx.Response(200, json=table(*rows)))


def dear(home: Path) -> None:
    (home / "config.yaml").write_text(GOOGLE.replace("LIMIT", "0.01"))


def test_a_table_tells_sums_others_and_what_was_paid(run: Run, google: Asked) -> None:
    shown = run(*DRILL)
    assert shown.status == 0
    assert shown.err == "finops.billing.t in BigQuery: 2.0 GiB, $0.01, by a dry run\n"
    assert shown.out.splitlines() == [
        "resource   sku          effective  billed",
        "=vm-2      A2 Core           1.50    1.00  EUR",
        "vm-1       A2 Instance      80.50  100.00  USD",
        "31 others                    7.25    7.25  USD",
        "total                       87.75  107.25  USD",
        "",
        "finops.billing.t in BigQuery: asked 2026-11-20T12:30:00Z, 2.0 GiB, $0.01",
    ]
    assert len(google.bodies()) == 2


def test_json_is_exact_and_carries_where_it_comes_from(run: Run, google: Asked) -> None:
    told = json.loads(run(*DRILL, "--format", "json").out)
    assert (told["version"], told["since"], told["until"]) == (1, "2026-11-17T12:00:00Z", "2026-11-20T13:00:00Z")
    assert told["rows"][1] == {
        "key": {"resource": "vm-1", "sku": "A2 Instance"}, "currency": "USD", "effective": "80.5", "billed": "100",
    }  # fmt: skip
    assert told["others"] == [{"rows": 31, "currency": "USD", "effective": "7.25", "billed": "7.25"}]
    assert (told["bytes_read"], told["kept"], told["where"]) == (2 * GIB, False, {"account": ["ml-prod"]})
    assert json.loads(run(*DRILL, "--format", "json").out)["kept"] is True
    assert len(google.bodies()) == 2, "what was answered is neither planned nor asked again"


def test_csv_is_safe_for_a_spreadsheet(run: Run, google: Asked) -> None:
    lines = list(csv.DictReader(io.StringIO(run(*DRILL, "--format", "csv").out)))
    assert [(line["resource"], line["effective"], line["rows"]) for line in lines] == [
        ("'=vm-2", "1.5", "1"), ("vm-1", "80.5", "1"), ("", "7.25", "31"),
    ]  # fmt: skip
    assert google.bodies()


def test_what_is_dear_is_not_asked_without_a_yes(run: Run, google: Asked, home: Path) -> None:
    dear(home)
    shown = run(*DRILL)
    assert (shown.status, shown.out) == (5, "")
    assert "2.0 GiB, $0.01" in shown.err
    assert "Say --yes to ask all the same." in shown.err
    assert [body.get("dryRun") for body in google.bodies()] == [True]
    assert run(*DRILL, "--yes").status == 0


@pytest.mark.parametrize(("typed", "status"), [("y\n", 0), ("YES\n", 0), ("\n", 5), ("n\n", 5), ("", 5)])
def test_at_a_terminal_somebody_is_asked(  # noqa: PLR0917 - fixtures
    run: Run, google: Asked, home: Path, monkeypatch: pytest.MonkeyPatch, typed: str, status: int
) -> None:
    dear(home)
    monkeypatch.setattr(sys, "stdin", Somebody(typed))
    heard = Somebody()
    monkeypatch.setattr(sys, "stderr", heard)
    assert run(*DRILL).status == status
    assert "Ask? [y/N] " in heard.getvalue()
    assert len(google.bodies()) == (2 if status == 0 else 1)


def test_without_an_export_the_ledger_answers_and_says_so(run: Run, bills: Path) -> None:
    assert bills.is_dir()
    shown = run("costs", "--drill", "--where", "team=nlp")
    assert shown.status == 0
    assert shown.err.splitlines()[-1] == "the ledger here: $0, nothing is asked of a cloud"
    lines = shown.out.splitlines()
    assert lines[0].split() == ["resource", "effective", "billed"]
    assert lines[1].split() == ["i-1", "99.88", "80.12", "USD"]
    assert lines[-1] == "focus clouds: billed through 2026-11-19 00:00Z"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--drill", "--by", "hours"), 2, "'hours' is nothing to drill down by"),
        (("--drill", "--grain", "day"), 2, "Write --by day or --by hour"),
        (("--drill", "--compare", "week"), 2, "leave --compare out"),
        (("--drill", "--top", "0"), 2, "is not a number of rows"),
        (("--drill", "--where", "team=nobody"), 1, "Nothing that was billed matches."),
        (("--drill", "--by", "operation"), 1, "does not tell apart by operation"),
        (("--yes",), 2, "--yes and --top belong to --drill"),
        (("--top", "5"), 2, "--yes and --top belong to --drill"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(
    run: Run, bills: Path, words: tuple[str, ...], status: int, said: str
) -> None:
    assert bills.is_dir()
    shown = run("costs", *words)
    assert (shown.status, shown.out) == (status, "")
    assert said in shown.err


def test_a_failure_of_the_cloud_ends_with_what_to_do(
    run: Run, google: Asked, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert google.requests == []
    denied: dict[str, Any] = {"error": {"message": "Access Denied"}}
    answering(monkeypatch, lambda _: httpx.Response(403, json=denied))
    shown = run(*DRILL)
    assert (shown.status, shown.out) == (1, "")
    assert "bigquery.tables.getData" in shown.err
    assert ledger_at(home / "state")().noted("gcp 010101-F0FFF0-61C528 bytes read in 2026-11") == ""


def test_the_screen_answers_drill_downs_where_the_config_names_a_bill(home: Path) -> None:
    clock = SimulatedClock(NOW, monotonic=lambda: 0.0)
    nothing = Config.model_validate({"sources": [{"type": "prometheus", "cluster": "a", "url": "http://p:9090"}]})
    assert live.answers(nothing, clock) is None
    files = {"sources": [{"type": "focus", "folder": str(home)}], "state_folder": str(home / "state")}
    make = live.answers(Config.model_validate(files), clock)
    assert make is not None
    assert make() is make(), "one for all pages"
