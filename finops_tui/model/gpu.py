"""What GPUs do, aggregated by the query engine: never one object per device."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class GpuScope(StrEnum):
    NODE = "node"
    WORKLOAD = "workload"
    MODEL = "model"


class GpuMethod(StrEnum):
    """Which instrument a utilization comes from, best first."""

    ENGINE_ACTIVE = "engine active"
    """Share of time in which the graphics or compute engine was active (profiling counters)."""
    KERNEL_RUNNING = "kernel running"
    """Share of time in which any kernel ran at all: reads 100 % for a stuck job. A fallback, shown as one."""


class GpuReading(Struct, frozen=True, kw_only=True, gc=False):
    """One row of an aggregate over devices. A part that was not reported is None, never 0."""

    name: str
    """Node name; `namespace/Kind/name` for a workload; the device's model name."""
    gpus: int
    """Devices that reported."""
    active: float | None = None
    """Devices that did any work lately (utilization of at least 5 % at some time in the last five minutes).

    A device that is cut into slices counts by the share of them that did, as large as they are.

    Of a workload also those that its pods have held for less than that: they have had no time to be idle.
    """
    utilization: float | None = None
    """Ratio 0-1, mean over the devices."""
    memory_used: float | None = None
    """Ratio 0-1 of device memory."""
    power_watts: float | None = None
    """Sum over the devices."""
    method: GpuMethod = GpuMethod.ENGINE_ACTIVE


class GpuError(Struct, frozen=True, kw_only=True, gc=False):
    """An XID error that a device reported."""

    node: str
    device: str
    xid: int
    message: str = ""
