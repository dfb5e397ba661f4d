"""A full disk, a folder that cannot be written, a killed process, two at once, and who changes a line afterwards."""

from __future__ import annotations

import errno
import os
import random
import resource
import signal
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops_tui.engine import journal_file
from finops_tui.engine.journal import Journal
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome
from tests.engine.plans import intend, on, permitted
from tests.samples import NOON

ROOT = Path(__file__).parents[2]


START = """
import os, sys
from pathlib import Path
from finops_tui.engine.journal import Journal
from finops_tui.model.plan import Outcome
from tests.engine.plans import intend, on
from tests.samples import NOON
folder = Path(sys.argv[1])
"""


def python(code: str, folder: Path, *words: str) -> list[str]:
    """Return the command line of another process that works on the journal in `folder`."""
    return [sys.executable, "-c", START + textwrap.dedent(code), str(folder), *words]


def child(code: str, folder: Path, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    words_of_it = python(code, folder, *words)
    return subprocess.run(words_of_it, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120, **options)


def full_disk(*_: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("call", ["write", "fsync", "open"])
def test_a_full_disk_refuses_before_the_call_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, call, full_disk)
        with pytest.raises(
            ActionError, match=r"cannot be written \(No space left on device\)\. Nothing was sent"
        ) as told:
            intend(Journal(tmp_path), on(1))
    assert "Free the disk" in told.value.hint
    journal = Journal(tmp_path)
    assert not journal.in_flight()
    intend(journal, on(2))
    assert journal.verify().trouble == ""


def test_an_intent_that_stands_there_although_its_write_failed_is_marked_as_not_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = os.fsync, []

    def fails_once(file: int) -> None:
        calls.append(file)
        if len(calls) == 1:
            full_disk()
        real(file)

    monkeypatch.setattr(os, "fsync", fails_once)
    with pytest.raises(ActionError, match="Nothing was sent"):
        intend(Journal(tmp_path), on(1))
    (entry,) = Journal(tmp_path).entries()
    assert (entry.outcome, entry.words) == (
        Outcome.FAILED,
        "not sent: the journal could not be written (No space left on device)",
    )


def test_a_permit_is_used_up_by_a_write_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    leave = permitted(on(1))
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full_disk)
        with pytest.raises(ActionError):
            Journal(tmp_path).intend(on(1), leave, NOON)
    with pytest.raises(Exception, match="already written down"):
        Journal(tmp_path).intend(on(1), leave, NOON)


def test_a_disk_that_fills_up_in_the_middle_of_a_line_leaves_a_torn_line_and_no_lost_one(tmp_path: Path) -> None:
    """A real limit of the system on the size of a file: the write comes back short, the next one fails."""
    intend(Journal(tmp_path), on(1))
    size = (tmp_path / "journal.jsonl").stat().st_size
    done = child(
        """
        from finops_tui.errors import ActionError
        try:
            intend(Journal(folder), on(2))
        except ActionError as error:
            sys.stdout.write(error.title)
        """,
        tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, size + 100)),
    )
    assert done.stdout == "The journal cannot be written (File too large). Nothing was sent.", done.stderr
    torn = (tmp_path / "journal.jsonl").read_bytes()
    assert len(torn) == size + 100
    journal = Journal(tmp_path)
    assert [entry.id for entry in journal.entries()] == ["plan-1"]
    assert journal.verify().hanging == 100
    intend(journal, on(3))
    assert (tmp_path / "journal.jsonl").read_bytes().startswith(torn), "what was torn is kept"
    found = journal.verify()
    assert (found.lines, found.torn, found.hanging, found.trouble) == (2, ((2, 100),), 0, "")


@pytest.mark.parametrize("length", [1, 20, 25, 26, 120, -1])
def test_wherever_a_line_was_torn_off_the_next_ones_are_whole(tmp_path: Path, length: int) -> None:
    journal, path = Journal(tmp_path), tmp_path / "journal.jsonl"
    intend(journal, on(1))
    whole = path.read_bytes()
    intend(journal, on(2))
    second = path.read_bytes()[len(whole) :]
    path.write_bytes(whole + second[:length])
    again = Journal(tmp_path)
    intend(again, on(3))
    intend(again, on(4))
    assert [entry.id for entry in Journal(tmp_path).entries()] == ["plan-1", "plan-3", "plan-4"]
    found = again.verify()
    assert (found.torn, found.trouble) == (((2, len(second[:length])),), "")


def test_several_torn_lines_in_a_row_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    intend(Journal(tmp_path), on(1))
    for torn in (b'{"journal":1,"previous":"00', b'{"jour', b"\x00" * 9):
        path.write_bytes(path.read_bytes() + torn)
    intend(Journal(tmp_path), on(2))
    assert Journal(tmp_path).verify().torn == ((2, 42),)


