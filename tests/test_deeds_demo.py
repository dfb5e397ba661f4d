"""`demo --headless --do`: what the docs say, to the letter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from finops_tui import cli
from finops_tui.commands.demo import SHORT

DEMO = ("demo", "--headless", "--scenario", "runaway-retrain", "--seed", "7", "--format", "json")


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main([*DEMO, *words]) == 0
    return capsys.readouterr().out


def test_the_runaway_that_is_paused_as_it_begins_burns_nothing_more(capsys: pytest.CaptureFixture[str]) -> None:
    told: dict[str, Any] = json.loads(printed(capsys, "--do", "pause nlp-train/retrain-v7 @20m", "--for", "3h"))
    assert [action["outcome"] for action in told["actions"]] == ["done"]
    assert "page" not in {finding["severity"] for finding in told["findings"]}
    head = told["headline"]
    assert head["usd_per_hour"]["value"] < head["normal_usd_per_hour"]["value"] * 1.05


def test_what_is_saved_is_measured_and_an_undo_brings_it_back(capsys: pytest.CaptureFixture[str]) -> None:
    paused = ("--do", "pause nlp-train/retrain-v7 @35m")
    (action,) = json.loads(printed(capsys, *paused, "--for", "90m"))["actions"]
    assert action["saved_usd_per_hour"] == pytest.approx(action["promised_usd_per_hour"], rel=0.1)
    back = json.loads(printed(capsys, *paused, "--do", "undo nlp-train/retrain-v7 @60m", "--for", "100m"))
    assert [(each["action"], each["outcome"]) for each in back["actions"]] == [("undo", "done"), ("pause", "done")]
    rows = {row["name"]: row["pods"] for row in back["spend"]["workload"]}
    assert rows["nlp-train/job/retrain-v7"] > 1


def test_the_same_seed_prints_the_same_bytes_whoever_runs_it(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--do", "pause nlp-train/retrain-v7 @25m", "--do", "undo nlp-train/retrain-v7 @35m", "--for", "40m")
    assert printed(capsys, *words) == printed(capsys, *words)


@pytest.mark.parametrize(
    ("deed", "status", "words"),
    [
        ("pause kube-system/dns @1m", 2, "Nothing is called kube-system/dns"),
        ("drain node/prod-us/nowhere @1m", 5, "prod-us"),
        ("reduce 100000 @1m", 5, "It is under $100,000/h already."),
        ("reduce 1 @1m", 7, "asked; nothing else may be paused because"),
    ],
)
def test_what_is_not_done_has_a_status_of_its_own_and_its_words_are_told(
    capsys: pytest.CaptureFixture[str], deed: str, status: int, words: str
) -> None:
    assert cli.main([*DEMO, "--do", deed, "--for", "2m"]) == status
    out, err = capsys.readouterr()
    assert words in err
    assert deed.partition(" @")[0] in err or status == cli.USAGE
    assert bool(out) == (status == SHORT), "what was done in part is printed all the same"


def test_statuses_are_all_in_the_help_and_in_the_docs() -> None:
    documented = Path(__file__).parents[1].joinpath("docs", "headless.md").read_text("utf-8")
    for status in (cli.REFUSED, cli.NOT_DONE, SHORT):
        assert f"\n  {status}    " in cli.EXIT_STATUS
        assert f"| {status} |" in documented
