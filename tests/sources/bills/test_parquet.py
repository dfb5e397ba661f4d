"""Parquet as exports write it, read with the real pyarrow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops_tui.errors import SourceError
from finops_tui.sources.bills.files import opened
from finops_tui.sources.bills.focus_files import FocusFiles
from finops_tui.sources.bills.settings import FocusSettings
from tests.sources.billing.following import NOW, charged, hurried, ledger_at
from tests.sources.bills.files import WHOLE

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install 'finops-tui[parquet]'")
DAY = datetime(2026, 11, 18, tzinfo=UTC)


def typed(rows: int) -> Any:
    """Return a table with the types that clouds' exports have: decimals, zones, maps, structs, dictionaries, nulls."""
    columns = {name: pa.array([value] * rows) for name, value in WHOLE.items()}
    typed = {
        "BilledCost": pa.array([Decimal("12.123456789012345")] * rows, pa.decimal128(38, 15)),
        "EffectiveCost": pa.array([0.1] * rows, pa.float64()),
        "ListCost": pa.array([None] * rows, pa.float64()),
        "ChargePeriodStart": pa.array([DAY] * rows, pa.timestamp("us", tz="UTC")),
        "ChargePeriodEnd": pa.array([DAY + timedelta(hours=1)] * rows, pa.timestamp("ns")),
        "Tags": pa.array([[("team", "nlp"), ("note", None)]] * rows, pa.map_(pa.string(), pa.string())),
        "SkuPriceDetails": pa.array([{"InstanceType": "p5"}] * rows, pa.struct([("InstanceType", pa.string())])),
        "ResourceId": pa.array([f"i-{number % 7}" for number in range(rows)]).dictionary_encode(),
    }
    return pa.table({**columns, **typed})


def test_a_file_with_the_types_of_exports_is_in_the_ledger(tmp_path: Path) -> None:
    from pyarrow import parquet

    (tmp_path / "bills").mkdir()
    parquet.write_table(typed(10_000), tmp_path / "bills" / "a.parquet", row_group_size=3_000)
    settings = FocusSettings(folder=tmp_path / "bills", name="clouds")
    read = FocusFiles(settings, ledger_at(tmp_path), hurried()).read(NOW)
    assert read.warnings() == ()
    (told,) = charged(tmp_path, "team", "instance").items()
    assert told[0] == ("nlp", "p5")
    assert told[1].usage == 10_000 * Decimal("12.1234567890"), "the ledger keeps ten decimals"
    assert (told[1].effective, told[1].list) == (Decimal(1_000), None)
    assert len(charged(tmp_path, "resource")) == 7


@pytest.mark.parametrize("content", [b"", b"BilledCost,EffectiveCost\n", b"PAR1" + b"x" * 64 + b"PAR1"])
def test_a_file_that_is_none_is_told_once_and_costs_itself_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(SourceError, match="is no Parquet file, or damaged") as caught, opened(tmp_path / "a.parquet"):
        pass
    assert ".." not in str(caught.value)
