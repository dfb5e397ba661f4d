"""Whose a recommendation is: by the tags of the resource, else by who pays for it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.owners import owned
from finops_tui.model.bill import BillRow
from finops_tui.model.cloud import Recommendation
from tests.ledger.charges import SCOPES, charge, statement

TODAY = date(2026, 11, 20)


def recommendation(resource: str, **more: Any) -> Recommendation:
    facts = {"id": resource, "account": "111", "region": "us-east-1", "action": "Stop", "resource_type": "VM"}
    return Recommendation(**{**facts, "resource": resource, **more})


def ledger(folder: Path, *rows: BillRow) -> Ledger:
    made = Ledger(folder / "bills.sqlite", SCOPES)
    made.restate(statement(*rows))
    return made


def test_who_pays_most_for_a_resource_owns_what_is_recommended_for_it(tmp_path: Path) -> None:
    held = ledger(
        tmp_path,
        charge("9", day=18, resource_id="vm-1", tags={"team": "nlp"}),
        charge("20", day=18, resource_id="vm-1", tags={"team": "chat"}),
        charge("90", day=18, resource_id="vm-1", tags={}),
        charge("99", day=18, resource_id="vm-1", sub_account_id="222", tags={"team": "elsewhere"}),
        charge("99", day=1, resource_id="vm-1", tags={"team": "long-ago"}),
    )
    found = owned(held, [recommendation("projects/p/instances/vm-1"), recommendation("vm-9")], {}, TODAY)
    assert [each.owner for each in found] == ["chat", ""]


def test_the_tags_of_the_resource_itself_come_first(tmp_path: Path) -> None:
    held = ledger(tmp_path, charge(day=18, resource_id="vm-1", tags={"team": "chat"}))
    tags = {"vm-1": {"Owner": "nlp"}, "vm-2": {"colour": "red"}}
    found = owned(held, [recommendation("vm-1"), recommendation("vm-2")], tags, TODAY)
    assert [each.owner for each in found] == ["nlp", ""]


def test_a_bill_that_tells_no_resources_names_nobody(tmp_path: Path) -> None:
    held = Ledger(tmp_path / "bills.sqlite", SCOPES)
    told = frozenset({"service_name", "tag:team"})
    held.restate(statement(charge(day=18, resource_id=""), dimensions=told))
    assert [each.owner for each in owned(held, [recommendation("vm-1")], {}, TODAY)] == [""]
