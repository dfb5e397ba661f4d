"""What a cloud knows beside bills and prices: budgets, anomalies, groups of machines, jobs, recommendations."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from finops_tui.model.observations import CloudWord

AWS_DIGITS = 12
"""Of an account's number at AWS; no other cloud names what it bills so."""


class Budget(Struct, frozen=True, kw_only=True, gc=False):
    """A budget that somebody made at AWS, and how far it is used."""

    account: str
    name: str
    kind: str
    """In AWS's words: `COST`, `USAGE`, `SAVINGS_PLANS_UTILIZATION`."""
    period: str
    """`MONTHLY`, `DAILY`, `QUARTERLY`, `ANNUALLY`, `CUSTOM`."""
    unit: str
    """Currency of the amounts; hours or a percentage for other kinds than COST."""
    limit: Decimal | None
    """None where AWS plans it automatically and does not say."""
    actual: Decimal | None
    """Spent in this period as of AWS's last look, 8 to 12 hours ago."""
    forecast: Decimal | None
    """AWS's own, for the whole period; None where it has none."""
    about: str = ""
    """What it counts, where not everything: `Service: Amazon SageMaker`."""
    trouble: str = ""
    """Why AWS calls it unhealthy."""


class ForecastDay(Struct, frozen=True, kw_only=True, gc=False):
    day: date
    mean: Decimal
    low: Decimal
    high: Decimal
    """Between `low` and `high` with the likelihood that was asked for."""


class Forecast(Struct, frozen=True, kw_only=True, gc=False):
    """What a cloud itself expects one account to be billed."""

    account: str
    currency: str
    likelihood: float
    """That each day lies between its `low` and `high`: a ratio."""
    days: tuple[ForecastDay, ...]
    """The first is the day on which it was asked."""

    @property
    def total(self) -> Decimal:
        """Return what all its days together are expected to cost, in its currency."""
        return sum((day.mean for day in self.days), Decimal(0))


class RootCause(Struct, frozen=True, kw_only=True, gc=False):
    service: str = ""
    region: str = ""
    account: str = ""
    usage_type: str = ""
    contribution: Decimal | None = None
    """Of the anomaly's impact, in US dollars."""


class Anomaly(Struct, frozen=True, kw_only=True, gc=False):
    """What AWS's own detection found, hours to a day later than it happened."""

    id: str
    account: str
    start: date
    end: date | None
    subject: str
    """The service, account or tag value that its monitor watches."""
    impact: Decimal
    """US dollars above what AWS expected, so far."""
    actual: Decimal | None
    expected: Decimal | None
    causes: tuple[RootCause, ...] = ()
    feedback: str = ""
    """`YES`, `NO` or `PLANNED_ACTIVITY`, where somebody has said."""

    @property
    def place(self) -> str:
        """Where its cloud takes feedback, as a cluster: `aws/123456789012/us-east-1`; empty where none is taken."""
        at_aws = len(self.account) == AWS_DIGITS and self.account.isascii() and self.account.isdecimal()
        return f"aws/{self.account}/us-east-1" if at_aws else ""

    @property
    def key(self) -> str:
        return f"{self.place}/Anomaly/ce/{self.id}"

    @property
    def name(self) -> str:
        return self.subject or self.id


class Commitment(Struct, frozen=True, kw_only=True, gc=False):
    """How one account's commitments fared in some days that are over."""

    account: str
    kind: str
    """`Savings Plans`."""
    first: date
    last: date
    """Included."""
    covered: Decimal
    """Spend that they covered, in US dollars."""
    not_covered: Decimal
    """Spend at on-demand prices that they could have covered, in US dollars."""
    coverage: float
    """Ratio of what is covered to both."""
    committed: Decimal | None = None
    """What was paid for them in these days, in US dollars."""
    unused: Decimal | None = None
    """Of what was paid, in US dollars."""
    utilization: float | None = None
    """Ratio of what is used to what was paid."""
    saved: Decimal | None = None
    """Against on-demand prices, what is unused taken off, in US dollars."""


class MachineGroup(Struct, frozen=True, kw_only=True, gc=False):
    """Anything at a cloud that holds machines and has a size."""

    kind: str
    """`asg`, `eks-nodegroup`, `sagemaker-endpoint`, `batch-environment`.

    Of Google Cloud `gke-nodepool`, `gke-autopilot` and `mig`, of Azure `aks-agentpool` and `vmss`.
    """
    account: str
    region: str
    name: str
    cluster: str = ""
    """EKS, GKE or AKS cluster, as the cloud calls it; or the endpoint, of a variant."""
    instance_types: tuple[str, ...] = ()
    accelerators: str = ""
    """What each machine has beside what belongs to its type, which the type's price leaves out: `4 nvidia-tesla-t4`."""
    spot: bool | None = None
    """None where some are and some are not, or it is not known."""
    minimum: int | None = None
    maximum: int | None = None
    desired: int | None = None
    running: int | None = None
    protected: int = 0
    """Machines that stay when the group shrinks."""
    suspended: tuple[str, ...] = ()
    """Processes that somebody suspended: `Launch`."""
    state: str = ""
    """In the cloud's words."""
    unit: str = "machines"
    """What the sizes count: Batch counts vCPUs."""
    node_group: str = ""
    """EKS node group that made it, of an Auto Scaling group: its cluster's nodes bear that name."""
    since: datetime | None = None
    """When it was made, where that is told."""


