"""`rules`: recording rules for the queries that are dear on a large Prometheus."""

from __future__ import annotations

import argparse
import asyncio
import sys


def run(asked: argparse.Namespace) -> int:
    """Ask each Prometheus what it holds and print what it should record. Raises FinopsError where one says nothing."""
    from finops_tui.commands.settings import choose
    from finops_tui.errors import UsageError
    from finops_tui.sources.prometheus.rules import Rule, as_yaml
    from finops_tui.sources.prometheus.source import PrometheusSource
    from finops_tui.wiring import live

    config = choose(asked.config).config
    sources = [
        source
        for source in live.sources(config, live.wall_clock())
        if isinstance(source, PrometheusSource) and asked.cluster in {None, source.cluster}
    ]
    if not sources:
        whose = f" for the cluster {asked.cluster}" if asked.cluster is not None else ""
        raise UsageError(f"The config names no Prometheus{whose}.", hint="Recording rules are for a Prometheus.")

    async def every() -> list[list[Rule]]:
        return await asyncio.gather(*(source.rules() for source in sources))

    told = dict(zip((source.title for source in sources), asyncio.run(every()), strict=True))
    sys.stdout.write("# Written by finops-tui rules: docs/prometheus.md says what to do with it.\n" + as_yaml(told))
    return 0
