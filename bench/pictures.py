"""`python -m bench.pictures`: draw docs/screenshots from the program itself, the same every time."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.svg import slim
from finops_tui.commands.arguments import AS_FAST_AS_POSSIBLE
from finops_tui.engine.feed import Feed
from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.app import FinopsApp
from finops_tui.ui.settings import UiSettings
from finops_tui.wiring import headless

FOLDER = Path(__file__).parent.parent / "docs" / "screenshots"
SEED = 7
SIMULATED_SECONDS = 3_000.0
SCENARIO = "runaway-retrain"
"""Half an hour after it began."""
"""Long enough that the strip and every trend come from the run itself."""
LARGE, SMALL = (120, 40), (80, 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    name: str
    size: tuple[int, int] = LARGE
    theme: str = "night"
    ascii: bool = False
    keys: tuple[str, ...] = ()
    """Pressed before the picture is taken, as Textual names them."""


PICTURES = (
    Picture(name="main-120x40"),
    Picture(name="main-80x24", size=SMALL),
    Picture(name="day-120x40", theme="day"),
    Picture(name="colour-blind-120x40", theme="colour-blind"),
    Picture(name="ascii-80x24", size=SMALL, theme="mono", ascii=True),
    Picture(name="gpu-80x24", size=SMALL, keys=("2",)),
    Picture(name="incident-120x40", keys=("enter",)),
    Picture(name="timeline-120x40", keys=("T",)),
    Picture(name="allocation-120x40", keys=("$",)),
    Picture(name="details-120x40", keys=("d",)),
    Picture(name="help-120x40", keys=("question_mark",)),
)


async def draw(picture: Picture, snapshot: Snapshot) -> str:
    """Return the picture as SVG."""
    feed = Feed()
    feed.publish(snapshot)
    ui = UiSettings(theme=picture.theme, ascii=picture.ascii, mode="DEMO", now=lambda: snapshot.at)
    app = FinopsApp(feed, ui)
    async with app.run_test(size=picture.size) as pilot:
        await pilot.pause()
        for key in picture.keys:
            await pilot.press(key)
        await pilot.pause()
        return slim(app.export_screenshot(title="finops-tui demo", simplify=True))


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.pictures", description="Draw docs/screenshots again.")
    parser.add_argument("names", nargs="*", metavar="name", help="only these (all of them unless named)")
    parser.add_argument("--into", type=Path, default=FOLDER, metavar="FOLDER", help="where to write them")
    asked = parser.parse_args(words)
    snapshot = headless.demo_snapshot(SEED, SIMULATED_SECONDS, AS_FAST_AS_POSSIBLE, SCENARIO)
    asked.into.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        if not asked.names or picture.name in asked.names:
            svg = asyncio.run(draw(picture, snapshot))
            (asked.into / f"{picture.name}.svg").write_text(svg, encoding="utf-8")
            print(f"{picture.name}.svg  {len(svg.encode()) / 1024:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
