"""`doctor`: what it asks, what it says, and how it ends."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from finops_tui import cli
from finops_tui.commands.doctor import Finding, as_json, as_text, examine
from finops_tui.commands.environment import check_terminal, check_themes
from finops_tui.errors import SourceError
from finops_tui.sources.base import Check
from finops_tui.wiring import live


class Patient:
    """A source that answers what it is told to, or raises it, or hangs."""

    def __init__(self, name: str, *answers: Check | Exception | None) -> None:
        self.name = name
        self._answers = answers

    async def diagnose(self) -> list[Check]:
        checks = []
        for answer in self._answers:
            if isinstance(answer, Exception):
                raise answer
            if answer is None:
                await asyncio.Event().wait()
            else:
                checks.append(answer)
        return checks


GOOD = Check("connection", "ok", "answers in 12 ms")
POOR = Check("DCGM", "warn", "no profiling metrics: utilization is a fallback", "Enable the profiling module.")
BAD = Check("list pods", "fail", "forbidden\x1b[31m for user ana", "kubectl create clusterrole ...")


async def test_all_sources_are_asked_and_trouble_is_a_finding() -> None:
    sources = [
        Patient("kubernetes a", GOOD, BAD),
        Patient("prometheus a", None),
        Patient("prometheus b", SourceError("No route.", "to host", "Look at the network.")),
        Patient("prometheus c", ZeroDivisionError("oops")),
    ]
    found = await examine(sources, patience_seconds=0.05)
    assert [(finding.system, finding.check.subject, finding.check.state) for finding in found] == [
        ("kubernetes a", "connection", "ok"),
        ("kubernetes a", "list pods", "fail"),
        ("prometheus a", "answers", "fail"),
        ("prometheus b", "answers", "fail"),
        ("prometheus c", "answers", "fail"),
    ]
    assert "within 0.05 s" in found[2].check.detail
    assert found[3].check.detail == "No route. to host"
    assert found[3].check.hint == "Look at the network."


async def test_sources_are_asked_at_the_same_time() -> None:
    together = asyncio.Barrier(5)

    class Meeting(Patient):
        async def diagnose(self) -> list[Check]:
            await together.wait()
            return [GOOD]

    found = await examine([Meeting(f"prometheus {n}") for n in range(5)], patience_seconds=5)
    assert {finding.check.state for finding in found} == {"ok"}


def test_text_groups_by_system_and_is_harmless() -> None:
    text = as_text([Finding("kubernetes a", GOOD), Finding("kubernetes a", BAD), Finding("prometheus a", POOR)])
    assert text.splitlines() == [
        "kubernetes a",
        "  ok    connection                    answers in 12 ms",
        "  fail  list pods                     forbidden[31m for user ana",
        "                                      kubectl create clusterrole ...",
        "prometheus a",
        "  warn  DCGM                          no profiling metrics: utilization is a fallback",
        "                                      Enable the profiling module.",
        "",
        "1 ok, 1 to look at, 1 failed",
    ]


def test_json_has_every_field() -> None:
    value = json.loads(as_json([Finding("kubernetes a", GOOD), Finding("kubernetes a", POOR)]))
    assert value["version"] == 1
    assert value["ok"] is True
    assert value["checks"][1] == {
        "system": "kubernetes a",
        "subject": "DCGM",
        "state": "warn",
        "detail": "no profiling metrics: utilization is a fallback",
        "hint": "Enable the profiling module.",
    }
    assert json.loads(as_json([Finding("a", BAD)]))["ok"] is False


@pytest.mark.parametrize(("answers", "status"), [((GOOD, POOR), 0), ((GOOD, BAD), 3)])
def test_the_exit_status(
    answers: tuple[Check, ...],
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "config.yaml").write_text("sources: [{type: kubernetes, cluster: prod-us}]\n")
    monkeypatch.setattr(live, "sources", lambda *_: (Patient("kubernetes prod-us", *answers), object()))
    assert cli.main(["doctor", "--format", "json", "--config", str(tmp_path / "config.yaml")]) == status
    value = json.loads(capsys.readouterr().out)
    assert value["ok"] is (status == 0)
    assert {"config", "kubernetes prod-us", "terminal", "themes"} == {check["system"] for check in value["checks"]}


def test_a_wrong_config_is_the_first_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "config.yaml").write_text("sorces: []\n")
    assert cli.main(["doctor", "--format", "json", "--config", str(tmp_path / "config.yaml")]) == 2
    first = json.loads(capsys.readouterr().out)["checks"][0]
    assert first["state"] == "fail"
    assert "sorces: there is no such field here" in first["detail"]


def test_the_terminal_is_looked_at() -> None:
    checks = {check.subject: check for check in check_terminal({"TERM": "xterm-256color", "LANG": "C.UTF-8"})}
    assert (checks["colours"].state, checks["characters"].state) == ("ok", "ok")
    assert checks["size"].state == "warn", "under pytest output is no terminal"
    checks = {check.subject: check for check in check_terminal({"TERM": "vt100", "LANG": "C"})}
    assert (checks["colours"].state, checks["characters"].state) == ("warn", "warn")
    checks = {check.subject: check for check in check_terminal({"TERM": "xterm", "NO_COLOR": "1"})}
    assert checks["colours"].state == "ok"


def test_a_broken_theme_of_ones_own_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("version: 2\n")
    good, bad = check_themes(tmp_path)
    assert "night" in good.detail
    assert bad.state == "warn"
    assert "mine" in bad.detail
