"""The incident screen at every size, with hostile names and without anything but ASCII."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tests.ui.samples import hostile
from tests.ui.screens.incident_page import SIZES, incident, page


@pytest.mark.parametrize("size", SIZES)
async def test_at_every_size_every_line_can_be_reached_and_none_is_too_wide(size: tuple[int, int]) -> None:
    async with incident(size=size) as screen:
        assert all(cell_len(line) <= size[0] for line in screen.lines)
        assert "≈$412.0/h" in screen.text
        await screen.press("5")
        assert "batch deadline" in screen.text
        await screen.press("G")
        assert "96%" in screen.text
        assert "more line" not in screen.text


async def test_where_it_does_not_fit_it_says_how_much_follows() -> None:
    async with incident(size=(80, 24)) as screen:
        assert screen.lines[22].startswith(" nlp-tr…train-v7 · 20 more lines below")
        await screen.press("G")
        assert "more line" not in screen.lines[22]


async def test_the_chart_goes_where_there_is_no_room() -> None:
    async with incident(size=(40, 10)) as screen:
        assert "Cost against normal" not in page(screen).document(38, "", 0, 4).text
        await screen.resize(36, 9)
        assert "Make this terminal at least 40x10\n(now 36x9)." in screen.text
        await screen.resize(200, 60)
        assert "Cost against normal" in screen.text


async def test_a_wide_screen_puts_all_lists_side_by_side() -> None:
    async with incident(size=(200, 60)) as screen:
        objectives = next(line for line in screen.lines if "5 SLOs near it" in line)
        assert "6 Evidence" in objectives


async def test_hostile_names_are_text() -> None:
    snapshot = hostile()
    for about in snapshot.findings:
        async with incident(about, snapshot) as screen:
            assert all(line.isprintable() for line in screen.lines)
            assert all(cell_len(line) <= 120 for line in screen.lines)


@pytest.mark.parametrize("ascii_only", [True, False])
async def test_ascii_is_ascii(ascii_only: bool) -> None:
    async with incident(ascii=ascii_only) as screen:
        assert screen.text.isascii() is ascii_only
