"""What the simulated AWS answers about anomalies: those that it told of last, and what somebody said of them."""

# ruff: noqa: N803 - parameters are called as AWS calls them

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from finops_tui.model.cloud import AnomaliesSeen, Anomaly


class SimulatedCostExplorer:
    """Stands where a client of Cost Explorer does; it keeps what is said for as long as the demo runs."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[Anomaly, ...]] = {}
        """By account."""
        self._said: dict[str, str] = {}
        """Feedback by the anomaly's id."""

    def tell(self, seen: AnomaliesSeen) -> AnomaliesSeen:
        """Return the word of an account with what was said of each; from now on that is what is there."""
        self._told[seen.account] = seen.anomalies
        said = self._said
        return replace(seen, anomalies=tuple(replace(row, feedback=said.get(row.id, "")) for row in seen.anomalies))

    def get_anomalies(self, *, DateInterval: Mapping[str, str], **_: object) -> dict[str, Any]:
        """Answer with all that began on a day or later, on one page."""
        since = DateInterval["StartDate"]
        return {
            "Anomalies": [
                {
                    "AnomalyId": row.id,
                    "MonitorArn": f"arn:aws:ce::{account}:anomalymonitor/simulated",
                    "Feedback": self._said.get(row.id, ""),
                }
                for account, rows in self._told.items()
                for row in rows
                if row.start.isoformat() >= since
            ]
        }

    def provide_anomaly_feedback(self, *, AnomalyId: str, Feedback: str) -> dict[str, Any]:
        self._said[AnomalyId] = Feedback
        return {"AnomalyId": AnomalyId}
