"""`estimate`: what machines would cost, before anybody starts them."""

from __future__ import annotations

import argparse
import os
import sys


def run(asked: argparse.Namespace) -> int:
    from finops_tui.analysis.estimate import estimate
    from finops_tui.config.find import find
    from finops_tui.model.offer import Offer
    from finops_tui.output.estimate import write
    from finops_tui.sources.offers import listed, own

    offers: list[Offer] = []
    built_in = True
    file = find(asked.config, os.environ)
    if file is not None:
        from finops_tui.config.load import load

        pricing = load(file, os.environ).config.pricing
        offers += own([override.override() for override in pricing.overrides], file.name)
        built_in = pricing.built_in
    if built_in:
        offers += listed()
    found = estimate(offers, asked.instance, asked.count, asked.hours, spot=asked.spot, region=asked.region or "")
    sys.stdout.write(write(found, asked.format))
    return 0