def test_a_torn_end_is_carried_over_when_the_file_is_put_aside(tmp_path: Path) -> None:
    journal = Journal(tmp_path, largest_bytes=1)
    intend(journal, on(1))
    with (tmp_path / "journal.jsonl").open("ab") as file:
        file.write(b'{"journal":1')
    intend(journal, on(2))
    assert (tmp_path / "journal-1.jsonl").exists()
    found = journal.verify()
    assert (found.entries, found.torn, found.trouble) == (2, ((2, 12),), "")


def test_a_folder_that_cannot_be_written_refuses_before_the_call(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/nowhere")):
        with pytest.raises(ActionError, match=r"The journal cannot be written .*Nothing was sent"):
            intend(Journal(folder), on(1))


def test_a_read_only_file_system_refuses_before_the_call_and_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    intend(Journal(tmp_path), on(1))
    real = os.open

    def read_only(path: Any, flags: int, *rest: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return real(path, flags, *rest)

    monkeypatch.setattr(os, "open", read_only)
    with pytest.raises(ActionError, match="Read-only file system"):
        intend(Journal(tmp_path), on(2))
    assert len(Journal(tmp_path).entries()) == 1


def test_somebody_who_never_lets_go_of_the_lock_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_file, "_PAUSE_SECONDS", 0.0)
    journal = Journal(tmp_path)
    with (
        Journal(tmp_path)._file.held(writing=True),
        pytest.raises(ActionError, match=r"another finops-tui holds it.*Nothing was sent"),
    ):
        intend(journal, on(1))


def test_an_outcome_that_cannot_be_written_leaves_the_entry_in_flight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path)
    intend(journal, on(1))
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full_disk)
        with pytest.raises(ActionError, match="the next start looks into it"):
            journal.outcome("plan-1", Outcome.DONE, "", NOON)
    assert [entry.id for entry in Journal(tmp_path).in_flight()] == ["plan-1"]


ACTOR = """
number, journal, done = int(sys.argv[2]), Journal(folder), os.open(sys.argv[3], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
sys.stdout.write("ready\\n"); sys.stdout.flush()
while True:
    number += 1
    intend(journal, on(number))
    os.write(done, f"plan-{number}\\n".encode())
    journal.outcome(f"plan-{number}", Outcome.APPLIED, "", NOON)
    journal.outcome(f"plan-{number}", Outcome.DONE, "x" * 300, NOON)
"""


