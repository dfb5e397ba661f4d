"""Bills of model vendors in the shapes that their API references give."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.servers.scripted import Reply


def day(number: int) -> datetime:
    """Return a day of November."""
    return datetime(2026, 11, number, tzinfo=UTC)


def openai_cost(value: object, line: str | None = "gpt-4o-2024-08-06, input", **more: Any) -> dict[str, Any]:
    facts = {
        "object": "organization.costs.result",
        "amount": {"value": value, "currency": "usd"},
        "line_item": line,
        "project_id": "proj_abc",
        "organization_id": "org-1",
    }
    return {**facts, **more}


def openai_bucket(number: int, *results: dict[str, Any]) -> dict[str, Any]:
    start = int(day(number).timestamp())
    return {"object": "bucket", "start_time": start, "end_time": start + 86_400, "results": list(results)}


def anthropic_cost(amount: object, **more: Any) -> dict[str, Any]:
    facts = {
        "currency": "USD",
        "amount": amount,
        "workspace_id": "wrkspc_01",
        "description": "Claude Sonnet 4 Usage - Input Tokens",
        "cost_type": "tokens",
        "context_window": "0-200k",
        "model": "claude-sonnet-4-20250514",
        "service_tier": "standard",
        "token_type": "uncached_input_tokens",
    }
    return {**facts, **more}


def anthropic_bucket(number: int, *results: dict[str, Any]) -> dict[str, Any]:
    start = day(number)
    end = start + timedelta(days=1)
    return {"starting_at": f"{start:%FT%TZ}", "ending_at": f"{end:%FT%TZ}", "results": list(results)}


def page(*buckets: dict[str, Any], after: str | None = None, **more: Any) -> Reply:
    told = {"data": list(buckets), "has_more": after is not None, "next_page": after}
    return Reply(body=json.dumps({**told, **more}).encode())
