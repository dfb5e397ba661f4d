from __future__ import annotations

import json

from bench.__main__ import SECTIONS
from bench.report import FORMAT, Figure, document, number, table
from bench.targets import LIMITS, TARGETS

BYTES = Figure(id="line.bytes", title="demo at rest", unit="B/s", values=(500.0, 300.0, 2_400.0))
SLOW = Figure(id="end.quit.time", title="end by q", unit="ms", values=(1_500.0,))
UNPROMISED = Figure(id="size.demo.rss", title="memory", unit="MiB", values=(60.0,))
TOO_SHORT = Figure(id="soak.slope", title="soak", unit="MiB/h", values=(90.0,), judged=False, note="too short")


def test_the_median_of_the_runs_is_judged() -> None:
    assert BYTES.median == 500
    assert BYTES.verdict == "met"
    assert SLOW.verdict == "missed"


def test_what_was_not_promised_or_not_measured_long_enough_is_not_judged() -> None:
    assert UNPROMISED.verdict == ""
    assert TOO_SHORT.verdict == ""


def test_the_document_holds_every_run_and_the_host() -> None:
    stored = json.loads(json.dumps(document([BYTES], {"cores": 2}, {"quick": True}, "2026-03-10T14:00:00+00:00")))
    assert stored == {
        "format": FORMAT,
        "at": "2026-03-10T14:00:00+00:00",
        "host": {"cores": 2},
        "options": {"quick": True},
        "figures": [
            {
                "id": "line.bytes",
                "title": "demo at rest",
                "unit": "B/s",
                "median": 500.0,
                "min": 300.0,
                "max": 2_400.0,
                "runs": [500.0, 300.0, 2_400.0],
                "limit": 2_000,
                "verdict": "met",
                "note": "",
            }
        ],
    }


def test_the_table_aligns_figures_and_tells_verdicts_and_notes() -> None:
    head, *lines = table([BYTES, SLOW, TOO_SHORT]).splitlines()
    assert head.split() == ["median", "min", "max", "limit"]
    assert lines[0].split() == ["demo", "at", "rest,", "B/s", "500", "300", "2,400", "2,000", "met"]
    assert lines[1].split() == ["end", "by", "q,", "ms", "1,500", "1,000", "missed"]
    assert lines[2].endswith("(too short)")
    assert lines[0].index("500") + 3 == lines[1].index("1,500") + 5


def test_numbers_keep_three_figures() -> None:
    assert [number(value) for value in (0, 0.1234, 12.34, 123.4, 12_345.6, -0.5)] == [
        "0", "0.12", "12.3", "123", "12,346", "-0.50",
    ]  # fmt: skip


def test_each_figure_is_promised_once_and_belongs_to_a_section() -> None:
    assert len(LIMITS) == len(TARGETS)
    assert {target.figure.partition(".")[0] for target in TARGETS} <= {*SECTIONS, "burst"}
