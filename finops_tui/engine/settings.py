"""What may be tuned in how figures are made. The config fills it in; the defaults stand without one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from finops_tui.analysis.idle import IdleRules
from finops_tui.analysis.ownership import OwnershipRules
from finops_tui.analysis.usage import UsagePrices

TYPE_CHECKING = False
if TYPE_CHECKING:  # the first figures do not wait for all that judges them
    from finops_tui.analysis.bill_links import BillLink
    from finops_tui.detectors.registry import DetectionRules
    from finops_tui.engine.watch import WatchRules


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    refresh_seconds: float = 1.0
    """Shortest real time between two snapshots."""
    ownership: OwnershipRules = field(default_factory=OwnershipRules)
    idle: IdleRules = field(default_factory=IdleRules)
    usage: UsagePrices = field(default_factory=UsagePrices)
    detection: Callable[[], DetectionRules] | None = None
    """Makes the rules once they are needed; None stands for the defaults, as in the next."""
    watch: WatchRules | None = None
    bill_links: tuple[BillLink, ...] = ()
    """Which bill is for which cluster."""
    figures_first: bool = False
    """Whether somebody waits at a screen: then the very first figures come before they are judged."""
