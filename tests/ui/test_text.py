from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cached_cell_len, cell_len
from wcwidth import wcswidth

from finops_tui.ui.text import (
    WIDTHS_KEPT,
    clean,
    cut_before_money,
    cut_before_time,
    cut_bracket,
    cut_end,
    cut_host,
    cut_middle,
    cut_path,
    cut_words,
    forget_widths,
    harmless,
    pad,
)

HOSTILE = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("\x1b[]0;m\x07\r\n\t\x9b\u202e\u202d\u2066\u2069\u200b\u200d\ufeff\u0301\u20e3\ufe0f/-a1"),
        st.sampled_from("👩💻🏽🇩🇪训练ﷺאب"),
    ),
    max_size=80,
)
CUTS = [cut_end, cut_host, cut_middle, cut_path, cut_words]


def is_harmless(text: str) -> bool:
    return all(unicodedata.category(char)[0] != "C" and unicodedata.category(char) not in ("Zl", "Zp") for char in text)


@given(HOSTILE)
def test_clean_text_moves_nothing_and_has_the_width_that_is_counted(text: str) -> None:
    cleaned = clean(text)
    assert is_harmless(cleaned)
    assert not any(unicodedata.bidirectional(char) in ("R", "AL", "AN", "RLO", "LRO") for char in cleaned)
    assert cell_len(cleaned) == wcswidth(cleaned)


@given(HOSTILE)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert harmless(text) == clean(text)


@given(HOSTILE, st.integers(min_value=0, max_value=40))
def test_clean_text_has_at_most_so_many_characters(text: str, limit: int) -> None:
    assert len(clean(text, limit)) <= limit


