"""What was done, in words."""

from __future__ import annotations

from finops_tui.model.action import ActionRow
from finops_tui.model.snapshot import Snapshot
from finops_tui.output.figures import moment, number
from finops_tui.output.tables import Table, columns, table


def actions(snapshot: Snapshot) -> Table:
    def cells(row: ActionRow) -> list[str]:
        return [
            row.title,
            row.who,
            row.outcome,
            moment(row.at),
            number(row.promised_usd_per_hour),
            number(row.saved_usd_per_hour),
        ]

    words = ["ACTION", "WHO", "OUTCOME", "AT"]
    notes = [f"{row.title}: {row.words}" for row in snapshot.actions if row.words]
    heads = columns([*words, "PROMISED $/H", "MEASURED $/H"], len(words))
    return table("What was done, newest first", heads, snapshot.actions, cells, notes)
