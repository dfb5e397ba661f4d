"""Spans in lines: nothing is lost, nothing is too wide."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from finops_tui.ui.wrap import NARROWEST, wrapped_spans

WORDS = st.lists(st.text("abcé漢", min_size=1, max_size=NARROWEST // 2), min_size=1, max_size=12)


@given(
    spans=st.lists(st.tuples(WORDS, st.sampled_from(["text", "quiet"])), min_size=1, max_size=5),
    width=st.integers(8, 60),
)
def test_every_word_keeps_its_role_and_no_line_is_too_wide(spans: list[tuple[list[str], str]], width: int) -> None:
    given_spans = [(f" {' '.join(words)} ", role) for words, role in spans]
    lines = wrapped_spans(given_spans, width)
    assert all(sum(cell_len(text) for text, _ in line) <= max(width, NARROWEST) for line in lines)
    shown = [(text, role) for line in lines for text, role in line if text.strip()]
    assert shown == [(word, role) for words, role in spans for word in words]


def test_a_word_that_is_too_long_is_cut() -> None:
    assert wrapped_spans([("x" * 30, "text")], 10) == [[("x" * 9 + "…", "text")]]


def test_an_indent_stays_and_blanks_at_a_break_go() -> None:
    assert wrapped_spans([("  a", "text"), (" bbbbbbbb", "quiet")], 8) == [
        [("  ", "text"), ("a", "text"), (" ", "quiet")],
        [("bbbbbbbb", "quiet")],
    ]