def test_every_character_there_is_has_the_width_a_terminal_gives_it() -> None:
    wrong = [code for code in range(sys.maxunicode + 1) if cell_len(clean(chr(code))) != wcswidth(clean(chr(code)))]
    assert [hex(code) for code in wrong] == []


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("retrain-v7", "retrain-v7"),
        ("\x1b[31mred\x1b[0m", "?[31mred?[0m"),
        ("\x1b]0;title\x07", "?]0;title?"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("abc\u202edcba", "abc?dcba"),
        ("ad\u200bmin", "ad?min"),
        ("cafe\u0301", "café"),
        ("z\u0363\u0364\u0365\u0366algo", "z\u0363\u0364algo"),
        ("\U0001f469\u200d\U0001f4bb", "\U0001f469\U0001f4bb"),
        ("\U0001f1e9\U0001f1ea", "DE"),
        ("[bold red]markup[/]", "[bold red]markup[/]"),
        ("训练", "训练"),
        ("אב 1", "?? 1"),
    ],
)
def test_outside_text(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_a_very_long_name_costs_no_more_than_its_beginning() -> None:
    assert len(clean("é" * 1_000_000)) == 512


@pytest.mark.parametrize("cut", CUTS)
@given(text=HOSTILE, width=st.integers(min_value=0, max_value=60), mark=st.sampled_from(["…", ".."]))
def test_what_is_cut_fits_and_stays_harmless(
    cut: Callable[[str, int, str], str], text: str, width: int, mark: str
) -> None:
    cleaned = clean(text)
    short = cut(cleaned, width, mark)
    assert cell_len(short) <= width
    assert is_harmless(short)
    if cell_len(cleaned) <= width:
        assert short == cleaned


@pytest.mark.parametrize("cut", [cut_middle, cut_path])
@given(
    text=st.text(alphabet="abcdefgh-/0123456789", min_size=1, max_size=60), width=st.integers(min_value=9, max_value=60)
)
def test_the_last_eight_cells_of_a_name_stay(cut: Callable[[str, int], str], text: str, width: int) -> None:
    assert cut(text, width).endswith(text[-8:])


def test_names_lose_their_middle_and_prose_its_end() -> None:
    assert cut_middle("retrain-v7-20260731-worker-0", 20) == "retrain-v7…-worker-0"
    assert cut_end("connection refused by the proxy", 14) == "connection re…"
    assert cut_end("words", 1) == "…"


def test_a_machine_loses_the_domain_that_it_shares_before_what_tells_it_apart() -> None:
    name = "ip-10-10-221-178.ec2.internal"
    assert cut_host(name, 29) == name
    assert cut_host(name, 21) == "ip-10-10-221-178…"
    assert cut_host(name, 17) == "ip-10-10-221-178…"
    assert cut_host(name, 16) == "ip-10-10-221-178"
    assert cut_host(name, 14) == "ip-10…-221-178"
    assert cut_host("aks-a10notebook-46658892-vmss000001", 21) == "aks-a10not…vmss000001"


def test_a_path_loses_its_namespaces_tail_first_then_the_middle_of_the_name() -> None:
    path = "research-platform/deploy/notebook-hub-worker-0"
    assert cut_path(path, 46) == path
    assert cut_path(path, 40) == "research-p…/deploy/notebook-hub-worker-0"
    assert cut_path(path, 31) == "r…/deploy/notebook-hub-worker-0"
    assert cut_path(path, 24) == "r…/deploy/noteb…worker-0"
    assert cut_path(path, 12) == "res…worker-0"


def test_padding_counts_cells() -> None:
    assert pad("训", 4) == "训  "
    assert pad("7.2", 5, right=True) == "  7.2"


@pytest.mark.parametrize(
    ("width", "cut"),
    [
        (24, "Silent since 13:56:20Z …"),
        (23, "Silent since 13:56:20Z…"),
        (22, "Silent since…"),
        (15, "Silent since…"),
        (9, "Silent s…"),
        (99, "Silent since 13:56:20Z (refused)."),
    ],
)
def test_a_sentence_loses_a_figure_whole_or_not_at_all(width: int, cut: str) -> None:
    assert cut_words("Silent since 13:56:20Z (refused).", width) == cut.replace(" …", "…")


def test_widths_of_figures_that_never_come_again_are_let_go() -> None:
    cached_cell_len.cache_clear()
    for number in range(WIDTHS_KEPT):
        cell_len(f"${number:,}/h")
    forget_widths()
    assert cached_cell_len.cache_info().currsize == WIDTHS_KEPT
    cell_len("one more")
    forget_widths()
    assert cached_cell_len.cache_info().currsize == 0


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (42, "Pause retrain-v7: done, saves $412.0/h"),
        (30, "Pause retrain… saves $412.0/h"),
        (24, "Pause… saves $412.0/h"),
        (20, "Pause retrain-v7: d…"),
    ],
)
def test_words_are_cut_before_the_sum_that_a_sentence_ends_with(width: int, shown: str) -> None:
    cut = cut_before_money("Pause retrain-v7: done, saves $412.0/h", width)
    assert cell_len(cut) <= width
    assert ("$412.0/h" in cut) == ("$412.0/h" in shown)
    assert "$" not in cut.replace("$412.0/h", "")


def test_a_bracket_goes_before_the_name_is_cut() -> None:
    assert cut_bracket("you (root@bastion)", 9) == "you"
    assert cut_bracket("you (root@bastion)", 30) == "you (root@bastion)"
    assert cut_bracket("platform-oncall (root@bastion)", 9) == "platform…"


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("6 GPUs idle from Tue 22:10Z", "6 GPUs idle…"),
        ("6 GPUs idle since 22:10Z", "6 GPUs idle…"),
        ("workers 1→9 of it, 3 Nov 13:47Z", "workers 1→9 of it…"),
    ],
)
def test_a_moment_is_never_cut_nor_is_its_day_left_alone(text: str, cut: str) -> None:
    assert cut_before_time(text, cell_len(text)) == text
    for width in range(cell_len(cut), cell_len(text)):
        assert cut_before_time(text, width) == cut, width
    for width in range(1, cell_len(cut)):
        assert cell_len(cut_before_time(text, width)) <= width
