"""A snapshot in words for pipes and files: JSON, text, Markdown and CSV."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` itself would cost a tenth of the time that --help may take
    from collections.abc import Callable

    from finops_tui.model.snapshot import Snapshot

FORMATS = ("text", "json", "md", "csv")
"""Of a snapshot; those of other commands stand here too, for the command line loads none of their modules."""
COSTS_FORMATS = ("table", "json", "csv")
ESTIMATE_FORMATS = ("table", "json")
JOURNAL_FORMATS = ("text", "json", "md")


def writer(name: str) -> Callable[[Snapshot], str]:
    """Return what writes a snapshot in the format called `name`; only that format's module is loaded."""
    if name == "json":
        from finops_tui.output.json import write
    elif name == "md":
        from finops_tui.output.markdown import write
    elif name == "csv":
        from finops_tui.output.csv import write
    else:
        from finops_tui.output.text import write
    return write
