"""What tells one vendor's bill from another's: both are pages of days, each with amounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from finops_tui.sources.billing.calls import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One amount of one day."""

    project: str
    """Project or workspace; empty where it belongs to none."""
    project_name: str = ""
    line: str
    """What it is for, in the vendor's words."""
    sku: str
    model: str = ""
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    provider: str
    service: str
    path: str
    ask: Callable[[datetime, datetime], Query]
    """What to ask of a span of days."""
    sign: Callable[[str], Mapping[str, str]]
    """Headers with the admin key."""
    span: Callable[[Mapping[str, Any]], tuple[datetime, datetime] | None]
    """When a bucket begins and ends."""
    cost: Callable[[Mapping[str, Any]], Cost | None]
    """Reads one result; None where it makes no sense."""
    hints: Mapping[int, str]
