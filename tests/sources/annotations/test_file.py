from __future__ import annotations

import asyncio
import json
import os
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.clock import SimulatedClock, WallClock
from finops_tui.model.change import ChangeKind
from finops_tui.model.health import HealthState
from finops_tui.sources.annotations.file import AnnotationFile
from finops_tui.sources.annotations.lines import read_line
from finops_tui.sources.annotations.settings import AnnotationsSettings
from tests.sources.annotations.reading import Reading, reading

NOW = datetime.now(UTC)


def line(what: str, minutes_ago: float = 1.0, **more: Any) -> str:
    at = (NOW - timedelta(minutes=minutes_ago)).isoformat()
    return json.dumps({"at": at, "what": what} | more) + "\n"


def follow(path: Path, interval_seconds: float = 0.1, **more: Any) -> AbstractAsyncContextManager[Reading]:
    settings = AnnotationsSettings(path=path, interval_seconds=interval_seconds, **more)
    return reading(AnnotationFile(settings, WallClock()))


async def test_notes_are_changes_and_new_lines_follow(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    path.write_text(line("raised quota", who="ana", subject="prod/Job/ml/train", tags=["quota", "ml"]))
    async with follow(path) as one:
        await one.until(lambda: one.notes == ["raised quota"])
        (seen,) = one.told
        assert (seen.cluster, seen.at) == ("prod", NOW - timedelta(minutes=1))
        assert (seen.change.kind, seen.change.who) == (ChangeKind.NOTE, "ana")
        assert (seen.change.subject, seen.change.details) == ("prod/Job/ml/train", ("tagged quota", "tagged ml"))
        assert one.health.state is HealthState.POLLED
        half = line("second")
        with path.open("a") as file:
            file.write(half[:20])
            file.flush()
            await asyncio.sleep(0.3)
            assert one.notes == ["raised quota"]
            file.write(half[20:])
        await one.until(lambda: one.notes == ["raised quota", "second"])
        assert not one.health.warnings


async def test_a_broken_line_is_named_and_costs_itself_alone(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    ahead = line("tomorrow", minutes_ago=-1_000)
    naive = json.dumps({"at": "2026-09-01T12:00:00", "what": "x"}) + "\n"
    path.write_text(line("good") + "\nnot json\n" + naive + ahead + json.dumps({"at": NOW.isoformat()}) + "\n")
    async with follow(path) as one:
        await one.until(lambda: one.state is HealthState.POLLED)
        assert one.notes == ["good"]
        where = [warning.split(": ")[0] for warning in one.health.warnings]
        assert where == [f"changes.jsonl:{number}" for number in (3, 4, 5, 6)]
        assert "time lies ahead" in one.health.warnings[2]
        assert "`what`" in one.health.warnings[3]


async def test_many_broken_lines_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    path.write_text("?\n" * 100)
    async with follow(path) as one:
        await one.until(lambda: one.fleet.health and one.health.warnings)
        assert len(one.health.warnings) == 6
        assert one.health.warnings[-1] == "and 95 lines more before them"


@pytest.mark.parametrize("how", ["renamed", "truncated", "replaced"])
async def test_a_file_that_is_rotated_is_read_on(how: str, tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    path.write_text(line("first") + line("second"))
    async with follow(path) as one:
        await one.until(lambda: len(one.notes) == 2)
        if how == "truncated":
            path.write_text(line("third"))
        else:
            with path.open("a") as file:
                file.write(line("last words").rstrip("\n"))  # nobody will end this line any more
            if how == "renamed":
                path.rename(tmp_path / "changes.jsonl.1")
                await one.until(lambda: one.state is HealthState.DOWN)
                assert "no such file" in one.health.reason
                path.write_text(line("third"))
            else:
                (tmp_path / "new").write_text(line("third"))
                (tmp_path / "new").replace(path)
        await one.until(lambda: "third" in one.notes)
        assert ("last words" in one.notes) == (how != "truncated")
        await one.until(lambda: one.state is HealthState.POLLED)


async def test_the_same_note_twice_is_one(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    path.write_text(line("first") + line("first"))
    async with follow(path) as one:
        await one.until(lambda: one.notes)
        path.write_text(line("first", minutes_ago=1) + line("x"))
        await one.until(lambda: "x" in one.notes)
        assert one.notes == ["first", "x"]


async def test_what_cannot_be_read_is_told_and_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    os.mkfifo(path)
    async with follow(path) as one:
        await one.until(lambda: one.state is HealthState.DOWN)
        assert one.health.reason == f"{path}: not a regular file"
        assert one.health.hint.endswith(".")
        path.unlink()
        path.write_text(line("there"))
        await one.until(lambda: one.notes == ["there"])


async def test_a_large_old_file_costs_its_end_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finops_tui.sources.annotations.follow.TAIL", 2_000)
    path = tmp_path / "changes.jsonl"
    path.write_text("".join(line(f"n{number}") for number in range(500)) + "?\n")
    async with follow(path) as one:
        await one.until(lambda: "n499" in one.notes)
        assert len(one.notes) < 40
        assert one.health.warnings[0].startswith("changes.jsonl:501: ")
        assert len(one.health.warnings) == 1


async def test_a_line_without_end_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    path.write_text("x" * 200_000 + "\n" + line("after"))
    async with follow(path) as one:
        await one.until(lambda: one.notes == ["after"])
        await one.until(lambda: one.health.warnings == ("changes.jsonl:1: the line is too long",))


async def test_notes_that_are_history_are_not_told(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    path.write_text(line("old", minutes_ago=8 * 1_440) + line("new"))
    async with follow(path) as one:
        await one.until(lambda: one.notes == ["new"])


async def test_a_subject_may_leave_out_the_cluster_of_its_source(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    path.write_text(line("a", subject="h100-train") + line("b", subject="prod/Job/ml/x") + line("c"))
    async with follow(path, cluster="prod") as one:
        await one.until(lambda: len(one.notes) == 3)
        subjects = {seen.change.what: seen.change.subject for seen in one.told}
        assert subjects == {"a": "prod/h100-train", "b": "prod/Job/ml/x", "c": ""}
        assert {seen.cluster for seen in one.told} == {"prod"}


async def test_refresh_looks_at_once(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    path.write_text("")
    async with follow(path, interval_seconds=3_600) as one:
        await one.until(lambda: one.state is HealthState.POLLED)
        path.write_text(line("now"))
        await one.source.refresh()
        await one.until(lambda: one.notes == ["now"])


async def test_it_waits_on_the_clock_that_it_is_given(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    path.write_text("")
    settings = AnnotationsSettings(path=path, interval_seconds=3_600)
    async with reading(AnnotationFile(settings, SimulatedClock(NOW, speed=36_000.0))) as one:
        await one.until(lambda: one.state is HealthState.POLLED)
        path.write_text(line("now"))
        await one.until(lambda: one.notes == ["now"])


async def test_the_doctor_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    source = AnnotationFile(AnnotationsSettings(path=path), WallClock())
    assert [(check.state, check.subject) for check in await source.diagnose()] == [("fail", "file")]
    path.write_text(line("a") + "?\n")
    found, wrong = await source.diagnose()
    assert found.detail == f"{path}: 1 note of the last 7 days"
    assert (wrong.state, wrong.detail.split(": ")[0]) == ("warn", "changes.jsonl:2")


def test_hostile_words_come_out_harmless() -> None:
    evil = "\x1b]0;owned\x07\x1b[31mred\u202egnp\u200b\n[bold]" + "x" * 10_000
    text = line(evil, who=evil, subject=evil, tags=[evil] * 100)
    seen = read_line(text.encode(), source="s", cluster="", now=NOW)
    assert seen is not None
    change = seen.change
    for told in (change.what, change.who, change.subject, change.id, *change.details):
        assert told.isprintable()
        assert len(told) < 300
    assert len(change.details) <= 20


@given(st.binary(max_size=300))
def test_whatever_stands_on_a_line_only_what_is_wrong_with_it_is_raised(text: bytes) -> None:
    words = "a note"
    try:
        read_line(text, source="s", cluster="", now=NOW)
    except ValueError as error:
        words = str(error)
    assert words.isprintable()


@pytest.mark.parametrize(
    ("line", "words"),
    [(b"{", "input data was truncated"), (b"nonsense", "JSON is malformed"), (b"{}", "object missing required field")],
)
def test_what_is_wrong_goes_on_after_a_colon_as_it_is_spelled(line: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=f"^{words}"):
        read_line(line, source="notes", cluster="", now=NOW)
