"""Where a live run keeps what does not belong to one set of sources."""

from __future__ import annotations

from finops_tui.config.find import platform_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from finops_tui.config.models import Config


def paid_folder(config: Config) -> Path:
    """Return where it is kept what requests cost: one folder, as it is counted for all configs together."""
    return config.state_folder or platform_state()
