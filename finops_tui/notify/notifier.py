"""Sees which findings open, are acknowledged and end, and tells each channel what it wants to hear."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from fnmatch import fnmatchcase

from finops_tui.clock import Clock
from finops_tui.model.finding import Finding, FindingState
from finops_tui.model.fleet import Fleet
from finops_tui.model.health import HealthState
from finops_tui.model.observations import Observation, SourceHealth
from finops_tui.model.snapshot import Snapshot
from finops_tui.notify.channels import REPEAT_SECONDS, repeats, request
from finops_tui.notify.notice import Event, Notice
from finops_tui.notify.post import Post, PostError
from finops_tui.notify.settings import Channel

WAITING_MOST = 100
"""Notices that wait for a channel that does not answer; older ones are dropped first."""


class Notifier:
    """One channel's messenger. What was open before the program started was told by whoever ran then."""

    def __init__(self, settings: Channel, kind: str, clock: Clock, post: Callable[[Clock], Post] = Post) -> None:
        self._settings = settings
        self._clock = clock
        self._post = post
        self.name = f"notify {settings.name or kind}"
        self._short = settings.name or kind
        self._started = clock.now()
        self._told: dict[str, Notice] = {}
        """What this channel knows to be open, by the notice's id."""
        self._acknowledged: set[str] = set()
        self._waiting: deque[Notice] = deque(maxlen=WAITING_MOST)
        self._news = asyncio.Event()
        self._since: datetime | None = None
        self._failing = ""

    def begin(self, fleet: Fleet) -> None:
        """Nothing to take up."""

    def see(self, snapshot: Snapshot) -> None:
        """Put into words what is new. Findings of one group that open together are one notice."""
        current = {_id(finding): finding for finding in (*snapshot.findings, *snapshot.resolved)}
        for notice in self._opened(snapshot.findings):
            self._told[notice.id] = notice
            self._say(notice)
        for id_, notice in list(self._told.items()):
            finding = current.get(id_)
            if finding is None or finding.state is FindingState.RESOLVED:
                del self._told[id_]
                self._acknowledged.discard(id_)
                self._say(Notice(event=Event.RESOLVED, finding=finding or notice.finding, others=notice.others))
            elif finding.state is FindingState.ACKNOWLEDGED and id_ not in self._acknowledged:
                self._acknowledged.add(id_)
                self._say(Notice(event=Event.ACKNOWLEDGED, finding=finding, others=notice.others))
            elif finding is not notice.finding:
                if finding.state is FindingState.OPEN:
                    self._acknowledged.discard(id_)
                worse = finding.severity.rank < notice.finding.severity.rank
                self._told[id_] = Notice(event=Event.OPENED, finding=finding, others=notice.others)
                if worse and id_ not in self._acknowledged:
                    self._say(self._told[id_])

    async def run(self, tell: Callable[[Observation], None]) -> None:
        """Send what waits, until cancelled."""
        self._report(tell, "")
        async with self._post(self._clock) as post:
            while True:
                await self._until_due()
                due = list(self._waiting)
                self._waiting.clear()
                if repeats(self._settings):
                    known = {notice.id for notice in due}
                    due += [
                        notice
                        for notice in self._told.values()
                        if notice.id not in known and notice.id not in self._acknowledged
                    ]
                for notice in due:
                    try:
                        await post.send(request(self._settings, notice, self._clock.now()))
                    except PostError as error:
                        self._report(tell, error.title, error.hint)
                    else:
                        self._report(tell, "")

    async def _until_due(self) -> None:
        timeout = REPEAT_SECONDS if repeats(self._settings) else None
        try:
            async with asyncio.timeout(timeout):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    def _opened(self, findings: Sequence[Finding]) -> list[Notice]:
        known = {_id(finding) for notice in self._told.values() for finding in (notice.finding, *notice.others)}
        fresh = [finding for finding in findings if self._wants(finding) and _id(finding) not in known]
        notices: list[Notice] = []
        grouped: set[str] = set()
        for finding in fresh:
            if finding.group and finding.group in grouped:
                continue
            grouped.add(finding.group)
            others = tuple(other for other in fresh if finding.group and other.group == finding.group)
            rest = tuple(other for other in others if other is not finding)
            notices.append(Notice(event=Event.OPENED, finding=finding, others=rest))
        return notices

    def _wants(self, finding: Finding) -> bool:
        if finding.state is not FindingState.OPEN or finding.planned or finding.opened_at < self._started:
            return False
        about = (finding.name, finding.namespace, finding.owner, finding.model, finding.cluster)
        wanted = any(fnmatchcase(word, self._settings.match) for word in about)
        return wanted and finding.severity.rank <= self._settings.least.rank

    def _say(self, notice: Notice) -> None:
        self._waiting.append(notice)
        self._news.set()

    def _report(self, tell: Callable[[Observation], None], trouble: str, hint: str = "") -> None:
        now = self._clock.now()
        if self._since is None or trouble != self._failing:
            self._since, self._failing = now, trouble
        tell(
            SourceHealth(
                at=now,
                source=self.name,
                cluster="",
                short=self._short,
                state=HealthState.PARTIAL if trouble else HealthState.POLLED,
                since=self._since,
                answered_at=None if trouble else now,
                stale_after_seconds=float("inf"),
                reason=trouble,
                hint=hint,
            )
        )


def notifiers(channels: Iterable[Channel], clock: Clock) -> tuple[Notifier, ...]:
    """Return one messenger for each channel of the config."""
    return tuple(Notifier(settings, str(getattr(settings, "type", "notify")), clock) for settings in channels)


def _id(finding: Finding) -> str:
    return Notice(event=Event.OPENED, finding=finding).id
