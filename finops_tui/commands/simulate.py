"""`simulate`: the simulated cloud as a Prometheus exporter, for a real Prometheus to scrape."""

from __future__ import annotations

import argparse
import math
import sys

from finops_tui.errors import UsageError
from finops_tui.simulation.exporter import serve
from finops_tui.wiring import demo


def run(asked: argparse.Namespace) -> int:
    if math.isinf(asked.speed):
        raise UsageError("What is scraped cannot run at --speed max.", hint="Give a factor such as 1 or 60.")
    host, port = asked.listen
    serve(asked.seed, demo.simulated_clock(asked.speed), host, port, ready=_tell)
    return 0


def _tell(address: str) -> None:
    sys.stderr.write(f"Serving {address}/metrics, and {address}/metrics/<cluster> for one cluster. Ctrl-C ends it.\n")
    sys.stderr.flush()
