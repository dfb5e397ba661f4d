from __future__ import annotations

from finops_tui.actions.marks import Mark
from finops_tui.engine.standing import standing
from finops_tui.model.plan import Outcome
from tests.engine.fleets import composer, fleet, nodes_seen, workload, workloads_seen
from tests.samples import NOON

MARK = Mark(
    action="pause", plan="5f0c", by="ana", at="2026-03-10T11:00:00Z", uid="u", was={("spec", "suspend"): False},
    set={("spec", "suspend"): True}, usd_per_hour=412.0, until="2026-03-10T11:30:00Z",
)  # fmt: skip


def test_what_a_colleague_did_from_another_machine_is_listed_as_the_object_tells() -> None:
    known = fleet(workloads_seen(workload("train", annotations={"finops-tui/undo": MARK.to_json()})))
    (row,) = standing(known, known=())
    assert (row.key, row.who, row.title, row.outcome) == ("5f0c", "ana", "Pause train", Outcome.DONE)
    assert (row.promised_usd_per_hour, row.undoable, row.here) == (412.0, True, False)
    assert row.until is not None
    assert row.until < NOON, "it is overdue"


def test_what_the_journal_here_holds_is_told_once() -> None:
    known = fleet(workloads_seen(workload("train", annotations={"finops-tui/undo": MARK.to_json()})))
    assert list(standing(known, known={"5f0c"})) == []


def test_nonsense_on_an_object_costs_nothing() -> None:
    for written in ("", "{", "[]", '{"was": 3}', "x" * 100_000, MARK.to_json().replace("2026-03-10T11:30:00Z", "soon")):
        known = fleet(nodes_seen(), workloads_seen(workload("train", annotations={"finops-tui/undo": written})))
        assert all(row.until is None for row in standing(known, known=()))
        composer().compose(known, NOON)
