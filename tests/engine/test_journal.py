from __future__ import annotations

import json
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

import pytest

from finops_tui.engine.journal import Journal
from finops_tui.engine.journal_entry import UNDOES
from finops_tui.engine.who import who
from finops_tui.errors import ActionError, Refused
from finops_tui.model.plan import Outcome
from tests.engine.plans import ANA, intend, on, permitted, plan
from tests.samples import NOON

MINUTE = timedelta(minutes=1)


def test_an_intent_is_read_back_as_it_was_meant(tmp_path: Path) -> None:
    about = on(1, parameters=MappingProxyType({"previous": '{"journal":1,"previous":"'}))
    written = intend(Journal(tmp_path), about, reason="INC-12\x1b[31m runaway\nretrain", approver="mei")
    (read,) = Journal(tmp_path).entries()
    assert read == written
    assert read.plan == about
    assert (read.at, read.who, read.reason, read.approver) == (NOON, ANA, "INC-12 runaway retrain", "mei")
    assert read.outcome is Outcome.PLANNED
    assert read.judgement.checks[0].words == "armed 15m more"


def test_it_is_on_disk_before_intend_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(file: int) -> None:
        real(file)
        path = Path(f"/proc/self/fd/{file}").readlink()
        lines = (tmp_path / "new" / "journal.jsonl").read_bytes().count(b"\n") if path.suffix else 0
        synced.append(f"{path.name}:{lines}" if lines else path.name)

    monkeypatch.setattr(os, "fsync", fsync)
    journal = Journal(tmp_path / "new")
    intend(journal, on(1))
    intend(journal, on(2))
    assert synced == [tmp_path.name, "journal.jsonl:1", "new", "journal.jsonl:2"]


