"""Anthropic's bill: `GET /v1/organizations/cost_report`, days of UTC, amounts as text in cents.

What the priority tier costs is not in it. https://platform.claude.com/docs/en/api/admin-api/usage-cost/get-cost-report
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from finops_tui.sources.billing.calls import Query
from finops_tui.sources.billing.values import amount, currency, moment, stamp
from finops_tui.sources.clean import one_line
from finops_tui.sources.model_apis.vendor import Cost, Vendor

_DAYS_A_PAGE = 31
_VERSION = "2023-06-01"
_CENTS = {"USD": 100}
"""Amounts are in the smallest unit of the currency; how many make a whole one is known of these."""


def _ask(since: datetime, until: datetime) -> Query:
    return (
        ("starting_at", stamp(since)),
        ("ending_at", stamp(until)),
        ("bucket_width", "1d"),
        ("group_by[]", "workspace_id"),
        ("group_by[]", "description"),
        ("limit", str(_DAYS_A_PAGE)),
    )


def _sign(key: str) -> Mapping[str, str]:
    return {"x-api-key": key, "anthropic-version": _VERSION}


def _span(bucket: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    start, end = moment(bucket["starting_at"]), moment(bucket["ending_at"])
    return None if start is None or end is None else (start, end)


def _cost(result: Mapping[str, Any]) -> Cost | None:
    code = currency(result.get("currency"))
    cents = amount(result.get("amount"), code)
    if cents is None or code not in _CENTS:
        return None
    line = one_line(result.get("description") or result.get("cost_type") or "", 200)
    return Cost(
        project=one_line(result.get("workspace_id") or ""),
        line=line,
        sku=one_line(result.get("token_type") or result.get("cost_type") or ""),
        model=one_line(result.get("model") or ""),
        currency=code,
        amount=cents / _CENTS[code],
    )


ANTHROPIC = Vendor(
    provider="Anthropic",
    service="Claude API",
    path="/v1/organizations/cost_report",
    ask=_ask,
    sign=_sign,
    span=_span,
    cost=_cost,
    hints={
        400: "Its API may have changed.",
        401: "Check the admin key: an admin of the organization makes one; it begins with sk-ant-admin.",
        403: "Needs: an admin key (sk-ant-admin…), which the role admin may make; accounts of one person have none.",
        404: "Check `url`; accounts of one person have no cost report.",
        429: "Raise `every_hours`: it may be asked once a minute.",
    },
)
