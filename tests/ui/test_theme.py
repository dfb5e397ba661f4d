from __future__ import annotations

import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
from textual.theme import Theme

from finops_tui.errors import ConfigError
from finops_tui.ui.theme import (
    COLOURS,
    ROLES,
    STYLES,
    bundled_dir,
    choose_theme,
    load_theme,
    load_themes,
    start_theme,
    theme_files,
)
from tests.ui.colour import MACHADO, ciede2000, contrast, delta_e

NAMES = ["ansi-16", "colour-blind", "day", "high-contrast", "mono", "night"]
MEASURED = ["night", "day", "high-contrast", "colour-blind"]
TEXT_ROLES = (
    "text", "page", "ticket", "info", "ok", "idle", "spot", "estimated", "quiet", "stale", "protected", "mark",
)  # fmt: skip
FILLS = (("page-on-fill", "page-fill"), ("armed-on-fill", "armed-fill"), ("text", "selection"))
SIGNS = ("page-fill", "focus", "bar", "usual")
SEVERITIES = ("page", "ticket", "info", "ok", "text")
PAIRS = [
    *combinations(SEVERITIES, 2),
    *((one, other) for one in ("idle", "spot", "stale") for other in ("text", "page", "ticket")),
    ("page-fill", "armed-fill"),
]
DOCS = Path(__file__).parents[2] / "docs" / "themes.md"


def load(name: str) -> Theme:
    return load_theme(bundled_dir() / f"{name}.yaml")


def colours(theme: Theme) -> dict[str, str]:
    return {**theme.variables, "text": theme.foreground or ""}


def grounds(theme: Theme) -> list[str]:
    return [theme.surface or "", theme.panel or "", theme.boost or "", theme.variables["cursor-fill"]]


def closest(theme: Theme, vision: str) -> tuple[float, str]:
    named = colours(theme)
    return min((delta_e(named[one], named[other], vision), f"{one}-{other}") for one, other in PAIRS)


def measured(name: str) -> dict[str, str]:
    """Return a theme's column of the table in docs/themes.md."""
    theme, named = load(name), colours(load(name))
    background = theme.background or ""
    column = {
        role: f"{contrast(named[role], background):.1f} / "
        f"{min(contrast(named[role], ground) for ground in grounds(theme)):.1f}"
        for role in TEXT_ROLES
    }
    column |= {f"{text} on {fill}": f"{contrast(named[text], named[fill]):.1f}" for text, fill in FILLS}
    column |= {role: f"{contrast(named[role], background):.1f}" for role in SIGNS}
    for vision in MACHADO:
        distance, pair = closest(theme, vision)
        column[f"ΔE {vision}"] = f"{distance:.1f} {pair}"
    return column


def test_there_are_twenty_pairs() -> None:
    assert len(PAIRS) == 20


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, -1.0, 2.0), (50.0, 0.0, 0.0), 2.3669),
        ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
        ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619), 2.0373),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_maths_against_published_pairs(
    one: tuple[float, float, float], other: tuple[float, float, float], distance: float
) -> None:
    assert ciede2000(one, other) == pytest.approx(distance, abs=1e-4)
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)


def test_the_table_in_the_docs_is_what_is_measured() -> None:
    rows = [re.split(r"\s*\|\s*", line.strip().strip("|").strip()) for line in DOCS.read_text("utf-8").splitlines()]
    table = {row[0]: row[1:] for row in rows if len(row) == len(MEASURED) + 1}
    columns = [measured(name) for name in MEASURED]
    assert {key: [column[key] for column in columns] for key in columns[0]} == {
        key: table.get(key) for key in columns[0]
    }


@pytest.mark.parametrize("name", MEASURED)
def test_text_can_be_read_and_signs_can_be_seen(name: str) -> None:
    theme, named = load(name), colours(load(name))
    needed = 7.0 if name == "high-contrast" else 4.5
    for role in TEXT_ROLES:
        for ground in [theme.background or "", *grounds(theme)]:
            assert contrast(named[role], ground) >= needed, (role, ground)
    for text, fill in FILLS:
        assert contrast(named[text], named[fill]) >= needed, (text, fill)
    for role in SIGNS:
        assert contrast(named[role], theme.background or "") >= 3.0, role


@pytest.mark.parametrize("name", MEASURED)
@pytest.mark.parametrize("vision", MACHADO)
def test_states_can_be_told_apart(name: str, vision: str) -> None:
    if vision == "normal vision" or name == "colour-blind":
        distance, pair = closest(load(name), vision)
        assert distance >= 15.0, pair


def test_six_themes_are_bundled_and_none_is_broken() -> None:
    themes, errors = load_themes()
    assert sorted(theme.name for theme in themes) == NAMES
    assert errors == []


@pytest.mark.parametrize("name", NAMES)
def test_a_theme_gives_every_role_and_style(name: str) -> None:
    theme = load(name)
    assert set(ROLES) | set(STYLES) <= set(theme.variables)
    assert theme.ansi is (name in ("ansi-16", "mono"))


def test_a_role_stands_for_its_colour_among_textuals_own_names() -> None:
    theme = load("night")
    assert theme.variables["border"] == theme.variables["focus"] == "#6cb2f5"
    assert theme.variables["footer-background"] == theme.panel
    assert theme.variables["block-cursor-text-style"] == "none"


