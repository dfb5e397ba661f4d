"""FOCUS files for tests."""

from __future__ import annotations

import csv
import gzip
import io
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

WRITTEN = datetime(2026, 11, 20, 6, tzinfo=UTC)
WHOLE: dict[str, str] = {
    "BilledCost": "12.50",
    "EffectiveCost": "12.50",
    "ListCost": "25.00",
    "ContractedCost": "12.50",
    "BillingCurrency": "USD",
    "BillingAccountId": "payer",
    "BillingAccountName": "Payer",
    "SubAccountId": "111",
    "SubAccountName": "ml-prod",
    "BillingPeriodStart": "2026-11-01T00:00:00Z",
    "ChargePeriodStart": "2026-11-18T00:00:00Z",
    "ChargePeriodEnd": "2026-11-19T00:00:00Z",
    "ChargeCategory": "Usage",
    "ServiceName": "Amazon EC2",
    "ServiceCategory": "Compute",
    "ProviderName": "AWS",
    "ResourceId": "i-1",
    "SkuPriceDetails": '{"InstanceType": "p5.48xlarge", "GpuCount": 8}',
    "Tags": '{"team": "nlp"}',
}


def row(**changed: str) -> dict[str, str]:
    return {**WHOLE, **changed}


def text(*rows: dict[str, str]) -> str:
    out = io.StringIO()
    table = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return out.getvalue()


def write(path: Path, content: str | bytes, minutes: float = 0.0) -> Path:
    """Write a file as it would be `minutes` after WRITTEN; gzip it where its name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" and isinstance(content, str) else data)
    at = WRITTEN.timestamp() + minutes * 60
    os.utime(path, (at, at))
    return path


def put(folder: Path, name: str, *rows: dict[str, str], minutes: float = 0.0, **_: Any) -> Path:
    return write(folder / name, text(*rows), minutes)
