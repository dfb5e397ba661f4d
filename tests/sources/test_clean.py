from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.sources.clean import one_line


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("plain", "plain"),
        ("  two\n\tlines  ", "two lines"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;https://evil.test\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred", "31mred"),
        ("user\u202egnp.exe", "usergnp.exe"),
        ("a\u200bb\ufeffc\u2066d", "abcd"),
        ("bell\x07null\x00del\x7f", "bellnulldel"),
        ("\ud800lone", "lone"),
        ("naïve 日本語 🚀", "naïve 日本語 🚀"),
        ("[bold]markup[/]", "[bold]markup[/]"),
    ],
)
def test_hostile_text_becomes_harmless(hostile: str, harmless: str) -> None:
    assert one_line(hostile) == harmless


def test_long_text_is_cut_and_shows_it() -> None:
    assert one_line("x" * 10_000, 10) == "xxxxxxxxx…"
    assert one_line(404) == "404"


@given(st.text(), st.integers(1, 50))
def test_whatever_comes_is_one_printable_line_and_clean_text_stays(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert line.isprintable()
    assert len(line) <= limit
    assert one_line(line, limit) == line


def test_a_hundred_megabytes_take_no_time() -> None:
    assert len(one_line("\x1b[" * 50_000_000)) <= 253
