from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Size

from finops_tui.ui.glyphs import ASCII
from finops_tui.ui.palette import Palette
from finops_tui.ui.widgets.cost_chart import ChartData
from finops_tui.ui.widgets.lines import width_of
from finops_tui.ui.widgets.tracks import Point, Track, TrackData, Tracks
from tests.ui.samples import HEADLINE, NOW, ago
from tests.ui.widgets.harness import Bench, lines_of, painted

SPEND = ChartData(HEADLINE.strip, HEADLINE.strip_normal, NOW)
CHANGES = Track("changes", "None.", (Point(ago(5_400), ("A", "text bold")), Point(ago(60), ("B", "text bold"))))
SPOT = Track("spot", "No node was taken.", counted=(ago(5_400), ago(5_395), *((ago(60),) * 12)))
BURN = Track("SLO burn", "Not seen yet.", values=(0.5, None, 20.0), last=NOW, grades=((14.4, "page"), (1.0, "text")))


async def draw(data: TrackData | None, size: tuple[int, int] = (120, 9)) -> list[str]:
    widget = Tracks()
    app = Bench(widget)
    async with app.run_test(size=size) as pilot:
        widget.styles.height = size[1]
        await pilot.pause()
        widget.show(data)
        await pilot.pause()
        return lines_of(widget)


def data(*tracks: Track, cursor: datetime | None = None, spend: ChartData | None = SPEND) -> TrackData:
    return TrackData(ago(10_800), NOW, spend, tracks, cursor)


async def test_rows_share_one_axis() -> None:
    lines = await draw(data(CHANGES, SPOT, BURN))
    assert lines[5].index("A") == 14 + 53
    assert lines[6][67] == "2"
    assert lines[6].rstrip().endswith("+"), "more than nine"
    assert lines[8].startswith(" " * 14 + "11:02Z")
    assert lines[8].endswith(" now")


async def test_an_empty_row_says_why() -> None:
    lines = await draw(data(CHANGES, SPOT._replace(counted=()), BURN._replace(values=())))
    assert "spot No node was taken." in lines[6]
    assert "SLO burn Not seen yet." in lines[7]


async def test_a_gap_is_a_point() -> None:
    assert "·" in (await draw(TrackData(ago(120), NOW, None, (BURN,))))[0]


async def test_the_cursor_goes_through_all_rows_and_its_time_stands_below() -> None:
    lines = await draw(data(CHANGES, SPOT, BURN, cursor=ago(1_800)))
    at = 14 + int(9_000 / 10_800 * 106)
    assert [line[at] for line in lines[5:8]] == ["┊", "┊", "·"], "what is there stays to be seen"
    assert lines[8][at:].startswith("13:32Z")


async def test_the_last_rows_go_where_there_is_no_room() -> None:
    lines = await draw(data(CHANGES, SPOT, BURN), (60, 4))
    assert [line[:9].strip() for line in lines] == ["$/h", "changes", "spot", ""]


async def test_without_spend_the_rows_stand_alone() -> None:
    lines = await draw(data(CHANGES, SPOT, spend=None), (60, 4))
    assert [line[:9].strip() for line in lines] == ["changes", "spot", "", ""]


async def test_only_what_changed_is_painted() -> None:
    widget = Tracks()
    app = Bench(widget)
    async with app.run_test(size=(120, 9)) as pilot:
        widget.styles.height = 9
        widget.show(data(CHANGES, SPOT))
        await pilot.pause()
        widget.show(data(CHANGES, SPOT))
        assert painted(widget) == []
        widget.show(data(CHANGES._replace(points=()), SPOT))
        assert [y for y, _, _ in painted(widget)] == [6]


@given(
    st.integers(min_value=40, max_value=200),
    st.lists(st.one_of(st.none(), st.floats()), max_size=200).map(tuple),
    st.lists(st.integers(min_value=-60, max_value=20_000), max_size=20),
    st.one_of(st.none(), st.integers(min_value=0, max_value=20_000)),
    st.booleans(),
)
def test_every_line_has_its_width(
    width: int, values: tuple[float | None, ...], moments: list[int], cursor: int | None, ascii_only: bool
) -> None:
    times = tuple(map(ago, moments))
    tracks = (
        Track("points", "None.", tuple(Point(at, ("▲", "page")) for at in times)),
        Track("numbers", "None.", counted=times),
        BURN._replace(values=values),
    )
    widget = _Sized(TrackData(ago(10_800), NOW, ChartData(values, (), NOW), tracks, ago(cursor) if cursor else None))
    lines = widget.draw(width, Palette({}, ASCII) if ascii_only else Palette({}))
    assert {width_of(line) for line in lines} == {width}
    assert len(lines) == 9


class _Sized(Tracks):
    """Tracks of nine lines, without a screen."""

    def __init__(self, value: TrackData) -> None:
        super().__init__()
        self.value = value

    @property
    def size(self) -> Size:
        return Size(120, 9)
