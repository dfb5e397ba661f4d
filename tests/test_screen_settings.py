"""What the two commands that open the screen tell it of their own."""

from __future__ import annotations

import argparse
import pwd
from types import SimpleNamespace

import pytest

from finops_tui.commands.screen import ui_settings
from finops_tui.engine.who import who
from finops_tui.ui.settings import UiSettings

NOTHING_ASKED = argparse.Namespace(theme=None, layout=None, ascii=None)


def test_decisions_and_the_journal_carry_one_name_whatever_the_environment_claims(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for key in ("LOGNAME", "USER", "USERNAME"):
        monkeypatch.setenv(key, "root")
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", lambda _uid: SimpleNamespace(pw_name="dee"))
    assert ui_settings(NOTHING_ASKED).user == who().user == "dee"


def test_the_screen_alone_asks_nobody_who_decides() -> None:
    assert UiSettings().user == ""
