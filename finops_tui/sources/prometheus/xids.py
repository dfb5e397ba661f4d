"""XID errors: what a driver reports when a GPU misbehaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from finops_tui.model.gpu import GpuError
from finops_tui.model.observations import GpuErrorsSeen, Observation
from finops_tui.sources.prometheus.answer import Sample, Series
from finops_tui.sources.prometheus.catalogue import BY_ID
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.part import Told
from finops_tui.sources.prometheus.settings import Labels

LOOK_BACK_SECONDS = 3600
STEP_SECONDS = 60
# NVIDIA/dcgm-exporter internal/pkg/collector/xid_errors.go
MEANINGS = {
    13: "graphics engine exception",
    31: "GPU memory page fault",
    43: "GPU stopped processing",
    45: "preemptive cleanup, usually of a killed job",
    48: "double-bit ECC error",
    63: "row remapped",
    64: "row remapping failed",
    74: "NVLink error",
    79: "fallen off the bus",
    92: "high rate of single-bit ECC errors",
    94: "contained ECC error",
    95: "uncontained ECC error",
    119: "GSP timeout",
    120: "GSP error",
    140: "unrecovered ECC error",
    143: "initialization failed",
}


class Xids:
    """The metric holds the number of the last error and never goes back: what counts is when it changes.

    An error's text is a label, so with the next one another series begins; for a while a device may have both.
    """

    def __init__(self, labels: Labels, every_seconds: float) -> None:
        self.every_seconds = every_seconds
        self._labels = labels
        self._last: dict[tuple[str, str], frozenset[int]] | None = None
        """What each device said when it last said anything."""

    async def read(self, desk: Desk, told: Told, at: datetime) -> Sequence[Observation]:
        """Say which errors are new. At the start that is what came up within the last hour."""
        query = BY_ID["gpu.xids"]
        if self._last is None:
            end = int(at.timestamp()) // STEP_SECONDS * STEP_SECONDS
            past = await desk.ask_range(query, desk.by_node, (end - LOOK_BACK_SECONDS, end, STEP_SECONDS))
            if past is None:
                return ()
            self._last = {}
            return [
                self._seen(told, datetime.fromtimestamp(moment, UTC), error)
                for moment, errors in sorted(self._by_moment(past.series).items())
                for error in self._news(errors)
                if moment > end - LOOK_BACK_SECONDS  # what a device began the hour with is old
            ]
        now = await desk.ask(query)
        if now is None:
            return ()
        return [
            self._seen(told, at, error)
            for error in self._news(self._error(sample) for sample in now.samples if sample.value)
        ]

    def _by_moment(self, series: Iterable[Series]) -> dict[float, list[GpuError]]:
        errors: defaultdict[float, list[GpuError]] = defaultdict(list)
        for one in series:
            for moment, value in one.points:
                errors[moment].append(self._error(Sample(one.labels, value)))
        return errors

    def _news(self, errors: Iterable[GpuError]) -> list[GpuError]:
        """Return, of the errors that stand at one moment, those that their device did not say before."""
        last = self._last or {}
        said: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        news = []
        for error in errors:
            device = (error.node, error.device)
            if error.xid not in said[device] and error.xid not in last.get(device, ()):
                news.append(error)
            said[device].add(error.xid)
        self._last = {**last, **{device: frozenset(xids) for device, xids in said.items()}}
        return news

    def _error(self, sample: Sample) -> GpuError:
        xid = int(sample.value or 0)
        return GpuError(
            node=sample.label(*self._labels.host),
            device=sample.label("gpu") or sample.label(*self._labels.device),
            xid=xid,
            message=MEANINGS.get(xid) or sample.label("err_msg"),
        )

    @staticmethod
    def _seen(told: Told, at: datetime, error: GpuError) -> Observation:
        return GpuErrorsSeen(at=at, source=told.source, cluster=told.cluster, errors=(error,))
