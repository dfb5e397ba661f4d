"""GPU instruments: which metric means what, in which unit, under all its names.

DCGM 4.6 and 4.7 rename their fields and change units; both spellings may live side by side in one fleet. So nothing is
guessed: of each quantity every metric that exists is used, the best first, device by device.
Sources: NVIDIA/dcgm-exporter etc/default-counters.csv, NVIDIA/DCGM dcgm_fields.h, ROCm/device-metrics-exporter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MOST_OF_ONE = 1.1
"""A ratio may stand a little above 1 by the way it is measured."""
MOST_WATTS = 10_000.0
LARGEST_XID = 9_999.0
MOST_MIB, MOST_BYTES = 1e7, 1e13
"""What lies beyond is no figure: DCGM's blank values (2147483632, 140737488355328, 9223372036854775792) and Inf."""
PROFILE = "GPU_I_PROFILE"
"""Label that says how much of a partitioned GPU a slice is, `3g.40gb`."""


@dataclass(frozen=True, slots=True)
class Instrument:
    metric: str
    scale: str = ""
    """What turns its unit into ours, as PromQL after the metric."""
    most: float = MOST_OF_ONE
    """In our unit; what says more than this says nothing."""
    percent_or_ratio: bool = False
    """The same name is a percentage in one release and a ratio in the next: a value above 1 tells which."""


ENGINE_ACTIVE = (
    Instrument("DCGM_FI_PROF_GR_ENGINE_ACTIVE"),
    Instrument("DCGM_FI_PROF_GR_ENGINE_UTIL_RATIO"),
)
KERNEL_RUNNING = (
    Instrument("DCGM_FI_DEV_GPU_UTIL", " / 100"),
    Instrument("DCGM_FI_DEV_GPU_UTIL_RATIO", percent_or_ratio=True),
    Instrument("gpu_gfx_activity", " / 100"),
    Instrument("amd_gpu_gfx_activity", " / 100"),
)
UTILIZATION = ENGINE_ACTIVE + KERNEL_RUNNING
POWER = tuple(
    Instrument(metric, most=MOST_WATTS)
    for metric in (
        "DCGM_FI_DEV_POWER_USAGE",
        "DCGM_FI_DEV_BOARD_POWER_WATTS",
        "gpu_package_power",
        "gpu_average_package_power",
        "gpu_power_usage",
        "amd_gpu_package_power",
        "amd_gpu_average_package_power",
    )
)
XID = tuple(Instrument(metric, most=LARGEST_XID) for metric in ("DCGM_FI_DEV_XID_ERRORS", "DCGM_FI_DEV_XID_ERROR"))


@dataclass(frozen=True, slots=True)
class Memory:
    """Metrics in one unit, whichever: only their ratio is used. `rest` adds up with `used` to the device's memory."""

    used: str
    rest: tuple[str, ...] = ()
    optional_rest: str = ""
    """Counted where it is reported: older drivers count it into `used`."""
    total: str = ""
    most: float = MOST_MIB


MEMORY = (
    Memory("DCGM_FI_DEV_FB_USED", ("DCGM_FI_DEV_FB_FREE",), "DCGM_FI_DEV_FB_RESERVED"),
    Memory("DCGM_FI_DEV_FB_USED_BYTES", total="DCGM_FI_DEV_FB_CAPACITY_BYTES", most=MOST_BYTES),
    Memory(
        "DCGM_FI_DEV_FB_USED_BYTES", ("DCGM_FI_DEV_FB_FREE_BYTES",), "DCGM_FI_DEV_FB_RESERVED_BYTES", most=MOST_BYTES
    ),
    Memory("gpu_used_vram", total="gpu_total_vram"),
    Memory("amd_gpu_used_vram", total="amd_gpu_total_vram"),
)

GPU_METRICS = tuple(
    sorted(
        {instrument.metric for instrument in (*UTILIZATION, *POWER, *XID)}
        | {
            name
            for memory in MEMORY
            for name in (memory.used, *memory.rest, memory.optional_rest, memory.total)
            if name
        }
    )
)

Reading = Callable[[str], str]
"""From a metric's name to the vector that holds it once for each device."""


def best_of(
    instruments: tuple[Instrument, ...], found: frozenset[str], percent: frozenset[str], read: Reading, same: str
) -> str:
    """Return PromQL that takes, for each device (labels `same`), the first of the instruments that it reports.

    Empty when none exists. `percent` names the metrics of undecided unit that turned out to be percentages.
    """
    parts = []
    for instrument in instruments:
        if instrument.metric not in found:
            continue
        scale = " / 100" if instrument.metric in percent else instrument.scale
        # NaN is neither: such a device has no figure.
        parts.append(f"{read(instrument.metric)}{scale} >= 0 <= {instrument.most:g}")
    return f" or on ({same}) ".join(parts)


def memory_ratio(found: frozenset[str], read: Reading, same: str) -> str:
    """Return PromQL for memory used / memory there, for each device. Empty where it cannot be told."""
    ratios = []
    for memory in MEMORY:
        wanted = (memory.used, *memory.rest, *([memory.total] if memory.total else ()))
        if not found.issuperset(wanted):
            continue

        def sane(name: str, most: float = memory.most) -> str:
            return f"({read(name)} >= 0 <= {most:g})"

        used = sane(memory.used)
        if memory.total:
            ratios.append(f"{used} / {sane(memory.total)} <= {MOST_OF_ONE}")  # nor is Inf, of a total of 0
            continue
        free = " + ".join(sane(name) for name in memory.rest)
        reserved = ""
        if memory.optional_rest in found:
            reserved = f" + ({sane(memory.optional_rest)} or {free} * 0)"
        ratios.append(f"{used} / ({used} + {free}{reserved}) <= {MOST_OF_ONE}")
    return f" or on ({same}) ".join(ratios)
