"""How long an empty node stays: what Karpenter is told of it. Other autoscalers do not tell through the API."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import quote

from finops_tui.actions.kube_client import CallError, KubeClient
from finops_tui.actions.objects import NAME, text
from finops_tui.model.inventory import Node

NEVER = timedelta.max
_PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)")
_SECONDS = {"h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}

Delays = Mapping[str, timedelta]
"""By pool; `NEVER` for one whose empty nodes stay. A pool that is missing here is not known."""


async def release_delays(client: KubeClient, nodes: Iterable[Node]) -> Delays:
    """Return after how long each pool's empty nodes are removed, as far as Karpenter says. Raises CallError."""
    delays: dict[str, timedelta] = {}
    for pool in sorted({node.pool for node in nodes if node.pool}):
        try:
            told = await client.get(f"/apis/karpenter.sh/v1/nodepools/{quote(pool, safe=NAME)}", f"nodepool/{pool}")
        except CallError as error:
            if error.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN):
                raise
            continue
        delay = parsed_duration(text(told, "spec", "disruption", "consolidateAfter"))
        if delay is not None:
            delays[pool] = delay
    return delays


def parsed_duration(written: str) -> timedelta | None:
    """Read a Go duration (`1h30m`, `30s`, `Never`); None for anything else."""
    if written == "Never":
        return NEVER
    parts = _PART.findall(written)
    if not parts or "".join(number + unit for number, unit in parts) != written:
        return None
    return timedelta(seconds=sum(float(number) * _SECONDS[unit] for number, unit in parts))
