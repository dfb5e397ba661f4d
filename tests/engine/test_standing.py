from __future__ import annotations

from dataclasses import replace

from finops_tui.actions.marks import Mark
from finops_tui.engine.standing import standing
from finops_tui.model.inventory import Namespace
from finops_tui.model.observations import NamespacesSeen
from finops_tui.model.plan import Outcome, TargetKind
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


QUOTA = replace(
    MARK, action="quota", plan="9e1f", was={("spec", "hard", "requests.nvidia.com/gpu"): None},
    set={("spec", "hard", "requests.nvidia.com/gpu"): "72"}, usd_per_hour=None,
)  # fmt: skip


def namespaces(*marks: str) -> NamespacesSeen:
    held = Namespace(cluster="prod", name="ml", marks=marks)
    return NamespacesSeen(at=NOON, source="k8s", cluster="prod", namespaces=(held,))


def test_a_quota_that_should_be_gone_is_listed_for_whoever_looks_next() -> None:
    known = fleet(namespaces(QUOTA.to_json(), "nonsense"))
    (row,) = standing(known, known=())
    assert (row.key, row.who, row.title, row.action) == ("9e1f", "ana", "Limit ml to 72 GPUs", "quota")
    assert (row.target_kind, row.target, row.name) == (TargetKind.NAMESPACE, "prod/ml", "ml")
    assert (row.undoable, row.here) == (True, False)
    assert row.until is not None
    assert row.until < NOON
    assert list(standing(known, known={"9e1f"})) == []
    known.fold(namespaces())
    assert list(standing(known, known=())) == []


def test_what_the_journal_here_holds_is_told_once() -> None:
    known = fleet(workloads_seen(workload("train", annotations={"finops-tui/undo": MARK.to_json()})))
    assert list(standing(known, known={"5f0c"})) == []


def test_nonsense_on_an_object_costs_nothing() -> None:
    for written in ("", "{", "[]", '{"was": 3}', "x" * 100_000, MARK.to_json().replace("2026-03-10T11:30:00Z", "soon")):
        known = fleet(nodes_seen(), workloads_seen(workload("train", annotations={"finops-tui/undo": written})))
        assert all(row.until is None for row in standing(known, known=()))
        composer().compose(known, NOON)
