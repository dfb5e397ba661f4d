"""What is measured, and how to tell that it is there."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FRAME = r"2 GPU"
"""On the first frame that says something: the panes with their heads."""
FIGURES = r"\$[0-9][0-9,.]*[kM]?/h"
"""On the first frame with a spend rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    name: str
    command: tuple[str, ...]
    ready: str
    """A pattern of what it shows when it is ready to be measured."""
    setup: str = ""
    """Keys that bring it to the screen that is measured, in the notation of `bench.pty.keys_of`."""


def command() -> tuple[str, ...]:
    """Return how a person would start the program that belongs to this interpreter."""
    script = Path(sys.executable).with_name("finops-tui")
    return (str(script),) if script.exists() else (sys.executable, "-m", "finops_tui")


def demo(ready: str = FIGURES, *, name: str = "demo", options: Sequence[str] = (), setup: str = "") -> Program:
    return Program(name=name, command=(*command(), "demo", *options), ready=ready, setup=setup)


def floor() -> Program:
    return Program(name="floor", command=(sys.executable, "-m", "bench.floor"), ready="cell +0.0")


def large(*, name: str = "large", options: Sequence[str] = (), setup: str = "") -> Program:
    return Program(name=name, command=(sys.executable, "-m", "bench.large_demo", *options), ready=FIGURES, setup=setup)
