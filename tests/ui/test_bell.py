"""Calling for attention: once for each page that opens, and for nothing else."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from finops_tui.model.finding import Finding, FindingState, Severity
from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.bell import Bell
from finops_tui.ui.settings import UiSettings
from tests.ui.samples import ACKNOWLEDGED, CALM, FINDINGS, HOSTILE_TEXTS, INCIDENT, PLANNED, RETRAIN, TICKETS, ago
from tests.ui.screen import shown

TERM = {"TERM": "xterm-256color"}


def of(*findings: Finding) -> Snapshot:
    return replace(INCIDENT, findings=findings)


def rung(*snapshots: Snapshot | None, how: str = "bell", environment: dict[str, str] | None = None) -> list[str]:
    bell = Bell(how, TERM if environment is None else environment)  # type: ignore[arg-type]  # a literal in the settings
    return [bell.ring(snapshot) for snapshot in snapshots]


def test_it_rings_once_for_a_page_that_opens() -> None:
    assert rung(CALM, INCIDENT, INCIDENT, replace(INCIDENT, at=ago(-60))) == ["", "\a", "", ""]


def test_it_does_not_ring_for_what_was_open_at_the_start() -> None:
    assert rung(None, INCIDENT, INCIDENT) == ["", "", ""]


@pytest.mark.parametrize("snapshot", [ACKNOWLEDGED, PLANNED, TICKETS])
def test_it_does_not_ring_for_less(snapshot: Snapshot) -> None:
    assert rung(CALM, snapshot) == ["", ""]


def test_a_ticket_that_becomes_a_page_rings() -> None:
    ticket = replace(RETRAIN, severity=Severity.TICKET)
    assert rung(of(ticket), of(RETRAIN)) == ["", "\a"]


def test_a_page_that_is_reopened_does_not_ring_again() -> None:
    snoozed = replace(RETRAIN, state=FindingState.SNOOZED)
    assert rung(CALM, of(RETRAIN), of(snoozed), of(RETRAIN)) == ["", "\a", "", ""]


def test_the_same_trouble_later_is_another_page() -> None:
    later = replace(RETRAIN, since=ago(10), opened_at=ago(5))
    assert rung(CALM, of(RETRAIN), CALM, of(later)) == ["", "\a", "", "\a"]


def test_an_onset_that_is_seen_a_little_earlier_is_the_same_page() -> None:
    assert rung(CALM, of(RETRAIN), of(replace(RETRAIN, since=ago(900)))) == ["", "\a", ""]


def test_silent_is_silent() -> None:
    assert rung(CALM, INCIDENT, how="silent") == ["", ""]
    assert UiSettings().bell == "silent"


@pytest.mark.parametrize(
    ("environment", "written"),
    [
        (TERM, "\x1b]9;PAGE nlp-train/job/retrain-v7 +$374.0/h\a"),
        ({}, "\x1b]9;PAGE nlp-train/job/retrain-v7 +$374.0/h\a"),
        ({"TERM": "foot"}, "\x1b]777;notify;finops-tui;PAGE nlp-train/job/retrain-v7 +$374.0/h\a"),
        ({"VTE_VERSION": "7600"}, "\x1b]777;notify;finops-tui;PAGE nlp-train/job/retrain-v7 +$374.0/h\a"),
        ({"TMUX": "x"}, "\x1bPtmux;\x1b\x1b]9;PAGE nlp-train/job/retrain-v7 +$374.0/h\a\x1b\\"),
        ({"STY": "x"}, "\x1bP\x1b]9;PAGE nlp-train/job/retrain-v7 +$374.0/h\a\x1b\\"),
    ],
)
def test_the_desktop_is_told_who_and_how_much(environment: dict[str, str], written: str) -> None:
    assert rung(CALM, INCIDENT, how="desktop", environment=environment) == ["", written]


def test_several_at_once_are_one_notification() -> None:
    pages = [replace(one, severity=Severity.PAGE) for one in FINDINGS]
    (_, text) = rung(CALM, of(*pages), how="desktop")
    assert text == "\x1b]9;PAGE nlp-train/job/retrain-v7 +$374.0/h and 4 more\a"


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
@pytest.mark.parametrize("term", ["xterm", "foot"])
def test_a_name_cannot_write_to_the_terminal(name: str, term: str) -> None:
    (_, text) = rung(CALM, of(replace(RETRAIN, name=f"{name};x")), how="desktop", environment={"TERM": term})
    assert text.startswith("\x1b]")
    assert text.endswith("\a")
    assert text[2:-1].isprintable()
    assert text.count(";") == (1 if term == "xterm" else 3)
    assert len(text) < 200


async def test_the_bell_reaches_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    async with shown(CALM, bell="bell") as screen:
        assert screen.app._driver is not None
        monkeypatch.setattr(screen.app._driver, "write", written.append)
        await screen.publish(INCIDENT)
        await screen.publish(replace(INCIDENT, at=ago(-1)))
    assert written.count("\a") == 1
