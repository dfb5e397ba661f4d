"""`detectors`: what is looked for, and the limits that the config may set."""

from __future__ import annotations

import argparse
import sys

LABEL_CELLS = 34


def run(asked: argparse.Namespace) -> int:  # noqa: ARG001 - as every command has it
    from finops_tui.config.findings import limits_of
    from finops_tui.detectors.registry import DetectionRules, Detectors, place_of

    rules = DetectionRules()
    for detector in Detectors(rules).every:
        sys.stdout.write(f"{detector.id}  {detector.title}\n  {detector.about}\n")
        for name, value in limits_of(getattr(rules, place_of(detector.id))).items():
            shown = str(value).lower() if isinstance(value, bool) else f"{value:g}"
            sys.stdout.write(f"    {name:{LABEL_CELLS}}{shown}\n")
        sys.stdout.write("\n")
    return 0
