"""The best move against a finding, in one line: `p pause the job saves ≈$412.0/h from 14:09Z, SLO risk none`. Pure."""

from __future__ import annotations

from finops_tui import phrases
from finops_tui.ui import format as fmt
from finops_tui.ui.panes.facts import Fact
from finops_tui.ui.text import clean

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.finding import Finding, Remedy

LABEL = "Best"
ONLY_HARD = "only a high-risk move is left: "


def moment_of(remedy: Remedy) -> str:
    """Return the moment from which it saves; empty where that is not known, its plan asks."""
    return fmt.short_time(remedy.saves_at) if remedy.saves_at is not None else ""


def best_of(finding: Finding) -> Remedy | None:
    """Return the best move that can be made: the mildest that may help."""
    return next((one for one in finding.remedies if not one.refused), None)


def best_move(remedy: Remedy, key: str, name: str = "") -> Fact:
    """Tell a move with the key for it; `key` is empty where none works now, `name` where it is clear whose it is.

    A move that puts an SLO at high risk is no recommendation: it is told to be all that is left.
    """
    usd, at = remedy.saves_usd_per_hour, moment_of(remedy)
    saves = f" saves {phrases.estimated(fmt.rate(usd))}{f' from {at}' if at else ''}" if usd else ""
    if usd == 0:
        saves = " saves nothing by itself"
    what = f"{remedy.what} {clean(name)}" if name and name not in remedy.what else remedy.what
    words = f"{key} {what}{saves}, SLO risk {remedy.slo_risk.value}".strip()
    if remedy.slo_risk == "high":
        words = f"{ONLY_HARD}{words}"
    return Fact(LABEL, words, "" if remedy.reversible else "cannot be undone")
