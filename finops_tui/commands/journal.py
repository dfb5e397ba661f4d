"""`journal`: what was changed with this program, by whom and why, and whether the record is whole."""

from __future__ import annotations

import argparse
import sys


def run(asked: argparse.Namespace) -> int:
    from finops_tui.commands.settings import choose
    from finops_tui.engine.journal import Journal
    from finops_tui.output.journal import since, verification, write
    from finops_tui.wiring import live

    journal = Journal(live.state_folder(choose(asked.config).config))
    if asked.verify:
        found = journal.verify()
        sys.stdout.write(verification(found, asked.format))
        return 1 if found.trouble else 0
    now = live.wall_clock().now()
    sys.stdout.write(write(since(journal.entries(), now, asked.since), now, asked.format, journal.broken))
    if journal.broken:
        sys.stderr.write(f"{journal.broken}\n")
        return 1
    return 0
