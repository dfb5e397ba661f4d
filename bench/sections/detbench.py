"""The learner of spend against labelled series, where the streaming benchmark is at hand.

Its path is in `$FINOPS_DETBENCH`, or it lies beside this checkout. It is run as it comes, on its own data.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.report import Figure
from bench.setting import Setting, figure

NEIGHBOUR = Path("../shared/detbench/score.py")
DETECTOR = "bench.detbench:SpendDetector"
JOBS = 2
TITLES: tuple[tuple[str, str, str], ...] = (
    ("f1.short", "F1, short of 1", ""),
    ("false", "pages that were false", "share"),
    ("missed", "incidents that were missed", "share"),
    ("false_pages", "false pages", "a series-week"),
    ("minutes", "to page, median", "min"),
    ("burned", "burned before the page, mean", "share"),
    ("us_per_point", "CPU", "us a point"),
    ("nab.short", "NAB, own pages, short of 100", ""),
)


def find() -> Path | None:
    """Return the scorer; None where it is not at hand."""
    script = Path(os.environ.get("FINOPS_DETBENCH") or NEIGHBOUR)
    return script.resolve() if script.is_file() else None


def figures(_setting: Setting) -> list[Figure]:
    script = find()
    if script is None:
        print(f"No benchmark at {NEIGHBOUR}, and $FINOPS_DETBENCH names none: nothing is measured.")
        return []
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "detbench.json"
        asked = [sys.executable, str(script), "--detector", DETECTOR, "--jobs", str(JOBS), "--json", str(answer)]
        ended = subprocess.run(asked, check=False).returncode
        if ended:
            print(f"The benchmark ended with status {ended}: nothing is measured. `make bench` installs what it needs.")
            return []
        return told(json.loads(answer.read_text(encoding="utf-8")))


def told(answer: dict[str, Any]) -> list[Figure]:
    """Return the scorer's figures as this bench tells them: the less the better."""
    cost, nab = answer["cost"], answer["nab"]
    values = {
        "f1.short": 1 - cost["f1"],
        "false": 1 - cost["precision"],
        "missed": 1 - cost["recall"],
        "false_pages": cost["false_pages_per_series_week"],
        "minutes": cost["delay_median_min"],
        "burned": cost["burned_mean"],
        "us_per_point": cost["us_per_point"],
        "nab.short": 100 - nab["standard"]["own_pages"],
    }
    return [
        measured for name, title, unit in TITLES for measured in figure(f"detbench.{name}", title, unit, [values[name]])
    ]
