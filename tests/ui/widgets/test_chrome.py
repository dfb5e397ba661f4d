"""The lines around the panes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.widget import Widget

from finops_tui.ui.glyphs import ASCII, UNICODE, Glyphs
from finops_tui.ui.palette import Palette, Span
from finops_tui.ui.widgets.banner import Banner, Notice
from finops_tui.ui.widgets.footer import Footer, Hints, KeyHint, SourcesLine
from finops_tui.ui.widgets.identity import Identity, IdentityLine
from finops_tui.ui.widgets.lines import Line, Lines, changed_cells, fill, spread, width_of
from finops_tui.ui.widgets.money import Chip, ChipState, Money, MoneyLine, Part
from finops_tui.ui.widgets.pane_line import PaneLine, PaneTitle
from finops_tui.ui.widgets.strip import Marker, SpendStrip, StripData
from finops_tui.ui.widgets.tabs import Tab, TabRow, Tabs
from tests.ui.widgets.harness import Bench, lines_of, painted, screen_text, without_colour

NOW = datetime(2026, 7, 31, 14, 2, 31, tzinfo=UTC)
UNICODE_PALETTE = Palette({})

IDENTITY = Identity(scope=("prod-us", "prod-eu", "staging"), mode="DEMO 60×", clock="14:02:31Z")
NOTICE = Notice(
    mark="~",
    lead="Prometheus prod-us has not answered since 13:56:20Z",
    cause="(connection refused).",
    rest="Figures marked ~ are 6m old.",
    brief="~ 6m old.",
    others=2,
    key="r",
    verb="retry now",
)
PAGE = Chip(usd_per_hour=1_284.2, deviation=0.58, state=ChipState.PAGE)
CALM = Chip(usd_per_hour=806.2, deviation=-0.01, state=ChipState.CALM)
MONEY = Money(
    chip=PAGE,
    left=(
        Part((("over normal ", "quiet"), ("$812", "text")), 0),
        Part((("burned ", "quiet"), ("$320", "text bold")), 1),
    ),
    right=(
        Part(
            (("today ", "quiet"), ("$18.2k", "text"), (" of $21.0k", "quiet")),
            3,
            (("today ", "quiet"), ("$18.2k", "text")),
        ),
        Part(
            (("month-end ", "quiet"), ("≈$612k", "ticket"), (" of $600k", "quiet"), (" 102%", "ticket")),
            2,
            (("month-end ", "quiet"), ("≈$612k", "ticket"), (" 102%", "ticket")),
        ),
    ),
)
TAIL = (
    Part((("READ-ONLY", "quiet"),), 4),
    Part((("FROZEN", "text bold"),), 1, stays=True),
    Part((("DEMO 60×", "text bold"),), 3, (("DEMO", "text bold"),), stays=True),
    Part((("14:02:31Z", "text"),), 2, (("14:02Z", "text"),), stays=True),
)
HINTS = Hints(
    keys=tuple(
        KeyHint(*hint)
        for hint in (("enter", "details"), ("/", "filter"), (":", "commands"), ("?", "help"), ("W", "arm"))
    ),
    sources=(("~ prom down 6m", "stale"), ("k8s live", "quiet"), ("prices 5h", "quiet")),
)
TABS = TabRow(
    (
        Tab("1", "Findings", (("▲1", "page"),)),
        Tab("2", "GPU"),
        Tab("3", "SLO", (("●1", "ticket"),)),
        Tab("4", "Spot", (("11 lost", "spot"),)),
        Tab("5", "Activity"),
    )
)
STRIP = StripData(
    values=(806.0,) * 60 + (870.0,) * 105 + (1_000.0, 1_100.0, 1_200.0) + (1_284.0,) * 12,
    normal=(812.0,) * 180,
    end=NOW,
    markers=(
        Marker(NOW - timedelta(minutes=15), "nlp-train workers 1→9, 13:47Z", "page"),
        Marker(NOW - timedelta(hours=2), "8 a100-spot lost, 12:02Z"),
    ),
)


def drawn(widget: Lines[object] | Widget, width: int, palette: Palette = UNICODE_PALETTE) -> str:
    assert isinstance(widget, Lines)
    return "".join(text for text, _ in fill(widget.draw(width, palette)[0], width)).rstrip()


def test_the_identity_line_writes_out_what_fits_and_counts_the_rest() -> None:
    line = IdentityLine(IDENTITY)
    assert drawn(line, 90).startswith(" finops-tui   prod-us, prod-eu, staging   ")
    assert drawn(line, 90).endswith("READ-ONLY  DEMO 60×  14:02:31Z")
    assert " prod-us, prod-eu +1 " in drawn(line, 70)
    assert " prod-us +2 " in drawn(line, 60)
    assert drawn(line, 40).endswith("READ-ONLY  DEMO 60×  14:02:31Z")


def test_the_money_line_of_a_page() -> None:
    assert drawn(MoneyLine(MONEY), 120).startswith("  ▲ ≈$1,284/h  +58%   over normal $812   burned $320   ")
    assert drawn(MoneyLine(MONEY), 120).endswith("today $18.2k of $21.0k   month-end ≈$612k of $600k 102%")


def test_a_narrow_money_line_drops_limits_then_today_then_month_end_then_burned() -> None:
    wanted = ["of $21.0k", "of $600k", "today", "month-end", "burned"]
    seen = []
    for width in range(130, 30, -1):
        text = drawn(MoneyLine(MONEY), width)
        seen += [words for words in wanted if words not in text and words not in seen]
        assert "▲ ≈$1,284/h  +58%" in text
    assert seen == wanted


def test_what_is_spare_goes_before_anything_is_shortened() -> None:
    spare = Part((("GPUs 241 of 276", "text"),), 0, spare=True)
    line = MoneyLine(MONEY._replace(right=(spare, *MONEY.right)))
    seen = [text for width in range(160, 90, -1) if "GPUs" not in (text := drawn(line, width))]
    assert seen[0].endswith("today $18.2k of $21.0k   month-end ≈$612k of $600k 102%")


@pytest.mark.parametrize(
    ("chip", "text", "role"),
    [
        (CALM, " ✓ ≈$806/h ", "chip-calm"),
        (PAGE, " ▲ ≈$1,284/h  +58% ", "chip"),
        (Chip(usd_per_hour=900, deviation=0.1, state=ChipState.TICKET), " ● ≈$900/h  +10% ", "chip-calm"),
        (Chip(usd_per_hour=38.0, estimated=False), "   $38.0/h ", "chip-calm"),
        (Chip(), "   – ", "chip-calm"),
        (
            Chip(usd_per_hour=1_284, deviation=0.58, state=ChipState.PAGE, stale_seconds=365),
            " ~ ▲ ≈$1,284/h  +58%  6m old ",
            "chip-stale",
        ),
        (Chip(usd_per_hour=12, stale_seconds=60), " ~ ≈$12.0/h  1m old ", "chip-stale"),
    ],
)
def test_the_chip(chip: Chip, text: str, role: str) -> None:
    assert "".join(part for part, _ in chip.spans()) == text
    assert chip.spans()[-1][1] == role


def test_the_chip_of_pages_that_somebody_looks_after_keeps_its_words_and_loses_its_fill() -> None:
    known = PAGE._replace(acknowledged=True)
    assert "".join(text for text, _ in known.spans()) == "".join(text for text, _ in PAGE.spans())
    assert "chip" in {role for _, role in PAGE.spans()}
    assert "chip" not in {role for _, role in known.spans()}
    assert ("▲", "page") in known.spans()


def test_a_figure_is_never_cut_for_the_tail() -> None:
    line = MoneyLine(Money(chip=PAGE, left=MONEY.left, tail=TAIL))
    assert drawn(line, 80).endswith("over normal $812      READ-ONLY FROZEN DEMO 60× 14:02:31Z")
    assert drawn(line, 74).endswith("over normal $812          FROZEN DEMO 60× 14:02:31Z"), "it outlives READ-ONLY"
    assert drawn(line, 62).endswith("over normal $812     FROZEN DEMO 14:02Z"), "and seconds"
    assert drawn(line, 52).endswith("+58%       FROZEN DEMO 60× 14:02:31Z"), "which need not go where that is in vain"
    assert drawn(line, 46).endswith("+58%     FROZEN DEMO 14:02:31Z")
    assert drawn(line, 44).endswith("+58%      FROZEN DEMO 14:02Z")
    assert drawn(line, 40) == "  ▲ ≈$1,284/h         FROZEN DEMO 14:02Z"
    assert all("▲ ≈$1,284/h" in drawn(line, width) for width in range(15, 80))


def test_armed_frozen_mode_and_clock_never_go_while_the_screen_is_large_enough() -> None:
    armed = Part((("ARMED 14m", "armed"),), 4, (("ARMED", "armed"),), stays=True)
    line = MoneyLine(Money(chip=PAGE, left=MONEY.left, right=MONEY.right, tail=(armed, *TAIL[1:])))
    for width in range(40, 80):
        text = drawn(line, width)
        assert all(word in text for word in ("≈$1,284/h", "ARMED", "FROZEN", "DEMO", "14:02")), text


def test_the_tail_of_the_money_line_stays() -> None:
    money = Money(chip=PAGE, left=MONEY.left, right=MONEY.right, tail=TAIL[-1:])
    assert drawn(MoneyLine(money), 44).endswith("14:02:31Z")


def test_the_banner_cuts_what_it_means_then_the_key_then_the_cause() -> None:
    assert drawn(Banner(NOTICE), 130) == (
        " ~ Prometheus prod-us has not answered since 13:56:20Z (connection refused). "
        "Figures marked ~ are 6m old.  (+2)  r retry now"
    )
    assert drawn(Banner(NOTICE), 110).endswith("(connection refused). ~ 6m old.  (+2)  r retry now")
    assert drawn(Banner(NOTICE), 100).endswith("(connection refused).  (+2)  r retry now"), "no figure is ever cut"
    assert drawn(Banner(NOTICE), 84).endswith("(connection refused).  (+2)"), "the cause outlives the key"
    assert drawn(Banner(), 80) == ""


def test_the_banner_never_cuts_a_figure() -> None:
    bare = NOTICE._replace(cause="", key="", verb="")
    told = {word for text in (bare.lead, bare.rest, bare.brief) for word in text.split()} | {"(+2)"}
    for width in range(20, 120):
        shown = [word for word in drawn(Banner(bare), width).split() if any(map(str.isdigit, word))]
        assert {word.removesuffix("…") for word in shown} <= told, width


def test_the_footer_drops_calm_sources_then_keys_from_the_right_but_never_help() -> None:
    footer = Footer(HINTS)
    assert drawn(footer, 120).startswith(" enter details   / filter   : commands   ? help   W arm   ")
    assert drawn(footer, 120).endswith("~ prom down 6m · k8s live · prices 5h")
    dropped = []
    for width in range(120, 20, -1):
        text = drawn(footer, width)
        assert "? help" in text
        dropped += [
            words
            for words in ("W arm", ": commands", "/ filter", "enter details", "prices 5h", "k8s live", "prom down")
            if words not in text and words not in dropped
        ]
    assert dropped == ["prices 5h", "k8s live", "W arm", ": commands", "/ filter", "enter details", "prom down"]


def test_sources_on_their_own_line_stand_at_its_end() -> None:
    line = SourcesLine(HINTS.sources)
    assert drawn(line, 60).endswith("~ prom down 6m · k8s live · prices 5h")
    assert drawn(line, 30).endswith("~ prom down 6m · k8s live")


def test_tabs_come_closer_and_then_lose_titles() -> None:
    tabs = Tabs(TABS)
    assert drawn(tabs, 80) == "  1 Findings ▲1    2 GPU    3 SLO ●1    4 Spot 11 lost    5 Activity"
    assert drawn(tabs, 60) == "  1 Findings ▲1 2 GPU 3 SLO ●1 4 Spot 11 lost 5 Activity"
    assert drawn(tabs, 40) == "  1 Findings ▲1 2 3 ●1 4 11 lost 5"
    below = tabs.draw(80, UNICODE_PALETTE)[1]
    assert [(len(text), role) for text, role in below] == [(1, "rule"), (15, "focus"), (64, "rule")]


def test_the_pane_line() -> None:
    title = PaneTitle(number="2", title="GPU", summary=(("≈$57.2/h idle", "idle"),))
    assert drawn(PaneLine(title), 40) == "── 2 GPU  ≈$57.2/h idle ────────────────"
    focused = PaneTitle(number="1", title="Spend", right=(("/ns=ml  4 of 212", "text"),), focused=True)
    assert drawn(PaneLine(focused), 40) == "━━ 1 Spend ━━━━━━━━━ /ns=ml  4 of 212 ━━"
    assert drawn(PaneLine(focused), 20) == "━━ 1 Spend ━━━━━━━━━"
    assert drawn(PaneLine(title), 23) == "── 2 GPU  ≈$57.2/h idle"
    assert drawn(PaneLine(title), 22) == "── 2 GPU  ≈$57.2/h id…", "it says that something is missing"
    assert drawn(PaneLine(PaneTitle(title="chat-api in prod-us")), 40) == "── chat-api in prod-us ─────────────────"


async def test_the_strip_shows_what_is_above_normal_on_top() -> None:
    strip = SpendStrip(STRIP)
    async with Bench(strip).run_test(size=(118, 5)) as pilot:
        await pilot.pause()
        above, normal, axis = lines_of(strip)
    assert above.startswith("    above ")
    assert above.rstrip().endswith("▁▁▂▃▅▅▅▅▅▅▅")
    assert set(above[10:46]) == {" "}
    assert normal == "   normal " + "█" * 108
    assert axis == (
        " " * 10
        + "11:02Z ─────────────────────────────└ 8 a100-spot lost, 12:02Z ───── nlp-train workers 1→9, 13:47Z ┘──── now"
    )


async def test_a_marker_without_room_for_all_its_words_says_the_short_ones() -> None:
    long, short = "a-team-with-a-very-long-name " * 5 + "workers 1→9", "workers 1→9"
    marker = Marker(NOW - timedelta(minutes=15), long, "page", short)
    strip = SpendStrip(STRIP._replace(markers=(marker,)))
    async with Bench(strip).run_test(size=(118, 5)) as pilot:
        await pilot.pause()
        axis = lines_of(strip)[-1]
    assert " workers 1→9 ┘" in axis
    assert "a-team" not in axis


async def test_a_gap_is_a_gap_and_says_no_data() -> None:
    strip = SpendStrip(StripData(values=(806.0,) * 170 + (None,) * 10, normal=(812.0,) * 180, end=NOW))
    async with Bench(strip).run_test(size=(118, 5)) as pilot:
        await pilot.pause()
        above, normal, axis = lines_of(strip)
    assert above.strip() == "above"
    assert normal.endswith("█······")
    assert axis.endswith("─ no data")
    assert "─12:00Z ─" in axis


async def test_without_a_normal_the_strip_shows_the_rate_alone() -> None:
    strip = SpendStrip(StripData(values=(10.0, 20.0, 40.0, 80.0) * 45, end=NOW))
    async with Bench(strip).run_test(size=(118, 5)) as pilot:
        await pilot.pause()
        above, rate, _ = lines_of(strip)
    assert above.strip() == ""
    assert rate.startswith("      $/h ")
    assert "above" not in above


EVERY = st.sampled_from(
    [
        (IdentityLine, IDENTITY),
        (MoneyLine, MONEY),
        (Banner, NOTICE),
        (Footer, HINTS),
        (Tabs, TABS),
        (PaneLine, PaneTitle(number="1", title="Spend", summary=(("a → b …", "quiet"),), right=(("4 of 9", "text"),))),
        (SpendStrip, STRIP),
        (SourcesLine, HINTS.sources),
    ]
)


@settings(max_examples=40, deadline=None)
@given(one=EVERY, width=st.integers(min_value=1, max_value=160), glyphs=st.sampled_from([UNICODE, ASCII]))
async def test_every_line_is_as_wide_as_the_screen(
    one: tuple[type[Lines[object]], object], width: int, glyphs: Glyphs
) -> None:
    kind, value = one
    widget = kind(value)
    app = Bench(widget, glyphs=glyphs)
    async with app.run_test(size=(width, 6)) as pilot:
        await pilot.pause()
        for y in range(widget.size.height):
            strip = widget.render_line(y)
            assert sum(segment.cell_length for segment in strip) == width
            if glyphs is ASCII:
                assert strip.text.isascii()


async def test_only_what_changed_is_painted() -> None:
    line = IdentityLine(IDENTITY)
    app = Bench(line)
    async with app.run_test(size=(100, 5)) as pilot:
        await pilot.pause()
        line.show(Identity(scope=IDENTITY.scope, mode=IDENTITY.mode, clock=IDENTITY.clock))
        assert painted(line) == []
        line.show(Identity(scope=("other",), mode=IDENTITY.mode, clock=IDENTITY.clock))
        assert painted(line) == [(0, 0, 67)]
        await pilot.pause()
        assert " other " in screen_text(app)[0]


async def test_a_strip_that_did_not_move_paints_nothing() -> None:
    strip = SpendStrip(STRIP)
    async with Bench(strip).run_test(size=(118, 5)) as pilot:
        await pilot.pause()
        values = tuple(value + 0.01 for value in STRIP.values if value is not None)
        strip.show(StripData(values=values, normal=STRIP.normal, end=NOW, markers=STRIP.markers))
        assert painted(strip) == []


SPANS = st.lists(st.tuples(st.text(max_size=6), st.sampled_from(["text", "page"])), max_size=6)


@given(SPANS, st.integers(min_value=0, max_value=30))
def test_filling_gives_exactly_the_width(spans: Line, width: int) -> None:
    folded = [UNICODE_PALETTE.fold(span) for span in spans]
    assert width_of(fill(folded, width)) == width
    assert width_of(spread(folded, folded, width)) == width


@given(SPANS, SPANS)
def test_what_lies_behind_the_changed_cells_is_the_same(old: Line, new: Line) -> None:
    one = fill([UNICODE_PALETTE.fold(span) for span in old], 30)
    other = fill([UNICODE_PALETTE.fold(span) for span in new], 30)
    cells = changed_cells(one, other)
    assert cells or "".join(text for text, _ in one) == "".join(text for text, _ in other)
    assert behind(one, cells) == behind(other, cells)


def behind(line: Line, cells: int) -> list[Span]:
    """Return the spans that begin at or after a cell."""
    at, spans = 0, []
    for span in line:
        if at >= cells and span[0]:
            spans.append(span)
        at += width_of([span])
    return spans


STATES: list[tuple[Lines[object] | Widget, ...]] = [
    tuple(
        MoneyLine(Money(chip=Chip(usd_per_hour=900, deviation=0.1, state=state, stale_seconds=stale)))
        for state in ChipState
        for stale in (None, 400.0)
    ),
    tuple(PaneLine(PaneTitle(number="1", title="GPU", focused=focused)) for focused in (True, False)),
    tuple(Tabs(TabRow(TABS.tabs, active)) for active in range(5)),
    (Banner(NOTICE), Banner()),
]


@pytest.mark.parametrize("theme", ["mono", "ansi-16"])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@pytest.mark.parametrize("group", range(len(STATES)))
async def test_without_colour_every_state_still_reads_differently(theme: str, glyphs: Glyphs, group: int) -> None:
    seen = []
    for widget in STATES[group]:
        assert isinstance(widget, Lines)
        app = Bench(type(widget)(widget.value), theme=theme, glyphs=glyphs)
        async with app.run_test(size=(80, 5)) as pilot:
            await pilot.pause()
            seen.append(without_colour(app.query_one(type(widget))))
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("title", ["Findings", "Nodes of prod-us/h100-train-with-a-long-name"])
@pytest.mark.parametrize("width", range(38, 130))
def test_a_filter_is_cut_but_neither_it_nor_its_count_goes(width: int, title: str) -> None:
    shown = PaneTitle(
        title, "1", (("12 open", "text"), (" · ", "quiet"), ("▲ 1 page", "page")), (("4 of 212", "focus"),),
        sought="/ns=ml usd>5 gpu<10 !batch",
    )  # fmt: skip
    (line,) = PaneLine(shown).draw(width, UNICODE_PALETTE)
    text = "".join(part for part, _ in line)
    assert "4 of 212" in text
    assert "/ns=ml usd>" in text
    assert width_of(line) == width
