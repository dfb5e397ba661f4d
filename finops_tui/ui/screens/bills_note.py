"""The bills page as Markdown, with every row, in the order in which they stand. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from finops_tui.ui.markdown import code
from finops_tui.ui.screens.bills_parts import Part, Parts
from finops_tui.ui.screens.bills_words import check_facts, month_facts
from finops_tui.ui.widgets.columns import Column

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot
    from finops_tui.ui.panes.facts import Fact


def note(snapshot: Snapshot, parts: Parts) -> str:
    """Return the page; amounts are estimated (≈) or billed (=) as on the screen."""
    lines = [f"# Bills {snapshot.at:%Y-%m-%dT%H:%M:%SZ}", "", "## Month", ""]
    lines += [_fact(fact) for fact in month_facts(snapshot.month, parts.now(), snapshot.reconciliation)]
    for part in parts:
        lines += ["", f"## {part.spec.title}", ""]
        check = snapshot.reconciliation
        if part is parts.check and check is not None:
            lines += [f"- {code(check.line)}", *map(_fact, check_facts(check))]
            lines += [*(f"- {code(words)}" for words in check.unmatched), ""]
        rows = part.rows(snapshot)
        lines += _table(part, rows) if rows else [part.spec.empty]
    return "\n".join(lines) + "\n"


def _fact(fact: Fact) -> str:
    return f"- {fact.label}: {code(fact.value)}" + (f" ({code(fact.note)})" if fact.note else "")


def _table(part: Part, rows: list[Any]) -> Iterator[str]:
    yield f"| {' | '.join(column.title for column in part.columns)} |"
    yield f"|{'|'.join('---:' if column.align == 'right' else '---' for column in part.columns)}|"
    for row in rows:
        yield f"| {' | '.join(code(_text(column, row)) for column in part.columns)} |"


def _text(column: Column[Any], row: Any) -> str:
    content = column.cell(row)
    return content if isinstance(content, str) else "".join(text for text, _ in content)
