"""OpenAI's bill: `GET /v1/organization/costs`, days of UTC, amounts as numbers or text.

https://platform.openai.com/docs/api-reference/usage/costs
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from finops_tui.sources.billing.calls import Query
from finops_tui.sources.billing.values import amount, currency
from finops_tui.sources.clean import one_line
from finops_tui.sources.model_apis.vendor import Cost, Vendor

_DAYS_A_PAGE = 180
_MODEL = re.compile(r"[a-z0-9][a-z0-9._:-]*\d[a-z0-9._:-]*")
"""`gpt-4o-2024-08-06`, `o3`; not `web search`."""


def _ask(since: datetime, until: datetime) -> Query:
    return (
        ("start_time", str(int(since.timestamp()))),
        ("end_time", str(int(until.timestamp()))),
        ("bucket_width", "1d"),
        ("group_by", "project_id"),
        ("group_by", "line_item"),
        ("limit", str(_DAYS_A_PAGE)),
    )


def _sign(key: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _span(bucket: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    try:
        start, end = (datetime.fromtimestamp(int(bucket[name]), UTC) for name in ("start_time", "end_time"))
    except (OverflowError, ValueError, OSError):
        return None
    return start, end


def _cost(result: Mapping[str, Any]) -> Cost | None:
    money = result.get("amount") or {}
    code = currency(money.get("currency"))
    told = amount(money.get("value"), code)
    if not code or told is None:
        return None
    line = one_line(result.get("line_item") or "", 200)
    model = line.partition(",")[0].strip()
    return Cost(
        project=one_line(result.get("project_id") or ""),
        project_name=one_line(result.get("project_name") or ""),
        line=line,
        sku=line,
        model=model if _MODEL.fullmatch(model) else "",
        currency=code,
        amount=told,
    )


OPENAI = Vendor(
    provider="OpenAI",
    service="OpenAI API",
    path="/v1/organization/costs",
    ask=_ask,
    sign=_sign,
    span=_span,
    cost=_cost,
    hints={
        400: "Its API may have changed.",
        401: "Check the admin key: an owner of the organization makes one; it begins with sk-admin-.",
        403: "Needs: an admin key (sk-admin-…) with the permission api.usage.read.",
        404: "Check `url`.",
        429: "Raise `every_hours`.",
    },
)
