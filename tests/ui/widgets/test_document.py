from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.ui.glyphs import ASCII
from finops_tui.ui.palette import Palette
from finops_tui.ui.widgets.columns import Column
from finops_tui.ui.widgets.document import Block, Document, Pen
from finops_tui.ui.widgets.lines import width_of
from finops_tui.ui.widgets.pane_line import PaneTitle
from tests.ui.samples import HOSTILE_TEXTS

PALETTE = Palette({})
COLUMNS: tuple[Column[str], ...] = (Column(id="name", title="NAME", cell=lambda row: row, width=4, grow=1),)


def table(pen: Pen, *rows: str) -> Block:
    keys = set(rows)
    return pen.block([pen.title(PaneTitle(title="List"), keys), *pen.table(COLUMNS, rows, lambda row: row)])


def test_blocks_stand_below_and_beside_each_other() -> None:
    pen = Pen(10, PALETTE)
    document = Document([[pen.block([pen.line([("top", "text")])])], [table(pen, "a", "b"), table(pen, "c")]])
    assert document.text.split("\n") == [
        "top",
        "",
        "── List ──   ── List ──",
        "  NAME         NAME",
        "  a            c",
        "  b",
    ]
    assert document.keys == ("a", "b", "c"), "down the first list, then down the one beside it"
    assert document.places["c"] == (4, 13)


def test_the_cursor_is_a_bar_and_a_thick_line() -> None:
    lines = Document([[table(Pen(12, PALETTE, "b"), "a", "b")]]).text.split("\n")
    assert lines == ["━━ List ━━━━", "  NAME", "  a", "▌ b"]
    assert Document([[table(Pen(12, Palette({}, ASCII), "b"), "a", "b")]]).text.split("\n")[3] == "> b"


@given(
    st.lists(st.sampled_from(HOSTILE_TEXTS), min_size=1, max_size=5),
    st.integers(min_value=12, max_value=200),
    st.booleans(),
)
def test_whatever_is_written_every_piece_has_its_width(texts: list[str], width: int, ascii_only: bool) -> None:
    pen = Pen(width, Palette({}, ASCII) if ascii_only else PALETTE)
    pieces = [pen.line([(text, "text")]) for text in texts]
    pieces += [piece for text in texts for piece in pen.prose(text, indent=6, label="Why ")]
    pieces += [pen.line(line) for line in pen.flow([((text, "text"),) for text in texts], 4, [("x", "text")])]
    pieces += pen.table(COLUMNS, texts, lambda row: row)
    pieces.append(pen.title(PaneTitle(title=texts[0])))
    assert {width_of(piece.spans) for piece in pieces} == {width}
    assert all(text.isprintable() for piece in pieces for text, _ in piece.spans)


def test_phrases_stay_whole_and_fill_lines() -> None:
    phrases = [((word, "text"),) for word in ("alpha beta", "gamma", "delta epsilon")]
    lines = ["".join(text for text, _ in line) for line in Pen(24, PALETTE).flow(phrases, 4, [("▲", "page")])]
    assert lines == ["▲   alpha beta   gamma", "    delta epsilon"]


@pytest.mark.parametrize(("most", "lines"), [(0, 3), (2, 2), (5, 3)])
def test_prose_takes_as_many_lines_as_it_may(most: int, lines: int) -> None:
    pieces = Pen(20, PALETTE).prose("one two three four five six seven eight", indent=6, label="Why ", most=most)
    assert len(pieces) == lines
    assert pieces[0].spans[0][0] == "  Why "
    if lines == 2:
        assert "".join(text for text, _ in pieces[1].spans).endswith("…")