def test_the_latest_outcome_counts_with_what_was_measured(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    intend(journal, on(1))
    journal.outcome("plan-1", Outcome.APPLIED, "prod-us took it", NOON + MINUTE)
    assert [entry.id for entry in journal.in_flight()] == ["plan-1"]
    journal.outcome("plan-1", Outcome.DONE, "9 nodes are gone", NOON + 9 * MINUTE, 405.5)
    (entry,) = Journal(tmp_path).entries()
    assert (entry.outcome, entry.words, entry.outcome_at) == (Outcome.DONE, "9 nodes are gone", NOON + 9 * MINUTE)
    assert (entry.plan.saves_usd_per_hour, entry.saved_usd_per_hour) == (412.0, 405.5)
    assert not journal.in_flight()


@pytest.mark.parametrize(
    ("outcome", "in_flight", "undoable"),
    [
        (Outcome.APPLIED, True, True),
        (Outcome.DONE, False, True),
        (Outcome.UNKNOWN, True, True),
        (Outcome.FAILED, False, False),
        (Outcome.UNDONE, False, False),
    ],
)
def test_what_is_open_and_what_can_be_taken_back(
    tmp_path: Path, outcome: Outcome, in_flight: bool, undoable: bool
) -> None:
    journal = Journal(tmp_path)
    intend(journal, on(1))
    assert journal.in_flight()
    assert not journal.undoable()
    journal.outcome("plan-1", outcome, "", NOON)
    assert (bool(journal.in_flight()), bool(journal.undoable())) == (in_flight, undoable)


def test_what_has_no_way_back_is_not_offered(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    intend(journal, on(1, undo=""))
    entry = journal.outcome("plan-1", Outcome.DONE, "", NOON)
    assert not journal.undoable()
    assert entry.undo_state == "cannot be undone"


def test_taking_back_is_an_entry_of_its_own_and_marks_the_first(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    intend(journal, on(1))
    journal.outcome("plan-1", Outcome.DONE, "", NOON)
    back = plan(2, target=on(1).target, parameters={UNDOES: "plan-1"})
    intend(journal, back)
    assert journal.entries()[0].undo_state == "can be undone"
    journal.outcome("plan-2", Outcome.APPLIED, "", NOON)
    first, second = journal.entries()
    assert (first.undone_by, first.undo_state, second.undoes) == ("plan-2", "undone", "plan-1")
    assert [entry.id for entry in journal.undoable()] == ["plan-2"]
    journal.outcome("plan-2", Outcome.FAILED, "reverted by argocd", NOON)
    assert [entry.id for entry in journal.undoable()] == ["plan-1"]


def test_recent_is_what_was_begun_since_and_all_that_is_open(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for number in (1, 2):
        intend(journal, on(number))
    journal.outcome("plan-1", Outcome.DONE, "", NOON)
    assert [entry.id for entry in journal.recent(NOON)] == ["plan-1", "plan-2"]
    assert [entry.id for entry in journal.recent(NOON + MINUTE)] == ["plan-2"]


def test_the_same_plan_is_never_written_twice(tmp_path: Path) -> None:
    intend(Journal(tmp_path), on(1))
    with pytest.raises(Refused, match="already written down"):
        intend(Journal(tmp_path), on(1))
    assert len(Journal(tmp_path).entries()) == 1


def test_of_two_people_who_act_on_one_target_at_once_the_second_is_refused(tmp_path: Path) -> None:
    mine, theirs = plan(1), plan(2)
    leave = permitted(mine)
    intend(Journal(tmp_path), theirs)
    with pytest.raises(Refused, match="Pause retrain-v7 by ana@bastion is open on the same target"):
        Journal(tmp_path).intend(mine, leave, NOON)


def test_without_a_permit_for_this_very_plan_nothing_is_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with pytest.raises(Refused):
        journal.intend(on(1), permitted(on(2)), NOON)
    with pytest.raises(Refused):
        journal.intend(on(1), permitted(on(1)), NOON + 2 * MINUTE)
    assert journal.entries() == ()


def test_an_outcome_needs_an_intent(tmp_path: Path) -> None:
    with pytest.raises(ActionError, match="holds no entry plan-7"):
        Journal(tmp_path).outcome("plan-7", Outcome.DONE, "", NOON)


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        intend(Journal(tmp_path / "new"), on(1))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()}
    assert modes == {"journal.jsonl": 0o600, "journal.lock": 0o600}


def test_what_is_not_there_is_an_empty_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "never")
    assert journal.entries() == ()
    assert journal.verify().lines == 0
    assert not (tmp_path / "never").exists()


def test_full_files_are_put_aside_and_the_chain_goes_on(tmp_path: Path) -> None:
    journal = Journal(tmp_path, largest_bytes=4_000)
    for number in range(1, 13):
        intend(journal, on(number))
        journal.outcome(f"plan-{number}", Outcome.DONE, "", NOON)
    files = sorted(path.name for path in tmp_path.glob("*.jsonl"))
    assert len(files) > 3
    assert "journal-1.jsonl" in files
    assert len(journal.entries()) == 12
    assert Journal(tmp_path).entries() == journal.entries()
    found = journal.verify()
    assert (found.lines, found.entries, found.absent, found.torn, found.trouble) == (24, 12, 0, (), "")


def test_what_another_process_put_aside_is_noticed(tmp_path: Path) -> None:
    reader, writer = Journal(tmp_path), Journal(tmp_path, largest_bytes=1)
    for number in (1, 2, 3):
        intend(writer, on(number))
        assert len(reader.entries()) == number
    intend(reader, on(4))
    assert len(writer.entries()) == 4
    assert writer.verify().trouble == ""


def test_old_files_may_be_thrown_away_and_that_is_told(tmp_path: Path) -> None:
    journal = Journal(tmp_path, largest_bytes=1)
    for number in (1, 2, 3, 4):
        intend(journal, on(number))
    (tmp_path / "journal-1.jsonl").unlink()
    found = journal.verify()
    assert (found.absent, found.lines, found.entries, found.trouble) == (1, 3, 3, "")
    (tmp_path / "journal-3.jsonl").unlink()
    assert "journal.jsonl: line 3 is missing" in journal.verify().trouble


def test_threads_of_one_process_write_one_after_the_other(tmp_path: Path) -> None:
    journal, ready = Journal(tmp_path), threading.Barrier(4)

    def work(thread: int) -> None:
        ready.wait()
        for number in range(thread * 10, thread * 10 + 10):
            intend(journal, on(number))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert journal.verify().lines == 40


def test_a_line_of_a_newer_version_is_kept_and_passed_over(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    intend(journal, on(1))
    with journal._file.held(writing=True):
        list(journal._file.news())
        journal._file.append(b'{"kind":"drill","id":"x"}')
    intend(journal, on(2))
    found = journal.verify()
    assert (found.lines, found.entries, found.trouble) == (3, 2, "")


def test_each_line_is_json_that_other_tools_read(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    intend(journal, on(1))
    journal.outcome("plan-1", Outcome.DONE, "9 nodes are gone", NOON)
    first, second = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert (first["n"], first["kind"], first["plan"]["target"]["uid"]) == (1, "intent", "u-1")
    assert (second["n"], second["kind"], second["outcome"]) == (2, "outcome", "done")
    assert second["sha256"] == journal.verify().tip


def test_who_is_what_the_system_says_not_what_the_environment_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "somebody")
    monkeypatch.setenv("LOGNAME", "somebody")
    monkeypatch.setenv("SUDO_USER", "mei\x1b[31m")
    found = who("mei@corp")
    assert found.process == os.getpid()
    assert found.user.endswith("(sudo by mei)")
    assert not found.user.startswith("somebody")
    assert str(found).startswith("mei@corp (")
