"""`python -m bench`: measure the program, print a table, store the figures."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench import host, instrument
from bench.report import Figure, document, table
from bench.sections import compose, detbench, end, keys, ledger, line, scenarios, size, soak, start
from bench.setting import Section, Setting
from finops_tui.commands.arguments import duration

RESULTS = Path(__file__).parent / "results"
SECTIONS: dict[str, tuple[str, Section]] = {
    "start": ("first frame and first figures against the floor, --help", start.figures),
    "line": ("bytes and CPU while nobody touches it", line.figures),
    "keys": ("from a key to its frame: demo, large fleet, burst", keys.figures),
    "size": ("memory and CPU: demo, large fleet", size.figures),
    "compose": ("folding and composing a large fleet, without a screen", compose.figures),
    "ledger": ("a million rows of bills, written and asked for; forecasts of a simulated year", ledger.figures),
    "end": ("quit, signals, closed terminal", end.figures),
    "detbench": ("the spend learner against labelled series, where they are at hand", detbench.figures),
    "soak": ("memory over time", soak.figures),
    "scenarios": ("which incidents of the simulated cloud are found, and how soon", scenarios.figures),
}


def main(words: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(words)
    setting = Setting(
        instrument=instrument.find(),
        quick=asked.quick,
        nice=asked.nice,
        soak_seconds=asked.soak,
        soak_speed=asked.speed,
    )
    begun = datetime.now(UTC)
    facts = host.facts()
    print(f"{facts['cpu']}, {facts['cores']} cores, Python {facts['python']}, Textual {facts['textual']}")
    print(f"seen through {setting.instrument.name}; load at the start {facts['load_at_start']}")
    options = {
        "sections": asked.sections or list(SECTIONS),
        "quick": setting.quick,
        "nice": setting.nice,
        "soak_seconds": setting.soak_seconds,
        "soak_speed": setting.soak_speed,
        "instrument": setting.instrument.name,
    }
    stored = asked.json or RESULTS / f"{begun:%Y%m%dT%H%M%SZ}.json"
    stored.parent.mkdir(parents=True, exist_ok=True)
    figures: list[Figure] = []
    for name in asked.sections or SECTIONS:
        print(f"\n{name}: {SECTIONS[name][0]} ...", flush=True)
        found = SECTIONS[name][1](setting)
        figures += found
        print(table(found), setting.quiet.words(), sep="\n", flush=True)
        text = json.dumps(document(figures, facts, options, begun.isoformat(timespec="seconds")), indent=1)
        stored.write_text(text + "\n", encoding="utf-8")
    print(f"\nstored in {stored}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parts = "\n".join(f"  {name:8} {about}" for name, (about, _) in SECTIONS.items())
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure the program from outside, print a table, store the figures. Misses are told, never fatal.",
        epilog=f"sections (all of them unless named):\n{parts}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("sections", nargs="*", metavar="section", type=_section, help="what to measure")
    add("--json", type=Path, metavar="FILE", help="where to store the figures (bench/results/<time>.json)")
    add("--quick", action="store_true", help="a quarter of the runs: for a glance, not for a record")
    add("--soak", type=duration, default=60.0, metavar="TIME", help="how long to soak (default 60s; 30m for a record)")
    add("--speed", type=float, default=60.0, metavar="X", help="speed of the soak (default 60 times real time)")
    add("--nice", type=int, default=0, metavar="N", help="priority of the measured programs (-15 as root, say)")
    return parser


def _section(name: str) -> str:
    if name not in SECTIONS:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(SECTIONS)}")
    return name


if __name__ == "__main__":
    sys.exit(main())
