from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from finops_tui.ui.glyphs import ASCII, UNICODE, Glyphs
from finops_tui.ui.palette import CURSOR, PANEL, TINTS, Palette
from finops_tui.ui.text import clean
from finops_tui.ui.theme import ROLES, bundled_dir, load_theme

ALL_ROLES = sorted({*ROLES, *TINTS})


def palette(name: str, glyphs: Glyphs = UNICODE) -> Palette:
    theme = load_theme(bundled_dir() / f"{name}.yaml")
    return Palette({**theme.to_color_system().generate(), **theme.variables}, glyphs)


def test_a_role_is_its_colour_on_the_ground_it_stands_on() -> None:
    night = palette("night")
    assert str(night.style("page")) == "#ff7077 on #0f1318"
    assert str(night.style("page bold")) == "bold #ff7077 on #0f1318"
    assert str(night.style("text", PANEL)) == "#d5dce5 on #1a212a"
    assert str(night.style("idle", CURSOR)) == "#c3a0f5 on #1d2d3e"
    assert str(night.style("chip", PANEL)) == str(night.style("chip", CURSOR)) == "bold #ffffff on #d62f40"
    assert str(night.style("armed")) == "bold #ffcf66 on #4d3a10"
    assert str(night.style("area")) == "#d62f40 on #0f1318"


def test_the_cursor_row_of_a_theme_without_colours_is_one_even_bar() -> None:
    for name in ("mono", "ansi-16"):
        style = palette(name).style("quiet", CURSOR)
        assert style.reverse
        assert not style.dim
        assert style.color is not None
        assert style.color.is_default


@pytest.mark.parametrize("name", ["night", "day", "high-contrast", "colour-blind", "ansi-16", "mono"])
def test_every_role_has_a_style_in_every_theme(name: str) -> None:
    styles = palette(name)
    for role in ALL_ROLES:
        style = styles.style(role)
        assert style.color is not None
        assert style.bgcolor is not None


def test_a_foreign_theme_without_our_roles_still_shows_text() -> None:
    style = Palette({"foreground": "#eeeeee", "background": "#111111"}).style("page bold")
    assert str(style) == "bold #eeeeee on #111111"


def test_pieces_alike_become_one_segment_and_blanks_join_what_is_before_them() -> None:
    night = palette("night")
    spans = [("4", "text"), ("2", "text"), ("   ", "quiet"), ("idle", "idle"), ("", "page"), ("  ", "text")]
    assert [segment.text for segment in night.segments(spans)] == ["42   ", "idle  "]


def test_blanks_are_not_underlined_nor_reversed() -> None:
    mono = palette("mono")
    assert [s.text for s in mono.segments([("HEAD", "heading"), ("  ", "text"), ("X", "heading")])] == [
        "HEAD",
        "  ",
        "X",
    ]
    assert [s.text for s in mono.segments([(" chip ", "chip"), ("  ", "text")])] == [" chip ", "  "]


@given(st.text(max_size=40), st.sampled_from(ALL_ROLES))
def test_nothing_but_text_leaves_a_fold(text: str, role: str) -> None:
    folded, kept = palette_cache.fold((text, role))
    assert kept == role
    assert folded == clean(text)
    ascii_text, _ = ascii_cache.fold((text, role))
    assert ascii_text.isascii()
    assert cell_len(ascii_text) == len(ascii_text)


palette_cache, ascii_cache = palette("night"), palette("night", ASCII)


def test_a_gauge_folds_by_its_role() -> None:
    assert ascii_cache.fold(("━━", "bar")) == ("##", "bar")
    assert ascii_cache.fold(("──", "bar-track")) == ("..", "bar-track")
    assert ascii_cache.fold(("──", "rule")) == ("--", "rule")
