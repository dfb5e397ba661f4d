from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from finops_tui.clock import SimulatedClock
from finops_tui.engine.absorb import key_of
from finops_tui.engine.keeper import FINDINGS_FILE, LEARNED_FILE, Keeper
from finops_tui.model.finding import Finding, FindingState, Triage
from finops_tui.model.fleet import Fleet
from finops_tui.model.health import HealthState
from finops_tui.model.observations import FindingTriaged, Observation, SourceHealth
from tests.engine.findings import Watching, signal
from tests.samples import NOON, empty_snapshot

TRIAGE = Triage(key=signal().key, since=NOON, state=FindingState.ACKNOWLEDGED, at=NOON, by="ana", reason="known")


class Learner:
    def __init__(self, learned: dict[str, object] | None = None) -> None:
        self._learned = learned or {}
        self.remembered: Mapping[str, object] = {}
        self.findings: list[Finding] = []

    def learned(self) -> dict[str, object]:
        return self._learned

    def remember(self, learned: Mapping[str, object], findings: Iterable[Finding]) -> None:
        self.remembered, self.findings = learned, list(findings)


def run(
    folder: Path,
    *triage: Triage,
    learned: dict[str, object] | None = None,
    until: Callable[[list[Observation]], bool] = lambda _: True,
) -> list[Observation]:
    """Let a keeper go along for a while, in which a finding is open and something is decided."""
    told: list[Observation] = []

    async def main() -> None:
        fleet = Fleet()
        keeper = Keeper(folder, Learner(learned), SimulatedClock(NOON), every_seconds=0.001)
        keeper.begin(fleet)
        keeper.see(replace(empty_snapshot(), findings=Watching().look(1, signal()).findings))
        for one in triage:
            fleet.fold(FindingTriaged(at=one.at, source="user", cluster="", triage=one))
        task = asyncio.create_task(keeper.run(told.append))
        await asyncio.sleep(0)
        async with asyncio.timeout(20):
            while not until(told):  # noqa: ASYNC110 - a file on disk tells nobody
                await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    return told


def begun(folder: Path) -> tuple[Fleet, Learner]:
    fleet, learner = Fleet(), Learner()
    Keeper(folder, learner, SimulatedClock(NOON)).begin(fleet)
    return fleet, learner


def test_the_next_start_knows_what_was_open_decided_and_learned(tmp_path: Path) -> None:
    run(tmp_path, TRIAGE, learned={"spend": {"total total": {"first": 1.0}}})
    fleet, learner = begun(tmp_path)
    assert fleet.triage == {TRIAGE.key: TRIAGE}
    assert [finding.key for finding in learner.findings] == [key_of(signal())]
    assert learner.remembered == {"spend": {"total total": {"first": 1.0}}}


def test_a_decision_is_on_disk_while_the_program_runs(tmp_path: Path) -> None:
    path = tmp_path / FINDINGS_FILE
    run(tmp_path, TRIAGE, until=lambda _: path.exists() and b'"ana"' in path.read_bytes())


def test_two_terminals_do_not_undo_each_others_decisions(tmp_path: Path) -> None:
    run(tmp_path, TRIAGE)
    other = replace(TRIAGE, key="spend/team/nlp", by="mei")
    run(tmp_path, other)
    fleet, _ = begun(tmp_path)
    assert {triage.by for triage in fleet.triage.values()} == {"ana", "mei"}


@pytest.mark.parametrize("junk", [b"", b"{", b"\xff\xfe", b'{"version": 99}', b'{"triage": 3}', b"[]"])
def test_a_file_that_cannot_be_read_is_as_none(tmp_path: Path, junk: bytes) -> None:
    for name in (FINDINGS_FILE, LEARNED_FILE):
        (tmp_path / name).write_bytes(junk)
    fleet, learner = begun(tmp_path)
    assert not fleet.triage
    assert not learner.findings
    assert not learner.remembered


def test_only_its_owner_may_read_what_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    run(folder, TRIAGE)
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
    assert not list(folder.glob("*.new"))


def test_a_folder_that_cannot_be_written_is_said_once_and_ends_nothing(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    told = run(blocked / "state", TRIAGE, until=bool)
    (health,) = [one for one in told if isinstance(one, SourceHealth)]
    assert health.state is HealthState.PARTIAL
    assert "cannot be written" in health.reason
    assert os.fspath(blocked) in health.reason


def test_a_full_disk_leaves_what_was_kept_and_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, TRIAGE)
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    (health,) = [one for one in run(tmp_path, replace(TRIAGE, by="mei"), until=bool) if isinstance(one, SourceHealth)]
    assert "No space left" in health.reason
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == kept


def test_a_run_of_seconds_does_not_forget_what_an_earlier_one_has_found(tmp_path: Path) -> None:
    run(tmp_path, TRIAGE)

    async def briefly() -> None:
        keeper = Keeper(tmp_path, Learner(), SimulatedClock(NOON), every_seconds=0.001)
        keeper.begin(Fleet())
        keeper.see(empty_snapshot())
        task = asyncio.create_task(keeper.run(lambda _: None))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(briefly())
    assert [finding.key for finding in begun(tmp_path)[1].findings] == [key_of(signal())]