class TrainingJob(Struct, frozen=True, kw_only=True, gc=False):
    """A SageMaker training job that runs, or whose machines are kept warm."""

    account: str
    region: str
    name: str
    instance_types: tuple[str, ...]
    machines: int | None
    spot: bool
    state: str
    """In AWS's words, the finer one: `Training`, `Downloading`."""
    warm_pool: str = ""
    """`Available` means that idle machines are paid for."""
    checkpoints: bool = False
    """Whether it saves its work somewhere: stopping one that does not loses all of it."""
    started_at: datetime | None = None


class Machine(Struct, frozen=True, kw_only=True, gc=False):
    """An EC2 machine with GPUs or other accelerators that is in no cluster: running, or stopped and ours to start."""

    account: str
    region: str
    id: str
    name: str = ""
    """Its tag `Name`."""
    instance_type: str
    zone: str = ""
    spot: bool = False
    state: str
    """In AWS's words: `running`, `stopped`."""
    group: str = ""
    """Auto Scaling group that it is in."""
    allowed: bool = False
    """Whether its owner has tagged it as one that may be stopped and started from here."""
    started_at: datetime | None = None


class JobQueue(Struct, frozen=True, kw_only=True, gc=False):
    """A Batch queue: closing it stops new work."""

    account: str
    region: str
    name: str
    open: bool
    environments: tuple[str, ...] = ()


class Recommendation(Struct, frozen=True, kw_only=True, gc=False):
    """What one of a cloud's own tools would do."""

    id: str
    account: str
    region: str
    action: str
    """`Stop`, `Rightsize`, `Delete`, `PurchaseSavingsPlans`."""
    resource: str
    """Id or ARN."""
    resource_type: str
    now: str = ""
    then: str = ""
    monthly_savings: Decimal | None = None
    currency: str = "USD"
    owner: str = ""
    """Team that its tags or the bill name; empty where neither does."""
    can_be_undone: bool | None = None
    needs_restart: bool | None = None
    effort: str = ""
    by: str = ""
    """Which tool says so."""


class BudgetsSeen(CloudWord, frozen=True, kw_only=True, gc=False):
    """All budgets of one account; it replaces the earlier ones."""

    account: str
    budgets: tuple[Budget, ...]


class ForecastSeen(CloudWord, frozen=True, kw_only=True, gc=False):
    """What AWS expects one account to be billed until the month ends, today included."""

    account: str
    currency: str
    likelihood: float
    """That each day lies between `low` and `high`: a ratio."""
    days: tuple[ForecastDay, ...]


class AnomaliesSeen(CloudWord, frozen=True, kw_only=True, gc=False):
    """All anomalies of one account in the last days; it replaces the earlier ones."""

    account: str
    anomalies: tuple[Anomaly, ...]


class CommitmentsSeen(CloudWord, frozen=True, kw_only=True, gc=False):
    """How all commitments of one account fare; it replaces the earlier word. None where there are none."""

    account: str
    commitments: tuple[Commitment, ...]


class MachineGroupsSeen(CloudWord, frozen=True, kw_only=True, gc=False):
    """All groups of some kinds in one account and region; it replaces the earlier ones of these kinds."""

    account: str
    region: str
    kinds: tuple[str, ...]
    groups: tuple[MachineGroup, ...]


class TrainingJobsSeen(CloudWord, frozen=True, kw_only=True, gc=False):
    """All training jobs of one account and region that cost now; it replaces the earlier ones."""

    account: str
    region: str
    jobs: tuple[TrainingJob, ...]


class MachinesSeen(CloudWord, frozen=True, kw_only=True, gc=False):
    """All such machines of one account and region; it replaces the earlier ones."""

    account: str
    region: str
    machines: tuple[Machine, ...]


class JobQueuesSeen(CloudWord, frozen=True, kw_only=True, gc=False):
    """All Batch queues of one account and region; it replaces the earlier ones."""

    account: str
    region: str
    queues: tuple[JobQueue, ...]


class RecommendationsSeen(CloudWord, frozen=True, kw_only=True, gc=False):
    """All recommendations of one tool for one account; it replaces the earlier ones of this tool."""

    account: str
    by: str
    recommendations: tuple[Recommendation, ...]
