"""`doctor`: whether everything is there that the program needs, and if not, what to do about it."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from finops_tui.commands.environment import check_terminal, check_themes
from finops_tui.commands.screen import user_themes
from finops_tui.commands.settings import Chosen, choose
from finops_tui.config.redaction import redact
from finops_tui.errors import ConfigError, FinopsError
from finops_tui.output.plain import one_line
from finops_tui.phrases import counted
from finops_tui.sources.base import Check, Diagnosable
from finops_tui.wiring import live

HEALTHY = 0
WRONG_CONFIG = 2
SOMETHING_MISSING = 3
PATIENCE_SECONDS = 60.0
"""A system that has not answered all questions by then is reported as it is: too slow to be of use at 03:00."""
SUBJECT_CELLS = 28


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of one system."""

    system: str
    check: Check


def run(asked: argparse.Namespace) -> int:
    from finops_tui.ui.theme import theme_files

    chosen: Chosen | None = None
    try:
        chosen = choose(asked.config, theme_files(user_themes()))
    except ConfigError as error:
        findings = [Finding("config", Check("config", "fail", _said(error), error.hint))]
    else:
        findings = [Finding("config", _config_check(chosen))]
        findings += asyncio.run(examine(_diagnosable(chosen)))
    findings += [Finding("terminal", check) for check in check_terminal(os.environ)]
    findings += [Finding("themes", check) for check in check_themes(user_themes())]
    sys.stdout.write(as_json(findings) if asked.format == "json" else as_text(findings))
    if chosen is None:
        return WRONG_CONFIG
    return SOMETHING_MISSING if any(finding.check.state == "fail" for finding in findings) else HEALTHY


async def examine(sources: Sequence[Diagnosable], patience_seconds: float = PATIENCE_SECONDS) -> list[Finding]:
    """Ask all sources at once what they lack; one that raises or takes too long is a finding itself."""

    async def one(source: Diagnosable) -> list[Check]:
        try:
            async with asyncio.timeout(patience_seconds):
                return await source.diagnose()
        except TimeoutError:
            detail = f"not all questions were answered within {patience_seconds:g} s"
            return [Check("answers", "fail", detail, "Look at the network, or raise timeout_seconds.")]
        except FinopsError as error:
            return [Check("answers", "fail", _said(error), error.hint)]
        except Exception as error:  # noqa: BLE001 - the doctor goes on to the next system
            return [Check("answers", "fail", f"{type(error).__name__}: {error}")]

    answers = await asyncio.gather(*(one(source) for source in sources))
    return [Finding(source.name, check) for source, checks in zip(sources, answers, strict=True) for check in checks]


def as_text(findings: Iterable[Finding]) -> str:
    lines: list[str] = []
    system = ""
    counts = {"ok": 0, "warn": 0, "fail": 0}
    for finding in findings:
        check = finding.check
        counts[check.state] += 1
        if finding.system != system:
            system = finding.system
            lines.append(_clean(system))
        lines.append(f"  {check.state:<4}  {_clean(check.subject):<{SUBJECT_CELLS}}  {_clean(check.detail)}".rstrip())
        lines += [f"{'':8}{'':{SUBJECT_CELLS}}  {_clean(line)}" for line in check.hint.splitlines()]
    lines += ["", f"{counts['ok']} ok, {counts['warn']} to look at, {counts['fail']} failed"]
    return "\n".join(lines) + "\n"


def as_json(findings: Sequence[Finding]) -> str:
    """Return `{"version": 1, "ok": ..., "checks": [{"system", "subject", "state", "detail", "hint"}]}`."""
    import json

    checks = [
        {
            "system": finding.system,
            "subject": finding.check.subject,
            "state": finding.check.state,
            "detail": redact(finding.check.detail),
            "hint": redact(finding.check.hint),
        }
        for finding in findings
    ]
    healthy = all(finding.check.state != "fail" for finding in findings)
    return json.dumps({"version": 1, "ok": healthy, "checks": checks}, indent=2) + "\n"


def _config_check(chosen: Chosen) -> Check:
    if not chosen.file:
        return Check("config", "warn", chosen.note, "finops-tui config example shows what one looks like.")
    return Check("config", "ok", f"{chosen.file}: {counted(len(chosen.config.sources), 'source')}")


def _diagnosable(chosen: Chosen) -> list[Diagnosable]:
    sources = live.sources(chosen.config, live.wall_clock())
    return [source for source in sources if isinstance(source, Diagnosable)]


def _said(error: FinopsError) -> str:
    return " ".join(part for part in (error.title, error.detail) if part)


def _clean(text: str) -> str:
    return one_line(redact(text))
