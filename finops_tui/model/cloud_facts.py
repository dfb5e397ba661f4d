"""Everything that clouds say of themselves. The nouns are made only where there is a cloud to read."""

from __future__ import annotations

from msgspec import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first figures can wait
    from finops_tui.model.cloud import (
        Anomaly,
        Budget,
        Commitment,
        Forecast,
        JobQueue,
        Machine,
        MachineGroup,
        Recommendation,
        TrainingJob,
    )
    from finops_tui.model.outside import OutsideRow


class CloudFacts(Struct, frozen=True, kw_only=True, gc=False):
    """Of all accounts together."""

    budgets: tuple[Budget, ...] = ()
    forecasts: tuple[Forecast, ...] = ()
    """Of the days until the month ends, as the cloud itself expects them; of each account the newest."""
    anomalies: tuple[Anomaly, ...] = ()
    """Newest first."""
    recommendations: tuple[Recommendation, ...] = ()
    """Those that save most first."""
    commitments: tuple[Commitment, ...] = ()
    """Those that leave most unused first."""
    groups: tuple[MachineGroup, ...] = ()
    jobs: tuple[TrainingJob, ...] = ()
    queues: tuple[JobQueue, ...] = ()
    machines: tuple[Machine, ...] = ()
    outside: tuple[OutsideRow, ...] = ()
    """What of these stands in no cluster that is watched; the dearest first."""


NO_CLOUD = CloudFacts()
