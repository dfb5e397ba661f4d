"""What was done, in words: plain text, JSON, and Markdown as a handover note. Words from outside are data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from finops_tui.engine.journal import Verified
from finops_tui.engine.journal_entry import Entry
from finops_tui.model.plan import Outcome
from finops_tui.output import JOURNAL_FORMATS
from finops_tui.output.figures import MISSING, moment, number
from finops_tui.output.plain import one_line
from finops_tui.phrases import counted, estimated, rate

VERSION = 1
NOTHING = "Nothing was changed."
_HEADS = ("When", "Who", "Where", "What", "Why", "Outcome", "Promised $/h", "Measured $/h", "Undo")
_FIGURES = frozenset({"Promised $/h", "Measured $/h"})


def since(entries: Sequence[Entry], now: datetime, seconds: float | None) -> tuple[Entry, ...]:
    """Return what was begun in the last `seconds` (None: ever), and whatever is in flight."""
    if seconds is None:
        return tuple(entries)
    begin = now - timedelta(seconds=seconds)
    return tuple(entry for entry in entries if entry.at >= begin or entry.in_flight)


def write(entries: Sequence[Entry], now: datetime, form: str, broken: str = "") -> str:
    """Return the entries in one of `JOURNAL_FORMATS`.

    `broken` says that the chain does not hold, where, and what to trust.
    """
    return dict(zip(JOURNAL_FORMATS, (_text, _json, _markdown), strict=True))[form](entries, now, one_line(broken))


def verification(found: Verified, form: str) -> str:
    if form == "json":
        fields = ("lines", "entries", "absent", "torn", "hanging", "tip", "trouble")
        return json.dumps({"version": VERSION} | {name: getattr(found, name) for name in fields}, indent=2) + "\n"
    lines = [f"{counted(found.lines, 'line')} about {counted(found.entries, 'change')}."]
    if found.absent:
        lines.append(f"Begins at line {found.absent + 1}: earlier files are not here.")
    lines += [
        f"A write was cut short before line {line}: {counted(size, 'byte')}, kept as they were."
        for line, size in found.torn
    ]
    if found.hanging:
        lines.append(f"The last write was cut short: {counted(found.hanging, 'byte')}, kept as they were.")
    if found.trouble:
        lines.append(f"Changed after it was written: {one_line(found.trouble)}.")
    elif found.tip:
        lines.append(f"Every line is as it was written. The last one's SHA-256 is {found.tip}.")
    return "\n".join(f"- {line}" if form == "md" else line for line in lines) + "\n"


def _text(entries: Sequence[Entry], _now: datetime, broken: str) -> str:
    if not entries:
        return f"{broken or NOTHING}\n"
    return "\n".join([*([f"{broken}\n"] if broken else []), *(_story(entry) for entry in entries)])


def _story(entry: Entry) -> str:
    plan = entry.plan
    facts = (
        ("where", _where(entry)),
        ("who", str(entry.who) + (f", agreed by {entry.approver}" if entry.approver else "")),
        ("why", entry.reason),
        *(
            (
                "would have" if _nothing_came(entry) else "changed",
                f"{change.object} {change.path} {change.before} → {change.after}",
            )
            for change in plan.changes
        ),
        ("dry run", plan.dry_run),
        ("outcome", _outcome(entry)),
        ("saves", f"promised {_usd(plan.saves_usd_per_hour)}, measured {_usd(entry.saved_usd_per_hour)}"),
        ("undo", _undo(entry)),
        ("id", entry.id),
    )
    head = f"{moment(entry.at)}  {one_line(plan.title)}: {entry.outcome}"
    return "\n".join([head, *(f"  {name:9}{one_line(fact)}" for name, fact in facts if fact)]) + "\n"


def _markdown(entries: Sequence[Entry], now: datetime, broken: str) -> str:
    open_ones = [entry for entry in entries if entry.in_flight]
    lines = [f"# Handover {moment(now)}", "", *([f"**{broken}**", ""] if broken else [])]
    lines.append(_summary(entries, open_ones) if entries or not broken else "No change is known.")
    for title, some in (("Still open", open_ones), ("Closed", [entry for entry in entries if not entry.in_flight])):
        if some:
            lines += ["", f"## {title}", "", *_table(some)]
    changes = [(entry, change) for entry in entries if not _nothing_came(entry) for change in entry.plan.changes]
    if changes:
        lines += ["", "## Changes", ""]
        lines += [
            f"- {_code(entry.plan.target.cluster)} {_code(change.object)} {_code(change.path)}: "
            f"{_code(change.before)} → {_code(change.after)} ({_code(entry.plan.title)}, {moment(entry.at)})"
            for entry, change in changes
        ]
    return "\n".join(lines) + "\n"


def _nothing_came(entry: Entry) -> bool:
    return entry.outcome is Outcome.FAILED


def _summary(entries: Sequence[Entry], open_ones: Sequence[Entry]) -> str:
    if not entries:
        return NOTHING
    undoable = sum(entry.undoable for entry in entries)
    return f"{counted(len(entries), 'change')}, {len(open_ones)} still open, {undoable} can be undone."


def _table(entries: Sequence[Entry]) -> list[str]:
    rules = "|".join("---:" if head in _FIGURES else "---" for head in _HEADS)
    return [f"| {' | '.join(_HEADS)} |", f"|{rules}|", *(f"| {' | '.join(_cells(entry))} |" for entry in entries)]


def _cells(entry: Entry) -> tuple[str, ...]:
    words = (str(entry.who), _where(entry), entry.plan.title, entry.reason, _outcome(entry))
    figures = (number(entry.plan.saves_usd_per_hour), number(entry.saved_usd_per_hour))
    return moment(entry.at), *map(_code, words), *figures, _code(_undo(entry))


def _json(entries: Sequence[Entry], now: datetime, broken: str) -> str:
    document = {"version": VERSION, "at": moment(now), "trouble": broken, "entries": [_data(each) for each in entries]}
    return json.dumps(document, indent=2) + "\n"


def _data(entry: Entry) -> dict[str, Any]:
    plan, target = entry.plan, entry.plan.target
    return {
        "id": entry.id,
        "at": moment(entry.at),
        "action": plan.action,
        "title": plan.title,
        "cluster": target.cluster,
        "target": target.key,
        "uid": target.uid,
        "owner": target.owner,
        "who": {"user": entry.who.user, "host": entry.who.host, "cluster_user": entry.who.cluster_user},
        "approver": entry.approver,
        "reason": entry.reason,
        "changes": [
            {"object": one.object, "path": one.path, "before": one.before, "after": one.after} for one in plan.changes
        ],
        "dry_run": plan.dry_run,
        "decision": entry.judgement.decision,
        "checks": [{"ok": check.ok, "words": check.words} for check in entry.judgement.checks],
        "outcome": entry.outcome,
        "outcome_at": moment(entry.outcome_at) if entry.outcome_at is not None else None,
        "words": entry.words,
        "in_flight": entry.in_flight,
        "promised_usd_per_hour": plan.saves_usd_per_hour,
        "saved_usd_per_hour": entry.saved_usd_per_hour,
        "undo": entry.undo_state,
        "bulk": entry.bulk,
        "undoes": entry.undoes,
        "undone_by": entry.undone_by,
    }


def _where(entry: Entry) -> str:
    target = entry.plan.target
    return f"{target.cluster} {target.name}" + (f", owner {target.owner}" if target.owner else "")


def _outcome(entry: Entry) -> str:
    at = f" at {moment(entry.outcome_at)}" if entry.outcome_at is not None else ""
    words = entry.words or ("written down; what became of it is not known" if entry.outcome_at is None else "")
    return f"{entry.outcome}{at}" + (f": {words}" if words else "")


def _undo(entry: Entry) -> str:
    state: str = entry.undo_state
    return f"{state}: {entry.plan.undo}" if entry.undoable else state


def _usd(value: float | None) -> str:
    return MISSING if value is None else estimated(rate(value))


def _code(text: str) -> str:
    """Return a code span, in which nothing is markup; a pipe would still end the cell and a backtick the span."""
    return f"`{one_line(text).replace('`', chr(39)).replace('|', '¦')}`" if text else ""
