"""What is told, in words, whoever it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from finops_tui.detectors.fixed_rules import HELD_AGAINST
from finops_tui.model.finding import Finding
from finops_tui.phrases import dollars, estimated, rate, signed_rate

LONGEST_TITLE = 150


class Event(StrEnum):
    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something happened to a finding, and to those that are the same trouble."""

    event: Event
    finding: Finding
    """The most urgent one."""
    others: tuple[Finding, ...] = ()

    @property
    def id(self) -> str:
        """Stable for one trouble from its beginning to its end."""
        return f"{self.finding.key}@{self.finding.since:%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP POST of JSON."""

    url: str
    body: object
    headers: tuple[tuple[str, str], ...] = ()


def title(notice: Notice) -> str:
    """Return one line: how urgent, what, and what it costs."""
    finding = notice.finding
    words = [finding.severity.upper()] if notice.event is Event.OPENED else [notice.event.capitalize() + ":"]
    words.append(finding.name)
    if finding.excess_usd_per_hour is not None:
        side = "above" if finding.excess_usd_per_hour >= 0 else "below"
        words.append(f"{signed_rate(finding.excess_usd_per_hour)} {side} {_held_against(finding) or 'normal'}")
    line = " ".join(words)
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1] + "…"


def facts(notice: Notice) -> Iterator[tuple[str, str]]:
    """Yield name and value of everything that somebody who is woken by it needs."""
    finding = notice.finding
    if finding.cluster:
        yield "Cluster", finding.cluster
    yield "Owner", finding.owner or "nobody is named"
    if finding.environment:
        yield "Environment", finding.environment
    if finding.model:
        yield "Model", finding.model
    if finding.usd_per_hour is not None:
        yield "Spends", f"{estimated(rate(finding.usd_per_hour))}{_beside(finding)}"
    if finding.burned_usd is not None:
        yield "Burned", f"{estimated(dollars(finding.burned_usd))} since {finding.since:%H:%M}Z"
    else:
        yield "Since", f"{finding.since:%Y-%m-%d %H:%M}Z"
    yield "Why", finding.why
    yield "What changed", _changed(finding)
    if finding.planned:
        yield "Planned", finding.planned
    if finding.triage is not None and notice.event is not Event.OPENED:
        yield notice.event.capitalize(), f"by {finding.triage.by}: {finding.triage.reason or 'no reason given'}"
    if notice.others:
        yield "Also", ", ".join(other.name for other in notice.others)
    if finding.runbook:
        yield "Runbook", finding.runbook


def _beside(finding: Finding) -> str:
    against, normal = _held_against(finding), finding.normal_usd_per_hour
    if against:
        return f", held against {against}"
    return f", normal {rate(normal)}" if normal is not None else ""


def _held_against(finding: Finding) -> str:
    """Return what a finding is held against where that is not what is normal: a fixed rule's limit."""
    return next((each.words for each in finding.evidence if each.label == HELD_AGAINST), "")


def _changed(finding: Finding) -> str:
    if not finding.causes:
        return "nothing that fits is known"
    cause = finding.causes[0]
    who = f" by {cause.who}" if cause.who else ""
    when = f", {cause.at:%H:%M}Z" if cause.at is not None else ""
    return f"{cause.what}{who}{when}"
