"""What outlives the program: what was learned to be normal, what was open, and what people decided about it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import msgspec

from finops_tui.clock import Clock
from finops_tui.engine.faring import Faring
from finops_tui.model.finding import Finding, Triage
from finops_tui.model.fleet import Fleet
from finops_tui.model.observations import FindingTriaged, Observation
from finops_tui.model.snapshot import Snapshot

FINDINGS_FILE, LEARNED_FILE = "findings.json", "learned.msgpack"
VERSION = 1
LEARNED_EVERY_SECONDS = 600.0
SETTLED_SECONDS = 900.0
"""Until a run has lasted so long it may not have seen again what is open, and must not forget it for the next."""
FINDINGS_EVERY_SECONDS = 5.0
"""How soon a decision is on disk."""
LOST = "What is learned and decided now is lost at the end. Free the disk or set state_folder."


class Kept(Protocol):
    """Who has something to keep."""

    def learned(self) -> dict[str, object]: ...

    def remember(self, learned: Mapping[str, object], findings: Iterable[Finding]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Findings:
    version: int = VERSION
    open: list[Finding] = field(default_factory=list)
    triage: list[Triage] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Learned:
    version: int = VERSION
    learned: dict[str, Any] = field(default_factory=dict)


class Keeper:
    """Reads its folder once and writes to it while the engine runs. A folder that cannot be used costs a warning."""

    name = "memory"

    def __init__(self, folder: Path, kept: Kept, clock: Clock, every_seconds: float = FINDINGS_EVERY_SECONDS) -> None:
        self._folder = folder
        self._every_seconds = every_seconds
        self._kept = kept
        self._clock = clock
        self._fleet: Fleet | None = None
        self._open: list[Finding] = []
        self._left: list[Finding] = []
        """What was open when an earlier run ended."""
        self._began = clock.now()
        self._saved: object = None
        self._faring = Faring(self.name, clock, short=self.name)

    def begin(self, fleet: Fleet) -> None:
        """Take up what an earlier run has left."""
        self._fleet = fleet
        findings = self._read(FINDINGS_FILE, lambda data: msgspec.json.decode(data, type=_Findings)) or _Findings()
        learned = self._read(LEARNED_FILE, lambda data: msgspec.msgpack.decode(data, type=_Learned)) or _Learned()
        for triage in findings.triage:
            fleet.fold(FindingTriaged(at=triage.at, source=self.name, cluster="", triage=triage))
        self._kept.remember(learned.learned, findings.open)
        self._left = findings.open
        self._saved = self._token()

    def see(self, snapshot: Snapshot) -> None:
        self._open = [*snapshot.findings]

    async def run(self, tell: Callable[[Observation], None]) -> None:
        """Write what is new, until cancelled, and once more then."""
        until_learned = LEARNED_EVERY_SECONDS
        try:
            while True:
                await asyncio.sleep(self._every_seconds)
                until_learned -= self._every_seconds
                if self._token() != self._saved:
                    await self._off_thread(self._save_findings, tell)
                if until_learned <= 0:
                    until_learned = LEARNED_EVERY_SECONDS
                    await self._off_thread(self._save_learned, tell)
        finally:
            with suppress(OSError):
                self._save_findings()()
                self._save_learned()()

    async def _off_thread(self, save: Callable[[], Callable[[], None]], tell: Callable[[Observation], None]) -> None:
        try:
            await asyncio.to_thread(save())
        except OSError as error:
            self._faring.tell(f"{self._folder} cannot be written ({error.strerror or error})", LOST, tell)
        else:
            self._faring.tell("", "", tell)

    def _token(self) -> object:
        """Return something that changes with what is worth writing at once."""
        assert self._fleet is not None, "begin comes first"
        decided = tuple((triage.key, triage.at) for triage in self._fleet.triage.values())
        return decided, tuple((finding.key, finding.since) for finding in self._open)

    def _save_findings(self) -> Callable[[], None]:
        assert self._fleet is not None, "begin comes first"
        token, open_now, triage = self._token(), list(self._open), dict(self._fleet.triage)
        if (self._clock.now() - self._began).total_seconds() < SETTLED_SECONDS:
            known = {finding.key for finding in open_now}
            open_now += [finding for finding in self._left if finding.key not in known]

        def save() -> None:
            others = self._read(FINDINGS_FILE, lambda data: msgspec.json.decode(data, type=_Findings))
            for other in others.triage if others is not None else ():  # another terminal of the same person
                held = triage.get(other.key)
                if held is None or other.at > held.at:
                    triage[other.key] = other
            content = _Findings(open=open_now, triage=sorted(triage.values(), key=lambda one: one.at)[-5_000:])
            self._write(FINDINGS_FILE, msgspec.json.format(msgspec.json.encode(content), indent=1))
            self._saved = token

        return save

    def _save_learned(self) -> Callable[[], None]:
        content = _Learned(learned=self._kept.learned())
        return lambda: self._write(LEARNED_FILE, msgspec.msgpack.encode(content))

    def _read(self, name: str, decode: Callable[[bytes], Any]) -> Any:
        """Return what a file holds; None when it is not there or of no use."""
        try:
            found = decode((self._folder / name).read_bytes())
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
        return found if found.version == VERSION else None

    def _write(self, name: str, data: bytes) -> None:
        """Put a file in place whole or not at all; only its owner may read it."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / name
        fresh = path.with_suffix(f".{os.getpid()}.new")
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError:
            with suppress(OSError):
                fresh.unlink()  # half a file on a full disk helps nobody
            raise
