"""Themes of one's own on the command line, and those that cannot be used."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from finops_tui import cli
from finops_tui.commands.screen import ui_settings, user_themes
from finops_tui.errors import ConfigError
from finops_tui.ui.theme import bundled_dir


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    made = user_themes()
    made.mkdir(parents=True)
    return made


def night() -> str:
    return (bundled_dir() / "night.yaml").read_text("utf-8")


def test_those_that_cannot_be_used_say_why(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "d.yaml").mkdir()
    (folder / "good.yaml").write_text(night(), "utf-8")
    (folder / "typo.yaml").write_text(night().replace("  ticket:", "  tiket:"), "utf-8")
    (folder / "list.yaml").write_text("version: 1\ntheme: ]\n", "utf-8")
    (folder / "bin.yaml").write_bytes(b"\xff\xfe\x00")
    assert cli.main(["themes"]) == 0
    listed = {line.partition(" ")[0]: line for line in capsys.readouterr().out.splitlines()}
    line = 1 + next(at for at, text in enumerate(night().splitlines()) if text.startswith("  ticket:"))
    assert f"{folder / 'typo.yaml'}:{line}: roles.tiket Did you mean roles.ticket?" in listed["typo"]
    assert f"{folder / 'list.yaml'}:2: " in listed["list"]
    assert "it is not UTF-8 text" in listed["bin"]
    assert "Is a directory" in listed["d"]
    for name in ("typo", "list", "bin", "d"):
        assert listed[name].startswith(f"{name}  (yours)  Theme '{name}' ")
    assert listed["good"] == "good  (yours)"
    assert listed["night"] == "night"


def test_one_that_is_asked_for_and_cannot_be_used_is_a_mistake(folder: Path) -> None:
    (folder / "bad.yaml").write_text("version: 1\ntheme: ]\n", "utf-8")
    with pytest.raises(ConfigError, match=r"bad\.yaml:2: "):
        ui_settings(argparse.Namespace(theme="bad", layout=None, ascii=None))


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('page: "#ff7077"', "page: red-ish", "roles.page"),
        ("version: 1", "version: 2", "version"),
        ("border: focus", "border: fokus", "textual.border"),
    ],
)
def test_a_mistake_is_told_with_its_line(folder: Path, old: str, new: str, field: str) -> None:
    (folder / "bad.yaml").write_text(night().replace(old, new, 1), "utf-8")
    line = 1 + next(at for at, text in enumerate(night().splitlines()) if old in text)
    with pytest.raises(ConfigError, match=rf"bad\.yaml:{line}: {field}"):
        ui_settings(argparse.Namespace(theme="bad", layout=None, ascii=None))
