"""Modal's bill: the report of a workspace, over Modal's own library, since it has no address that others may ask.

https://modal.com/docs/sdk/py/latest/Workspace, https://modal.com/docs/reference/modal.billing
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from typing import Any

from finops_tui.errors import SourceError
from finops_tui.sources.billing.calls import CallError
from finops_tui.sources.billing.values import amount, midnight
from finops_tui.sources.clean import one_line
from finops_tui.sources.gpu_clouds.biller import Line, Reading, View
from finops_tui.sources.gpu_clouds.settings import ModalSettings
from finops_tui.threads import DaemonThreads

SIGN_IN = "Run `modal token new`, or set MODAL_TOKEN_ID and MODAL_TOKEN_SECRET."
PLAN = "The report is part of Modal's Team and Enterprise plans; any member of the workspace may read it."
INSTALL = "Install Modal's library beside finops-tui: pip install modal."
OTHER = "Other"


class Modal:
    """Reads one workspace: the one that Modal's own settings name."""

    provider = "Modal"

    def __init__(self, settings: ModalSettings) -> None:
        self._settings = settings
        self._threads = DaemonThreads(1, "modal")

    async def read(self, span: tuple[datetime, datetime]) -> Reading:
        """Return the bill by environment, app, part and tag; see `Biller`."""
        seconds = self._settings.timeout_seconds
        try:
            async with asyncio.timeout(seconds):
                items = await self._threads.call(_report, *span, list(self._settings.tags))
        except TimeoutError as error:
            hint = "Look at the network, or raise `timeout_seconds`."
            raise CallError(f"no answer within {seconds:g} s", hint, passing=True) from error
        lines: list[Line] = []
        unusable = 0
        for item in items:
            found = tuple(_lines(item, self._settings.tags))
            days = {line.day for line in found}
            if not found or not all(span[0] <= day < span[1] for day in days):
                unusable += 1
            else:
                lines += found
        if not lines:
            return Reading(unusable=unusable)
        told = {"sub_account_id", "service_name", "charge_category", "charge_description", "resource_id"}
        dimensions = frozenset(told | {f"tag:{key}" for key in self._settings.tags})
        return Reading(views=(View(dimensions=dimensions, lines=tuple(lines)),), unusable=unusable)


def _report(start: datetime, end: datetime, tags: list[str]) -> Iterable[Any]:
    """Return the items of the report. Blocks. Raises SourceError."""
    try:
        modal = import_module("modal")
    except ImportError as error:
        raise SourceError("the library modal is not installed", "", INSTALL) from error
    try:
        if hasattr(modal, "Workspace"):
            report = modal.Workspace.from_context().billing.report
        else:  # before June 2026
            report = import_module("modal.billing").workspace_billing_report
        return tuple(report(start=start, end=end, resolution="d", tag_names=tags))
    except Exception as error:  # the library's own errors, gRPC's and the network's have no parent in common
        raise _refusal(error) from error


def _refusal(error: Exception) -> SourceError:
    name, words = type(error).__name__, one_line(error, 200)
    if "auth" in name.lower() or "token" in words.lower():
        return SourceError("Modal does not let us in", words, SIGN_IN)
    if isinstance(error, OSError):
        return SourceError("no connection to Modal", words, "Check the network: api.modal.com must answer.")
    return SourceError(f"Modal refuses the report ({name})", words, PLAN)


def _lines(item: Any, tags: Iterable[str]) -> Iterator[Line]:
    """Yield the parts of what one app, or the like, cost in a day; none where its amount makes no sense.

    Older libraries tell items as dictionaries and without parts.
    """
    total = amount(item["cost"], "USD")
    if total is None:
        return
    parts = dict(item["cost_by_resource"]) if "cost_by_resource" in set(item.keys()) else {}
    left = total - sum((Decimal(money) for money in parts.values()), Decimal(0))
    named = {one_line(part, 100): Decimal(money) for part, money in parts.items()}
    if left or not named:
        named[OTHER if named else ""] = left
    told = dict(item["tags"] or {})
    kept = {key: one_line(told[key]) for key in tags if told.get(key)}
    for words, money in named.items():
        yield Line(
            day=midnight(item["interval_start"]),
            service="Modal",
            words=words,
            amount=money,
            place=one_line(item["environment_name"]),
            resource=one_line(item["object_id"]),
            resource_name=one_line(item["description"] or "", 200),
            tags=kept,
        )