@pytest.mark.parametrize("name", ["ansi-16", "mono"])
def test_themes_of_the_terminals_own_colours_name_no_others(name: str) -> None:
    assert "#" not in "".join((bundled_dir() / f"{name}.yaml").read_text("utf-8").splitlines()[2:])


BROKEN = [
    ('page: "#ff7077"', "page: red-ish", "roles.page"),
    ('page: "#ff7077"', "page: ansi_red", "roles.page"),
    ('page: "#ff7077"', "page: 7", "roles.page"),
    ('page: "#ff7077"', 'page: "#ff707780"', "roles.page"),
    ('page: "#ff7077"', 'pgae: "#ff7077"', "roles.pgae"),
    ('page: "#ff7077"\n', "\n", "roles.page is missing"),
    ("dark: true", "dark: perhaps", "theme.dark"),
    ("chip-style: bold", "chip-style: shiny", "styles.chip-style"),
    ("border: focus", "border: fokus", "textual.border"),
    ("block-cursor-text-style: none", "block-cursor-text-style: loud", "textual.block-cursor-text-style"),
    ("border: focus", "page: focus", "textual.page"),
    ("version: 1", "version: 2", "version"),
    ("roles:", "rolls:", "rolls"),
    ("version: 1", "version: [", "broken.yaml"),
    ("textual:", "textual: everything\nx:", "x"),
]


@pytest.mark.parametrize(("good", "bad", "field"), BROKEN)
def test_a_broken_theme_is_named_with_its_field_and_costs_only_itself(
    tmp_path: Path, good: str, bad: str, field: str
) -> None:
    text = (bundled_dir() / "night.yaml").read_text("utf-8")
    assert good in text
    path = tmp_path / "broken.yaml"
    path.write_text(text.replace(good, bad, 1), "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_theme(path)
    assert str(path) in str(caught.value)
    assert field in str(caught.value)
    theme, trouble = start_theme("broken", tmp_path)
    assert theme.name == "night"
    assert str(trouble) == str(caught.value)
    themes, errors = load_themes(tmp_path)
    assert sorted(theme.name for theme in themes) == NAMES
    assert len(errors) == 1


@pytest.mark.parametrize("content", [b"", b"- a list", b"\xff\xfe\x00"])
def test_a_file_that_is_no_theme_at_all(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"odd\.yaml"):
        load_theme(path)


def test_a_misspelt_field_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text((bundled_dir() / "night.yaml").read_text("utf-8").replace("  ticket:", "  tiket:"), "utf-8")
    with pytest.raises(ConfigError, match=r"Did you mean roles\.ticket\?"):
        load_theme(path)


def test_a_users_theme_comes_beside_the_bundled_ones_or_in_their_place(tmp_path: Path) -> None:
    text = (bundled_dir() / "night.yaml").read_text("utf-8").replace("#ff7077", "#ff0000")
    (tmp_path / "mine.yaml").write_text(text, "utf-8")
    (tmp_path / "day.yaml").write_text(text, "utf-8")
    assert set(theme_files(tmp_path)) == {*NAMES, "mine"}
    theme, trouble = start_theme("day", tmp_path)
    assert trouble is None
    assert theme.variables["page"] == "#ff0000"
    assert theme.name == "day"


def test_a_theme_that_is_not_there() -> None:
    theme, trouble = start_theme("nacht")
    assert theme.name == "night"
    assert "'nacht'" in str(trouble)
    assert "night" in str(trouble)


@pytest.mark.parametrize(
    ("environ", "wanted", "expected"),
    [
        ({"TERM": "xterm-256color"}, None, "night"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, None, "night"),
        ({"TERM": "xterm-kitty"}, None, "night"),
        ({"TERM": "linux"}, None, "ansi-16"),
        ({"TERM": "xterm"}, None, "ansi-16"),
        ({"TERM": "xterm-16color"}, None, "ansi-16"),
        ({"TERM": "dumb"}, None, "mono"),
        ({}, None, "mono"),
        ({"TERM": "linux"}, "day", "day"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, None, "mono"),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, "day", "mono"),
    ],
)
def test_the_terminal_chooses_unless_a_person_does(environ: dict[str, str], wanted: str | None, expected: str) -> None:
    assert choose_theme(environ, wanted) == expected


def test_no_name_of_ours_is_one_of_textuals() -> None:
    own = load("night").to_color_system()
    own.variables = {}
    assert not (set(ROLES) | set(STYLES)) & set(own.generate())
    assert len({*ROLES, *STYLES, *COLOURS}) == len(ROLES) + len(STYLES) + len(COLOURS)


def test_the_start_reads_one_theme_and_no_widget_that_textual_has_not_loaded_anyway() -> None:
    code = """
import sys, pathlib
import textual.app
there = set(sys.modules)
read = []
real = pathlib.Path.read_text
pathlib.Path.read_text = lambda self, *a, **k: (read.append(self.name), real(self, *a, **k))[1]
from finops_tui.ui.theme import start_theme
from finops_tui.ui import wire
from finops_tui.ui.widgets import banner, footer, gauge, identity, money, pane_line, strip, table, tabs
start_theme("night")
print([name for name in read if name.endswith(".yaml")])
print([name for name in sys.modules if name.startswith("textual.widgets.") and name not in there])
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["['night.yaml']", "[]"]
