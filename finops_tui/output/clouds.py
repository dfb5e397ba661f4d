"""What clouds say of money themselves, in words: their budgets, what they found odd, what they would change."""

from __future__ import annotations

from decimal import Decimal

from finops_tui.model.snapshot import Snapshot
from finops_tui.output.figures import MISSING, percent, whole
from finops_tui.output.tables import Table, columns, table

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes time, and most reports hold none
    from finops_tui.model.cloud import Anomaly, Budget, Recommendation


def clouds(snapshot: Snapshot) -> tuple[Table, ...]:
    """Return a table for each kind; one without rows where nothing of it is told."""
    return _budgets(snapshot), _anomalies(snapshot), _recommendations(snapshot)


def _budgets(snapshot: Snapshot) -> Table:
    def cells(row: Budget) -> list[str]:
        return [
            row.name, row.account, row.about or MISSING, row.period.lower(), row.unit, _whole(row.limit),
            _whole(row.actual), _share(row.actual, row.limit), _whole(row.forecast), _share(row.forecast, row.limit),
        ]  # fmt: skip

    words = ["BUDGET", "ACCOUNT", "FOR", "PER", "IN"]
    rows = snapshot.cloud.budgets
    notes = [f"{row.name}: {row.trouble}" for row in rows if row.trouble]
    heads = columns([*words, "LIMIT", "SPENT", "USED %", "END", "END %"], len(words))
    return table("Budgets of the clouds, as they tell", heads, rows, cells, notes)


def _anomalies(snapshot: Snapshot) -> Table:
    def cells(row: Anomaly) -> list[str]:
        causes = (row.causes[0].service, row.causes[0].usage_type) if row.causes else ()
        return [
            row.name, row.account, " ".join(filter(None, causes)) or MISSING, row.feedback or MISSING,
            f"{row.start:%Y-%m-%d}", whole(float(row.impact)), _whole(row.expected),
        ]  # fmt: skip

    words = ["WHAT", "ACCOUNT", "LIKELY CAUSE", "SAID"]
    heads = columns([*words, "SINCE", "ABOVE $", "EXPECTED $"], len(words))
    return table("Anomalies that the clouds found", heads, snapshot.cloud.anomalies, cells, ())


def _recommendations(snapshot: Snapshot) -> Table:
    def cells(row: Recommendation) -> list[str]:
        return [
            row.resource or row.id, row.action, row.account, row.owner or MISSING, row.by, row.currency,
            _whole(row.monthly_savings),
        ]  # fmt: skip

    words = ["WHAT", "DO", "ACCOUNT", "OWNER", "SAYS", "IN"]
    title = "Recommendations of the clouds, those that save most first; they may overlap"
    return table(title, columns([*words, "A MONTH"], len(words)), snapshot.cloud.recommendations, cells, ())


def _whole(amount: Decimal | None) -> str:
    return whole(None if amount is None else float(amount))


def _share(part: Decimal | None, limit: Decimal | None) -> str:
    return percent(float(part / limit) if part is not None and limit else None)
