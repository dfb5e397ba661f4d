"""What the XID errors of NVIDIA's driver mean for who pays for the node.

Meanings and what to do: NVIDIA, *XID Errors*, catalogue (docs.nvidia.com/deploy/xid-errors), and the same catalogue as
NVIDIA/NVSentinel distros/kubernetes/nvsentinel/charts/gpu-health-monitor/xiderrorsmapping.csv, which calls them fatal
or not.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Impact(Enum):
    FATAL = "fatal"
    """The GPU is of no use until it is reset or replaced: drain the node."""
    WATCH = "watch"
    """It goes on, but its memory wears out or a process of it died."""
    HARMLESS = "harmless"
    """A program's fault, or the driver cleaning up."""


class Xid(NamedTuple):
    meaning: str
    impact: Impact
    advice: str


RESET = "drain the node and reset the GPU"
REBOOT = "drain the node and restart the machine"
LINK = "drain the node, check the NVLink fabric and reset the GPU"
RESTART = "restart the program"

XIDS: dict[int, Xid] = {
    13: Xid("graphics engine exception", Impact.HARMLESS, RESTART),
    31: Xid("GPU memory page fault", Impact.HARMLESS, RESTART),
    43: Xid("GPU stopped processing", Impact.HARMLESS, "nothing: the program ended"),
    45: Xid("preemptive cleanup, usually of a killed job", Impact.HARMLESS, "nothing: the program ended"),
    46: Xid("GPU timeout", Impact.FATAL, RESET),
    48: Xid("double-bit ECC error", Impact.FATAL, RESET),
    62: Xid("power management halted", Impact.FATAL, RESET),
    63: Xid("row remapped", Impact.WATCH, "reset the GPU when the node is empty, so that the remapping takes effect"),
    64: Xid("row remapping failed", Impact.FATAL, RESET),
    74: Xid("NVLink error", Impact.FATAL, LINK),
    79: Xid("fallen off the bus", Impact.FATAL, REBOOT),
    92: Xid("high rate of single-bit ECC errors", Impact.WATCH, "nothing yet: watch for double-bit errors"),
    94: Xid("contained ECC error", Impact.WATCH, "restart the program, and reset the GPU when the node is empty"),
    95: Xid("uncontained ECC error", Impact.FATAL, RESET),
    109: Xid("context switch timeout", Impact.FATAL, RESET),
    119: Xid("GSP timeout", Impact.FATAL, RESET),
    120: Xid("GSP error", Impact.FATAL, RESET),
    136: Xid("NVLink training failed", Impact.FATAL, RESET),
    140: Xid("unrecovered ECC error", Impact.FATAL, RESET),
    143: Xid("initialization failed", Impact.FATAL, RESET),
    **{number: Xid("NVLink 5 error", Impact.FATAL, LINK) for number in range(144, 151)},
    155: Xid("NVLink fault told by software", Impact.FATAL, RESET),
    156: Xid("memory resource retired", Impact.FATAL, RESET),
    158: Xid("GPU fatal timeout", Impact.FATAL, RESET),
    160: Xid("memory channel retired", Impact.FATAL, REBOOT),
}


def meaning(number: int) -> Xid:
    """Return what an error means; one that is not listed is to be watched."""
    return XIDS.get(number) or Xid("not listed", Impact.WATCH, "look it up in NVIDIA's catalogue")