def act_until_killed(folder: Path, first: int, sent: Path, after_seconds: float) -> None:
    words = python(ACTOR, folder, str(first), str(sent))
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            process.wait(after_seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def test_after_a_kill_at_any_moment_every_action_that_was_sent_has_an_intent_before_it(tmp_path: Path) -> None:
    """What is sent is stood in for by a line in another file."""
    folder, sent, chance = tmp_path / "state", tmp_path / "sent", random.Random(7)
    for life in range(6):
        act_until_killed(folder, 10_000 * life, sent, chance.uniform(0.05, 0.3))
        journal = Journal(folder)
        carried_out = sent.read_text().split() if sent.exists() else []
        held = {entry.id: entry for entry in journal.entries()}
        assert journal.verify().trouble == ""
        assert set(carried_out) <= set(held)
        assert len(carried_out) == len(set(carried_out))
        begun = [entry.id for entry in held.values() if entry.outcome is Outcome.PLANNED]
        assert len(set(held) - set(carried_out)) <= life + 1, "at most one of each life was written but not sent"
        assert len(begun) <= life + 1
    assert len(held) >= 20


DIE = """
import finops_tui.engine.journal_file as files
from random import Random
first, last, sent, chance = int(sys.argv[2]), 200, Path(sys.argv[3]), Random(int(sys.argv[4]))
points, real_write, real_fsync = [0], os.write, os.fsync
death = chance.randrange(1, 150)
def point():
    points[0] += 1
    if points[0] == death:
        os._exit(9)
def write(file, data):
    point()
    cut = chance.randrange(1, len(data) + 1) if points[0] == death - 1 else len(data)
    written = real_write(file, data[:cut])
    point()
    return written
def fsync(file):
    point(); real_fsync(file); point()
os.write, os.fsync = write, fsync
journal = Journal(folder)
for number in range(first, last):
    intend(journal, on(number))
    point()
    with sent.open("a") as file:
        file.write(f"plan-{number}\\n")
    point()
    journal.outcome(f"plan-{number}", Outcome.DONE, "", NOON)
os._exit(0)
"""


def test_two_hundred_actions_with_death_at_random_points_leave_a_journal_that_tells_the_truth(tmp_path: Path) -> None:
    """Deaths between and within writes, syncs and sends; each start goes on with the next number."""
    folder, sent, number, lives, deaths = tmp_path / "state", tmp_path / "sent", 0, 0, 0
    while number < 200:
        lives += 1
        ended = child(DIE, folder, str(number), str(sent), str(lives))
        assert ended.returncode in {0, 9}, ended.stderr
        deaths += ended.returncode == 9
        journal = Journal(folder)
        held = {entry.id: entry for entry in journal.entries()}
        carried_out = sent.read_text().split() if sent.exists() else []
        assert journal.verify().trouble == ""
        assert set(carried_out) <= set(held)
        assert len(carried_out) == len(set(carried_out))
        assert all(entry.id in carried_out for entry in held.values() if entry.outcome is Outcome.DONE)
        number = max([int(name.removeprefix("plan-")) + 1 for name in held], default=number)
    assert deaths >= 5
    assert len(held) == 200


APPEND = """
journal = Journal(folder, largest_bytes=20_000)
for number in range(int(sys.argv[2]), int(sys.argv[2]) + 25):
    intend(journal, on(number))
    journal.outcome(f"plan-{number}", Outcome.DONE, "", NOON)
"""


def test_two_processes_write_one_journal(tmp_path: Path) -> None:
    """Into small files, so that both put full ones aside too."""
    both = [subprocess.Popen(python(APPEND, tmp_path, first), cwd=ROOT) for first in ("100", "200")]
    assert [process.wait(120) for process in both] == [0, 0]
    found = Journal(tmp_path).verify()
    assert (found.lines, found.entries, found.torn, found.trouble) == (100, 50, (), "")
    assert len(list(tmp_path.glob("journal-*.jsonl"))) > 2


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a journal of five lines, one torn write and one full file."""
    folder = tmp_path_factory.mktemp("journal")
    journal = Journal(folder, largest_bytes=3_000)
    for number in (1, 2):
        intend(journal, on(number))
    with (folder / "journal.jsonl").open("ab") as file:
        file.write(b'{"journal":1,"previous":"3f')
    intend(journal, on(3))
    journal.outcome("plan-1", Outcome.DONE, "9 nodes are gone", NOON + timedelta(minutes=9))
    intend(journal, on(4))
    found = journal.verify()
    assert (found.lines, len(found.torn), found.trouble) == (5, 1, "")
    assert len(list(folder.glob("*.jsonl"))) == 2
    return folder


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_byte_that_is_changed_lost_or_added_is_found(written: Path, data: st.DataObject) -> None:
    before = Journal(written).verify()
    path = data.draw(st.sampled_from(sorted(written.glob("*.jsonl"))))
    content = path.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1))
    byte = bytes([data.draw(st.integers(0, 255).filter(lambda value: value != content[at]))])
    changed = data.draw(
        st.sampled_from(
            [
                content[:at] + byte + content[at + 1 :],
                content[:at] + content[at + 1 :],
                content[:at] + byte + content[at:],
            ]
        )
    )
    if changed == content:  # a byte like its neighbour was added
        return
    path.write_bytes(changed)
    try:
        assert Journal(written).verify() != before
    finally:
        path.write_bytes(content)


def test_nothing_is_written_behind_a_line_that_was_changed(tmp_path: Path) -> None:
    journal, path = Journal(tmp_path), tmp_path / "journal.jsonl"
    for number in (1, 2):
        intend(journal, on(number))
    path.write_text(path.read_text().replace("9 nodes", "1 nodes", 1))
    again = Journal(tmp_path)
    with pytest.raises(ActionError, match="The journal was changed after it was written") as told:
        intend(again, on(3))
    assert told.value.detail == "journal.jsonl: line 1 is not as it was written"
    assert (again.entries(), bool(again.trouble)) == ((), True)
    path.unlink()
    intend(again, on(3))
    assert again.verify().trouble == ""


@pytest.mark.parametrize("change", ["swap", "drop", "repeat"])
def test_lines_that_were_moved_dropped_or_repeated_are_found(tmp_path: Path, change: str) -> None:
    journal, path = Journal(tmp_path), tmp_path / "journal.jsonl"
    for number in (1, 2, 3):
        intend(journal, on(number))
    one, two, three = path.read_bytes().splitlines(keepends=True)
    path.write_bytes({"swap": one + three + two, "drop": one + three, "repeat": one + two + two + three}[change])
    assert Journal(tmp_path).verify().trouble.startswith("journal.jsonl: ")
