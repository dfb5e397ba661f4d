from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from textual.app import App, ComposeResult
from textual.widgets import Static

from bench.svg import slim


class Two(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("≈$1,284/h   <b>&amp;", markup=False)


async def picture() -> str:
    app = Two()
    async with app.run_test(size=(40, 5)):
        return app.export_screenshot(title="demo", simplify=True)


async def test_nothing_of_the_network_is_left() -> None:
    svg = slim(await picture())
    assert re.findall(r"https?://[^\"\s]+", svg) == ["http://www.w3.org/2000/svg"]
    assert "@font-face" not in svg
    assert "url(" not in svg.replace("url(#t-", "")


async def test_it_is_still_a_picture_with_every_word_and_blank() -> None:
    svg = slim(await picture())
    words = ["".join(element.itertext()) for element in ET.fromstring(svg).iter() if element.tag.endswith("text")]
    assert any("≈$1,284/h   <b>&amp;" in text for text in words)


async def test_it_is_smaller_and_always_the_same() -> None:
    before = await picture()
    assert slim(before) == slim(await picture())
    assert len(slim(before)) < 0.6 * len(before)
