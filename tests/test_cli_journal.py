"""`finops-tui journal`: what was changed, as text, JSON and a handover note, and whether the record is whole."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from finops_tui import cli
from finops_tui.clock import SimulatedClock
from finops_tui.engine.journal import Journal
from finops_tui.engine.journal_entry import UNDOES
from finops_tui.model.plan import Outcome
from finops_tui.wiring import live
from tests.engine.plans import intend, on, permitted, plan, target
from tests.output.samples import HOSTILE
from tests.samples import NOON

MINUTE = timedelta(minutes=1)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(live, "wall_clock", lambda: SimulatedClock(NOON + 60 * MINUTE, 1.0, lambda: 0.0))
    (tmp_path / "config.yaml").write_text(
        "sources: [{type: kubernetes, cluster: prod-us}]\nstate_folder: state\n", encoding="utf-8"
    )
    return tmp_path / "state"


@pytest.fixture
def journal(folder: Path) -> Journal:
    """Return a journal with one change that was taken back, one that failed, and one that is in flight."""
    journal = Journal(folder)
    intend(journal, on(1), reason="INC-12", approver="mei")
    journal.outcome("plan-1", Outcome.DONE, "9 nodes are gone", NOON + 9 * MINUTE, 405.5)
    intend(journal, plan(2, title="Resume job-1", target=on(1).target, parameters={UNDOES: "plan-1"}))
    journal.outcome("plan-2", Outcome.DONE, "runs again", NOON + 20 * MINUTE)
    intend(journal, on(3))
    journal.outcome("plan-3", Outcome.FAILED, "403 jobs.batch is forbidden", NOON + 21 * MINUTE)
    late = on(4, made_at=NOON + 50 * MINUTE)
    journal.intend(late, permitted(late, NOON + 50 * MINUTE), NOON + 50 * MINUTE)
    return journal


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = cli.main(["journal", *words])
    return status, *capsys.readouterr()


@pytest.mark.usefixtures("journal")
def test_text_tells_each_change_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys)
    assert (status, err) == (0, "")
    assert (
        out.split("\n\n")[0]
        == """\
