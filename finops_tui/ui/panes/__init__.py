"""The panes: one file each, and one entry here."""

from __future__ import annotations

from typing import Any

from finops_tui.ui.panes.activity import ACTIVITY
from finops_tui.ui.panes.base import PaneSpec
from finops_tui.ui.panes.findings import FINDINGS
from finops_tui.ui.panes.gpu import GPU
from finops_tui.ui.panes.serving import SERVING
from finops_tui.ui.panes.slo import SLO
from finops_tui.ui.panes.sources import SOURCES
from finops_tui.ui.panes.spend import SPEND
from finops_tui.ui.panes.spot import SPOT

PANES: tuple[PaneSpec[Any], ...] = (FINDINGS, GPU, SLO, SPOT, ACTIVITY, SPEND, SERVING, SOURCES)
BY_ID = {pane.id: pane for pane in PANES}
