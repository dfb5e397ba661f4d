from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from finops_tui.ui.glyphs import ASCII, UNICODE
from finops_tui.ui.palette import Palette, Span
from finops_tui.ui.text import cut_middle
from finops_tui.ui.widgets.columns import GUTTER, Column, Placed, draw_cell, draw_head, place

Row = str


def column(name: str, width: int, priority: int, *, grow: int = 0, max_width: int = 1_000) -> Column[Row]:
    return Column(
        id=name,
        title=name.upper(),
        width=width,
        priority=priority,
        grow=grow,
        max_width=max_width,
        cell=lambda row: row,
        sort=len,
    )


WHAT = column("what", 24, 1, grow=2)
CAUSE = column("cause", 20, 5, grow=1)
RATE = Column[Row](id="rate", title="≈$/h", width=7, priority=2, align="right", cell=lambda row: row, sort=len)
OWNER = column("owner", 8, 6)
COLUMNS = (WHAT, OWNER, RATE, CAUSE)


def ids(width: int) -> list[str]:
    return [placed.column.id for placed in place(COLUMNS, width)]


def test_columns_go_by_priority_as_the_screen_narrows() -> None:
    assert ids(80) == ["what", "owner", "rate", "cause"]
    assert ids(60) == ["what", "rate", "cause"]
    assert ids(50) == ["what", "rate"]
    assert ids(30) == ["what"]


@given(st.integers(min_value=0, max_value=300))
def test_columns_never_overlap_nor_leave_the_line(width: int) -> None:
    placed = place(COLUMNS, width)
    assert placed[0].start == GUTTER
    for one, other in pairwise(placed):
        assert one.end < other.start
    assert placed[-1].end <= max(width, GUTTER)


@given(st.integers(min_value=34, max_value=300))
def test_names_keep_their_cells_while_another_column_can_go(width: int) -> None:
    placed = place(COLUMNS, width)
    assert placed[0].width >= 24 or len(placed) == 1
    assert placed[-1].end == width


def test_only_columns_that_grow_get_what_is_left_over() -> None:
    widths = {placed.column.id: placed.width for placed in place(COLUMNS, 200)}
    assert widths["owner"] == 8
    assert widths["rate"] == 7
    assert widths["what"] - 24 > widths["cause"] - 20 > 0


def test_a_column_grows_to_its_largest_width() -> None:
    columns = (column("a", 10, 1, grow=1, max_width=20), column("b", 10, 2, grow=1))
    assert [placed.width for placed in place(columns, 100)] == [20, 77]


def test_a_title_reserves_the_cell_of_its_sort_mark() -> None:
    assert Column[Row](id="x", title="IDLE $/h", width=7, cell=str, sort=len).cells == 9
    assert Column[Row](id="x", title="IDLE $/h", width=7, cell=str).cells == 8


CELL = st.one_of(
    st.text(max_size=30),
    st.lists(st.tuples(st.text(max_size=12), st.sampled_from(["text", "page", "quiet"])), max_size=4),
)


@given(cell=CELL, width=st.integers(min_value=1, max_value=40), right=st.booleans(), stale=st.booleans())
def test_a_cell_is_always_as_wide_as_its_column(
    cell: str | list[Span], width: int, *, right: bool, stale: bool
) -> None:
    for glyphs in (UNICODE, ASCII):
        shown = Column[Row](
            id="x", title="X", width=width, cell=lambda _: cell, align="right" if right else "left", figure=True
        )
        spans = draw_cell(Placed(shown, GUTTER, width), "", Palette({}, glyphs), stale=stale)
        assert sum(cell_len(text) for text, _ in spans) == width


def test_figures_of_a_stale_row_say_so_and_names_do_not() -> None:
    palette = Palette({})
    gauge = Column[Row](id="g", title="G", width=3, cell=lambda _: (("━", "bar"), ("──", "bar-track")), figure=True)
    name = Column[Row](id="n", title="N", width=3, cell=lambda _: "abc")
    assert draw_cell(Placed(gauge, 2, 3), "", palette, stale=True) == (("━", "stale"), ("──", "bar-track"))
    assert draw_cell(Placed(name, 2, 3), "", palette, stale=True) == (("abc", "text"),)


def test_names_are_cut_as_their_column_says_and_spans_at_their_end() -> None:
    palette = Palette({})
    middle = Column[Row](id="n", title="N", width=20, cell=lambda row: row, cut=cut_middle)
    spans = Column[Row](id="s", title="S", width=9, cell=lambda _: (("chat/", "quiet"), ("api-70b", "text bold")))
    assert draw_cell(Placed(middle, 2, 20), "retrain-v7-20260731-worker-0", palette, stale=False) == (
        ("retrain-v7…-worker-0", "text"),
    )
    assert draw_cell(Placed(spans, 2, 9), "", palette, stale=False) == (("chat/", "quiet"), ("api…", "text bold"))


def head(sorted_by: str, *, descending: bool) -> str:
    placed = place((WHAT, RATE), 40)
    return "".join(text for text, _ in draw_head(placed, sorted_by, descending, Palette({})))


def test_the_sort_mark_stands_before_a_right_aligned_title_and_after_a_left_aligned_one() -> None:
    plain = head("", descending=True)
    assert plain.index("WHAT") == GUTTER
    assert plain.endswith("≈$/h")
    assert head("rate", descending=True) == plain.replace(" ≈$/h", "↓≈$/h")
    assert head("what", descending=False) == plain.replace("WHAT ", "WHAT↑")
