"""What docs/headless.md promises of CSV is what is written."""

from __future__ import annotations

import re
from pathlib import Path

from finops_tui.output.csv import COLUMNS

DOCS = Path(__file__).parents[2] / "docs" / "headless.md"


def test_every_csv_column_is_documented() -> None:
    table = DOCS.read_text("utf-8").partition("**csv** has")[2].partition("\n\nNames")[0]
    named = [name for line in table.splitlines() if line.startswith("| `") for name in re.findall(r"`(\w+)`", line)]
    assert set(COLUMNS) <= set(named)
