"""The demo: a simulated company, its clouds and its bills."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from finops_tui.clock import Clock, SimulatedClock, WallClock
from finops_tui.engine.feed import Feed
from finops_tui.wiring.engine import desk_to_come, engine_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.detectors.registry import DetectionRules
    from finops_tui.engine.desk import Desk
    from finops_tui.engine.hub import Hub
    from finops_tui.engine.settings import EngineSettings
    from finops_tui.ledger.drilling import Drilling
    from finops_tui.ledger.ledger import Ledger
    from finops_tui.simulation.billing import SimulatedBilling
    from finops_tui.simulation.clouds import SimulatedClouds
    from finops_tui.simulation.source import SimulatedCloud
    from finops_tui.sources.base import Source

BUDGET_USD = 720_000.0
"""For a month: some 5 % more than the simulated company spends on machines and the rest."""
ARMED_MINUTES = 15.0
"""Of real time: the demo begins armed."""


def simulated_clock(speed: float, begin: datetime | None = None) -> SimulatedClock:
    """Return the clock of a demo on the screen; it begins now unless told otherwise."""
    return SimulatedClock(begin or WallClock().now(), speed)


def hub(
    seed: int,
    clock: Clock,
    feed: Feed,
    scenario: str | None = None,
    billing: Callable[[SimulatedBilling], None] = lambda _: None,
) -> Hub:
    """Build the engine on the simulated cloud; `billing` is told what brings its bills."""
    from finops_tui.model.snapshot import Mode

    prices, cloud = sources(seed, clock, scenario=scenario)
    bills, clouds = accounts(seed, clock, cloud)
    billing(bills)

    def desk() -> Desk:
        from finops_tui.wiring.hands import demo_desk

        return demo_desk(cloud.calls, clock, feed, armed_for=armed_for, explorer=clouds.explorer)

    armed_for = timedelta(minutes=ARMED_MINUTES * clock.speed)
    return engine_on(
        (prices, cloud, bills, clouds), clock, feed, settings=settings(figures_first=True),
        mode=Mode.DEMO,
        scenario=lambda: cloud.scenario,
        companions=lambda _: (desk_to_come(desk, clock, possible=True, armed_for=armed_for),),
    )  # fmt: skip


def sources(
    seed: int, clock: Clock, interval_seconds: float | None = None, scenario: str | None = None
) -> tuple[Source, SimulatedCloud]:
    """`interval_seconds` of the clock pass between two reports of the simulated cloud; by default two real ones.

    `scenario` names the incident that it shall have. Raises UsageError where there is none of that name.
    """
    from finops_tui.simulation.source import SimulatedCloud
    from finops_tui.sources.prices import PriceTable

    return PriceTable(clock), SimulatedCloud(seed, clock, interval_seconds, scenario)


def accounts(seed: int, clock: Clock, cloud: SimulatedCloud) -> tuple[SimulatedBilling, SimulatedClouds]:
    """Build what tells of the simulated company's bills, and what its clouds say of themselves."""
    from finops_tui.simulation.billing import SimulatedBilling
    from finops_tui.simulation.clouds import SimulatedClouds

    billing = SimulatedBilling(seed, clock)
    return billing, SimulatedClouds(seed, clock, cloud, billing)


def settings(refresh_seconds: float = 1.0, *, figures_first: bool = False) -> EngineSettings:
    """Return the simulated company's settings: whose bill each cluster is on, and what a month may cost."""
    from finops_tui.analysis.bill_links import BillLink
    from finops_tui.engine.settings import EngineSettings
    from finops_tui.simulation.billing import ACCOUNTS

    return EngineSettings(
        refresh_seconds=refresh_seconds,
        detection=_rules,
        bill_links=tuple(BillLink(cluster=cluster, account=account) for cluster, account in ACCOUNTS.items()),
        figures_first=figures_first,
    )


def _rules() -> DetectionRules:
    from finops_tui.detectors.budget import Budget, BudgetRules
    from finops_tui.detectors.registry import DetectionRules
    from finops_tui.model.billing import Period

    company = Budget(name="company", period=Period.MONTH, usd=BUDGET_USD)
    return DetectionRules(budget=BudgetRules(budgets=(company,), thresholds=(1.0,), of_clouds=False))


def answers(billing: Sequence[SimulatedBilling], clock: Clock) -> Drilling:
    """Return who answers drill-downs into simulated bills; `billing` is empty until the engine runs."""
    from finops_tui.ledger.drilling import Drilling
    from finops_tui.simulation.exports import SimulatedExport, written

    def ledger() -> Ledger:
        return written(billing[0] if billing else None)

    exports = (SimulatedExport(ledger, clock),)
    return Drilling(lambda: exports, ledger, clock)
