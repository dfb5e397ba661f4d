from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from finops_tui.clock import SimulatedClock, VirtualTimeLoop
from finops_tui.model.finding import Finding, FindingState, Severity, Triage
from finops_tui.model.health import HealthState
from finops_tui.model.observations import Observation, SourceHealth
from finops_tui.notify.notifier import Notifier
from finops_tui.notify.post import Post
from finops_tui.notify.settings import Channel
from tests.notify.samples import ALERTMANAGER, PAGERDUTY, WEBHOOK, finding
from tests.samples import NOON, empty_snapshot


class Story:
    """A channel that is shown findings, a minute apart, and what it was sent."""

    def __init__(self, settings: Channel = WEBHOOK, status: int = 200) -> None:
        self.settings = settings
        self.status = status
        self.sent: list[Any] = []
        self.told: list[Observation] = []

    def run(self, *scenes: Sequence[Finding], pause_seconds: float = 60.0) -> list[Any]:
        async def main() -> None:
            loop = asyncio.get_running_loop()
            clock = SimulatedClock(NOON, monotonic=loop.time)
            notifier = Notifier(self.settings, "hook", clock, lambda at: Post(at, httpx.MockTransport(self._answer)))
            task = asyncio.create_task(notifier.run(self.told.append))
            for findings in scenes:
                notifier.see(replace(empty_snapshot(), findings=tuple(findings)))
                await asyncio.sleep(pause_seconds)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            runner.run(main())
        return self.sent

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(msgspec.json.decode(request.read()))
        return httpx.Response(self.status)


def events(*scenes: Sequence[Finding], settings: Channel = WEBHOOK) -> list[str]:
    return [sent["event"] for sent in Story(settings).run(*scenes)]


def acknowledged() -> Finding:
    triage = Triage(key=finding().key, since=NOON, state=FindingState.ACKNOWLEDGED, at=NOON, by="ana", reason="mine")
    return finding(state=FindingState.ACKNOWLEDGED, triage=triage)


def test_a_page_is_told_once_when_it_opens_and_once_when_it_ends() -> None:
    assert events([finding()], [finding(burned_usd=99.0)], [finding()], []) == ["opened", "resolved"]


def test_an_acknowledgement_is_told_once() -> None:
    assert events([finding()], [acknowledged()], [acknowledged()]) == ["opened", "acknowledged"]


def test_what_is_less_urgent_than_wanted_is_not_told() -> None:
    assert events([finding(severity=Severity.TICKET)]) == []
    assert events([finding(severity=Severity.TICKET)], settings=WEBHOOK.model_copy(update={"least": Severity.INFO}))


def test_what_becomes_a_page_is_told_then() -> None:
    assert events([finding(severity=Severity.TICKET)], [finding()]) == ["opened"]
    all_of_them = WEBHOOK.model_copy(update={"least": Severity.INFO})
    assert events([finding(severity=Severity.TICKET)], [finding()], settings=all_of_them) == ["opened", "opened"]


@pytest.mark.parametrize(
    "quiet",
    [
        finding(planned="retraining"),
        finding(state=FindingState.SNOOZED),
        finding(state=FindingState.RESOLVED),
        finding(opened_at=NOON - timedelta(minutes=1)),
    ],
    ids=["planned", "snoozed", "resolved", "told by an earlier run"],
)
def test_nobody_is_bothered_with(quiet: Finding) -> None:
    assert events([quiet]) == []


def test_findings_of_one_group_that_open_together_are_one_notice() -> None:
    other = finding(key="idle/pool/x", name="pool/x", severity=Severity.PAGE)
    (sent,) = Story().run([finding(), other])
    assert sent["others"] == ["idle/pool/x"]


def test_only_what_matches_is_told() -> None:
    assert events([finding()], settings=WEBHOOK.model_copy(update={"match": "vision*"})) == []
    assert events([finding()], settings=WEBHOOK.model_copy(update={"match": "nlp"})) == ["opened"]


def test_an_alert_is_repeated_while_it_is_open_and_not_after() -> None:
    story = Story(ALERTMANAGER)
    sent = story.run([finding()], [finding()], [finding()], [], [], [])
    assert 3 <= len(sent) <= 5
    assert len({each[0]["startsAt"] for each in sent}) == 1


def test_a_channel_that_refuses_shows_among_the_sources_and_ends_nothing() -> None:
    story = Story(PAGERDUTY, status=403)
    story.run([finding()], [], pause_seconds=200)
    states = [one for one in story.told if isinstance(one, SourceHealth)]
    assert states[0].state is HealthState.POLLED
    assert states[-1].state is HealthState.PARTIAL
    assert "403" in states[-1].reason
    assert len(story.sent) == 2
