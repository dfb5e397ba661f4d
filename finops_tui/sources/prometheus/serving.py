"""What model servers report."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from finops_tui.model.observations import Observation, ServingReadings
from finops_tui.model.slo import ServingReading
from finops_tui.sources.prometheus.catalogue import BY_ID
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.part import Told
from finops_tui.sources.prometheus.serving_servers import FIGURES, SERVERS, ModelServer
from finops_tui.sources.prometheus.settings import Labels

Figures = dict[str, float | None]


class Serving:
    def __init__(self, labels: Labels, every_seconds: float) -> None:
        self.every_seconds = every_seconds
        self._namespace = labels.serving_namespace
        self._told_before = False

    async def read(self, desk: Desk, told: Told, at: datetime) -> Sequence[Observation]:
        """Ask every kind of server that is there. Once some were, their absence is told too, if it is sure."""
        readings = await asyncio.gather(*(self._of(server, desk) for server in SERVERS))
        all_readings = tuple(reading for some in readings for reading in some)
        refused = any(query_id.startswith("serving.") for query_id in desk.missing)
        if not all_readings and (refused or not self._told_before):
            return ()
        self._told_before = bool(all_readings)
        return (ServingReadings(at=at, source=told.source, cluster=told.cluster, readings=all_readings),)

    async def _of(self, server: ModelServer, desk: Desk) -> list[ServingReading]:
        offered = [figure for figure in FIGURES if f"serving.{server.id}.{figure}" in BY_ID]
        answers = await asyncio.gather(*(desk.ask(BY_ID[f"serving.{server.id}.{figure}"]) for figure in offered))
        models: dict[tuple[str, str], Figures] = {}
        for figure, answer in zip(offered, answers, strict=True):
            for sample in answer.samples if answer is not None else ():
                key = (sample.label(self._namespace), sample.label(server.model_label))
                models.setdefault(key, {})[figure] = sample.value
        failures_known = any(
            figure == "errors" and answer is not None for figure, answer in zip(offered, answers, strict=True)
        )
        return [
            _reading(server, namespace, model or server.name, figures, failures_known=failures_known)
            for (namespace, model), figures in sorted(models.items())
        ]


def _reading(
    server: ModelServer, namespace: str, model: str, figures: Figures, *, failures_known: bool
) -> ServingReading:
    done = figures.get("requests")
    failed = figures.get("errors") if "errors" in figures else 0.0 if failures_known else None
    every = done
    if done is not None and failed is not None and not server.errors_among_requests:
        every = done + failed
    return ServingReading(
        namespace=namespace,
        model=model,
        server=server.name,
        requests_per_second=every,
        p95_seconds=figures.get("p95"),
        error_ratio=min(1.0, failed / every) if every and failed is not None else None,
        queue_depth=figures.get("queue"),
        tokens_per_second=figures.get("tokens"),
    )
