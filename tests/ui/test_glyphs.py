from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from finops_tui.ui import glyphs
from finops_tui.ui.glyphs import ARROW, ASCII, ASCII_OF, ASCII_OF_GAUGE, CUT, UNICODE, choose_glyphs

PROSE_ONLY = {ARROW, CUT}


def test_every_sign_has_a_fallback_of_its_own_width() -> None:
    for sign, text in {**ASCII_OF, **ASCII_OF_GAUGE}.items():
        assert text.isascii()
        if sign not in PROSE_ONLY:
            assert cell_len(text) == cell_len(sign) == 1, sign


def test_every_sign_of_the_module_can_be_folded() -> None:
    signs = [value for name, value in vars(glyphs).items() if name.isupper() and isinstance(value, str)]
    assert len(signs) > 20
    for sign in signs:
        assert ASCII.fold(sign).isascii(), sign
        assert UNICODE.fold(sign) == sign


def test_signs_that_stand_for_states_differ_in_either_set() -> None:
    states = [glyphs.PAGE, glyphs.TICKET, glyphs.INFO, glyphs.OK, glyphs.MARKED, glyphs.PROTECTED, glyphs.STALE]
    for one in (UNICODE, ASCII):
        assert len({one.fold(sign) for sign in states}) == len(states)


def test_a_gauge_folds_into_its_own_signs_and_a_line_into_others() -> None:
    assert ASCII.fold("━━──", gauge=True) == "##.."
    assert ASCII.fold("━━──") == "==--"


def test_prose() -> None:
    assert ASCII.fold("▲ ≈$1,284/h  +58% · replicas 4→6 × −1 Δ …") == "! e$1,284/h  +58% . replicas 4->6 x -1 d .."


@given(st.text(max_size=40))
def test_ascii_is_ascii(text: str) -> None:
    assert ASCII.fold(text).isascii()


def test_foreign_letters_lose_their_accents_and_keep_their_width() -> None:
    assert ASCII.fold("café") == "cafe"
    assert ASCII.fold("训练") == "????"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"LANG": "en_US.UTF-8"}, UNICODE),
        ({"LANG": "C.UTF-8"}, UNICODE),
        ({"LANG": "de_DE.utf8"}, UNICODE),
        ({"LANG": "en_US.ISO-8859-1"}, ASCII),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, ASCII),
        ({"LANG": "en_US.ISO-8859-1", "LC_CTYPE": "en_US.UTF-8"}, UNICODE),
        ({"LANG": "ja_JP.UTF-8"}, ASCII),
        ({"LANG": "zh_CN.UTF-8", "LC_CTYPE": "C.UTF-8"}, ASCII),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "ko_KR.UTF-8"}, ASCII),
        ({}, ASCII),
    ],
)
def test_the_locale_decides(environ: dict[str, str], expected: glyphs.Glyphs) -> None:
    assert choose_glyphs(environ) is expected
    assert choose_glyphs(environ, ascii_wanted=True) is ASCII