2026-03-10T12:00:00Z  Pause retrain-v7: done
  where    prod-us ml/job/job-1, owner nlp
  who      ana@bastion, agreed by mei
  why      INC-12
  changed  job/retrain-v7 spec.suspend false → true
  dry run  accepted by prod-us
  outcome  done at 2026-03-10T12:09:00Z: 9 nodes are gone
  saves    promised ≈$412.0/h, measured ≈$405.5/h
  undo     undone
  id       plan-1"""
    )
    assert "outcome  planned: written down; what became of it is not known" in out


@pytest.mark.usefixtures("journal")
def test_json_has_everything_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(run(capsys, "--format", "json")[1])
    assert (document["version"], document["at"]) == (1, "2026-03-10T13:00:00Z")
    first, second, third, fourth = document["entries"]
    assert (first["undo"], first["undone_by"], second["undoes"]) == ("undone", "plan-2", "plan-1")
    assert {each["bulk"] for each in document["entries"]} == {""}, "each was confirmed alone"
    assert (first["promised_usd_per_hour"], first["saved_usd_per_hour"]) == (412.0, 405.5)
    assert (third["outcome"], third["undo"], third["in_flight"]) == ("failed", "nothing to undo", False)
    assert (fourth["outcome"], fourth["in_flight"], fourth["saved_usd_per_hour"]) == ("planned", True, None)
    assert first["changes"] == [
        {"object": "job/retrain-v7", "path": "spec.suspend", "before": "false", "after": "true"}
    ]


@pytest.mark.usefixtures("journal")
def test_markdown_is_a_handover_note_with_what_is_open_first(capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(capsys, "--format", "md")[1].splitlines()
    assert lines[:3] == ["# Handover 2026-03-10T13:00:00Z", "", "4 changes, 1 still open, 1 can be undone."]
    headings = [line for line in lines if line.startswith("## ")]
    assert headings == ["## Still open", "## Closed", "## Changes"]
    rows = [line for line in lines if line.startswith("| 2026")]
    assert rows[0].startswith("| 2026-03-10T12:50:00Z | `ana@bastion` | `prod-us ml/job/job-4, owner nlp` |")
    assert {line.count("|") for line in lines if line.startswith("|")} == {10}


@pytest.mark.usefixtures("journal")
def test_since_leaves_out_what_is_older_but_never_what_is_open(capsys: pytest.CaptureFixture[str]) -> None:
    ids = [entry["id"] for entry in json.loads(run(capsys, "--format", "json", "--since", "30m")[1])["entries"]]
    assert ids == ["plan-4"]
    ids = [entry["id"] for entry in json.loads(run(capsys, "--format", "json", "--since", "5m")[1])["entries"]]
    assert ids == ["plan-4"]
    assert len(json.loads(run(capsys, "--format", "json", "--since", "1h")[1])["entries"]) == 4


@pytest.mark.parametrize("form", ["text", "json", "md"])
def test_words_from_outside_cannot_act_on_a_terminal_or_a_table(
    folder: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    about = plan(1, title=HOSTILE, target=target(name=HOSTILE, owner=HOSTILE), dry_run="accepted " + HOSTILE)
    journal = Journal(folder)
    intend(journal, about, reason=HOSTILE)
    journal.outcome("plan-1", Outcome.UNKNOWN, HOSTILE, NOON)
    out = run(capsys, "--format", form)[1]
    unsafe = [character for character in out if not character.isprintable() and character != "\n"]
    assert form == "json" or unsafe == []
    assert "\x1b" not in out
    if form == "md":
        assert {line.count("|") for line in out.splitlines() if line.startswith("|")} == {10}


def test_an_empty_journal_is_no_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys) == (0, "Nothing was changed.\n", "")
    assert "Nothing was changed." in run(capsys, "--format", "md")[1]
    assert run(capsys, "--verify") == (0, "0 lines about 0 changes.\n", "")
    assert not folder.exists()


def test_verify_says_what_it_held_together(folder: Path, journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--verify")
    told = f"Every line is as it was written. The last one's SHA-256 is {journal.verify().tip}."
    assert (status, out) == (0, f"7 lines about 4 changes.\n{told}\n")
    with (folder / "journal.jsonl").open("ab") as file:
        file.write(b'{"journal"')
    status, out, _ = run(capsys, "--verify")
    assert (status, "The last write was cut short: 10 bytes, kept as they were." in out) == (0, True)
    assert json.loads(run(capsys, "--verify", "--format", "json")[1])["hanging"] == 10


@pytest.mark.usefixtures("journal")
def test_a_changed_line_is_told_and_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "journal.jsonl"
    path.write_text(path.read_text("utf-8").replace("runs again", "runs 4gain"), encoding="utf-8")
    status, out, _ = run(capsys, "--verify")
    assert (status, "Changed after it was written: journal.jsonl: line 4 is not as it was written." in out) == (1, True)
    status, out, err = run(capsys)
    assert (status, "plan-1" in out, "plan-3" in out) == (1, True, False)
    assert err.startswith("The journal was changed after it was written: journal.jsonl: line 4")


@pytest.mark.usefixtures("journal")
@pytest.mark.parametrize("form", ["text", "json", "md"])
def test_of_a_broken_chain_it_is_said_where_and_what_can_be_trusted(
    folder: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    path = folder / "journal.jsonl"
    whole = path.read_text("utf-8")
    path.write_text(whole.replace("runs again", "runs 4gain"), encoding="utf-8")
    told = run(capsys, "--format", form)[1]
    assert "line 4 is not as it was written. Lines 1 to 3 are as they were written; what stands behind" in told
    path.write_text(whole.replace("INC-12", "INC-13"), encoding="utf-8")
    status, told, _ = run(capsys, "--format", form)
    assert (status, "Nothing was changed" in told) == (1, False)
    assert "line 1 is not as it was written. No line of it can be trusted." in told
    if form == "json":
        assert json.loads(told)["entries"] == []


def test_a_journal_that_cannot_be_read_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder.write_text("", encoding="utf-8")
    status, _, err = run(capsys)
    assert (status, err.splitlines()[0]) == (1, "finops-tui: The journal cannot be read (Not a directory).")
