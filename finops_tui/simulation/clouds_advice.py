"""What the clouds' own tools would do to save, from what the bill says of the last two weeks: what nobody used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from finops_tui.ledger.query import CostRow
from finops_tui.model.bill import PricingCategory
from finops_tui.model.cloud import Recommendation
from finops_tui.simulation.bills import CONTRACTS, Contract
from finops_tui.simulation.estate import CLUSTERS, ClusterPlan
from finops_tui.simulation.managed import BOX_ACCOUNT, BOXES, CLUSTER
from finops_tui.simulation.randomness import identity

BY_RESOURCE = ("account", "resource")
BY_PRICING = ("account", "service", "pricing")
"""By what they look at the bill."""
DAYS = 14
LEAST_SHARE = 0.05
"""Share of a pool's cost that nobody used, from which on it is told."""
LEAST_USD = Decimal(200)
"""A month."""
_CENT = Decimal("0.01")
DAYS_A_MONTH = Decimal(365) / 12
HOURS_A_MONTH = 24 * DAYS_A_MONTH
HUB, OPTIMIZER, RECOMMENDER, ADVISOR = "Cost Optimization Hub", "Compute Optimizer", "Recommender", "Azure Advisor"


class _Tool(NamedTuple):
    """How a cloud says that a pool is larger than what it carries."""

    by: str
    action: str
    resource_type: str
    effort: str = ""


_TOOLS = {
    "aws": _Tool(HUB, "Rightsize", "Ec2AutoScalingGroup", "Medium"),
    "gcp": _Tool(RECOMMENDER, "Rightsize", "InstanceGroupManager"),
    "azure": _Tool(ADVISOR, "Resize scale set", "virtualMachineScaleSets"),
}


class Used:
    """What was paid in some whole days, by account and resource."""

    def __init__(self, resources: Iterable[CostRow], pricings: Iterable[CostRow], days: int) -> None:
        """`resources` are usage by `BY_RESOURCE`; `pricings` by `BY_PRICING` and day. So many `days` are known."""
        self._days = days
        self._by_resource = {row.key: row.effective_usage for row in resources}
        self._on_demand: defaultdict[tuple[str, str], list[Decimal]] = defaultdict(list)
        for row in pricings:
            account, service, pricing = row.key
            if pricing == PricingCategory.STANDARD:
                self._on_demand[account, service].append(row.effective_usage)

    def monthly(self, account: str, resource: str) -> Decimal:
        """Return what a resource costs in a month like these days; below a path (`pool/`) all that is in it."""
        found = [
            usd
            for (whose, name), usd in self._by_resource.items()
            if whose == account and (name == resource or (resource.endswith("/") and name.startswith(resource)))
        ]
        return sum(found, Decimal(0)) * DAYS_A_MONTH / self._days if self._days else Decimal(0)

    def steady(self, account: str, service: str) -> Decimal:
        """Return what was bought on demand on every day alike, a month."""
        days = self._on_demand[account, service]
        return min(days) * DAYS_A_MONTH if days else Decimal(0)


def recommendations(account: str, used: Used) -> Iterator[tuple[str, tuple[Recommendation, ...]]]:
    """Yield what each tool says of an account: the tool, what it would do."""
    for contract in CONTRACTS:
        if contract.account == account:
            cluster = next(plan for plan in CLUSTERS if plan.name == contract.cluster)
            yield _TOOLS[cluster.cloud].by, (*_underused(contract, cluster, used), *_commitment(contract, used))
    if account == BOX_ACCOUNT:
        yield OPTIMIZER, tuple(_idle(used))


def _underused(contract: Contract, cluster: ClusterPlan, used: Used) -> Iterator[Recommendation]:
    tool = _TOOLS[cluster.cloud]
    for pool in cluster.pools:
        unused, taken = used.monthly(contract.account, pool.name), used.monthly(contract.account, f"{pool.name}/")
        share = float(unused / (unused + taken)) if unused else 0.0
        if share >= LEAST_SHARE and unused >= LEAST_USD:
            yield Recommendation(
                id=identity(0, tool.by, contract.account, pool.name),
                account=contract.account,
                region=cluster.region,
                action=tool.action,
                resource=pool.name,
                resource_type=tool.resource_type,
                now=f"{pool.instance.name}, {share:.0%} unused in {DAYS} days",
                monthly_savings=unused.quantize(_CENT),
                can_be_undone=True,
                needs_restart=False,
                effort=tool.effort,
                by=tool.by,
            )


def _commitment(contract: Contract, used: Used) -> Iterator[Recommendation]:
    steady = used.steady(contract.account, contract.machines)
    savings = steady * contract.committed_discount
    if savings >= LEAST_USD:
        yield Recommendation(
            id=identity(0, HUB, contract.account, "commitment"),
            account=contract.account,
            region="",
            action="PurchaseSavingsPlans",
            resource="ComputeSavingsPlans",
            resource_type="",
            now=f"${steady / HOURS_A_MONTH:,.2f} an hour on demand every day, {contract.committed_discount:.0%} less",
            monthly_savings=savings.quantize(_CENT),
            can_be_undone=False,
            needs_restart=False,
            effort="VeryLow",
            by=HUB,
        )


def _idle(used: Used) -> Iterator[Recommendation]:
    region = next(plan.region for plan in CLUSTERS if plan.name == CLUSTER)
    for box in BOXES:
        monthly = used.monthly(BOX_ACCOUNT, box.id)
        if not box.used and monthly >= LEAST_USD:
            yield Recommendation(
                id=identity(0, OPTIMIZER, BOX_ACCOUNT, box.id),
                account=BOX_ACCOUNT,
                region=region,
                action="Stop",
                resource=box.id,
                resource_type="EC2Instance",
                now=f"{box.machine.name}, idle",
                monthly_savings=monthly.quantize(_CENT),
                by=OPTIMIZER,
            )
