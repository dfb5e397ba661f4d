"""RunPod, asked over its REST API: `GET /v2/billing`, and the same by pod, endpoint, volume and cluster."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from finops_tui.clock import Clock
from finops_tui.errors import SourceError
from finops_tui.sources.billing.calls import Calls, Query, Service
from finops_tui.sources.billing.feed import checked
from finops_tui.sources.billing.keys import read_key
from finops_tui.sources.billing.values import stamp
from finops_tui.sources.gpu_clouds.biller import Reading, View
from finops_tui.sources.gpu_clouds.runpod_records import DETAILS, WHOLE, Kind, Told
from finops_tui.sources.gpu_clouds.settings import RunPodSettings
from finops_tui.threads import DaemonThreads

if TYPE_CHECKING:
    import httpx

DIMENSIONS = frozenset({"service_name", "charge_category", "charge_description"})
RESOURCES = "resources"
HINTS: Mapping[int, str] = {
    400: "Its API may have changed.",
    401: "Check the API key: it is made in the console under Settings, API Keys.",
    403: "The API key may not read billing: make one that may.",
    404: "Check `url`.",
    429: "Raise `every_hours`.",
}


class RunPod:
    """Reads one account."""

    provider = "RunPod"

    def __init__(self, settings: RunPodSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._threads = DaemonThreads(1, "runpod-key")

    async def read(self, span: tuple[datetime, datetime]) -> Reading:
        """Return the whole bill, and beside it the same by resource; see `Biller`."""
        calls = await self._calls()
        try:
            whole = await self._told(calls, (WHOLE,), span)
            if not whole.lines:
                return Reading(unusable=whole.unusable)
            view = View(dimensions=DIMENSIONS, lines=tuple(whole.lines))
            try:
                split = await checked(self._told(calls, DETAILS, span))
            except SourceError as error:
                missing = (f"cost by resource: {error.title}",)
                return Reading(views=(view,), unusable=whole.unusable, missing=missing, hint=error.hint)
        finally:
            await calls.close()
        resources = View(id=RESOURCES, dimensions=DIMENSIONS | {"resource_id"}, lines=tuple(split.lines))
        return Reading(views=(view, resources), unusable=whole.unusable + split.unusable)

    async def _told(self, calls: Calls, kinds: tuple[Kind, ...], span: tuple[datetime, datetime]) -> Told:
        query: Query = (("startTime", stamp(span[0])), ("endTime", stamp(span[1])), ("bucketSize", "day"))
        told = Told()
        for kind in kinds:
            answer = await calls.get(f"{self._settings.url}/v2/billing{kind.path}", query)
            for record in answer["records"]:
                told.add(record, kind, span)
        return told

    async def _calls(self) -> Calls:
        settings = self._settings
        key = await self._threads.call(read_key, settings.api_key, settings.api_key_file, "api_key")

        def open_() -> httpx.AsyncClient:
            import httpx

            return httpx.AsyncClient(timeout=settings.timeout_seconds)

        async def headers() -> Mapping[str, str]:
            return {"Authorization": f"Bearer {key}"}

        service = Service(
            open=open_, headers=headers, hints=HINTS, secrets=(key,), timeout_seconds=settings.timeout_seconds
        )
        return Calls(service, self._clock)
