"""Sources of bills as the config asks for them."""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from finops_tui.config.models import Config
from finops_tui.ledger.drill import Drill
from finops_tui.ledger.drill_here import HereExport
from finops_tui.model.observations import BillsSeen
from finops_tui.wiring.bills import BILLED, bill_source, drilling
from finops_tui.wiring.folders import paid_folder
from finops_tui.wiring.live import state_folder
from tests.ledger.charges import charge, statement
from tests.sources.billing.following import hurried, ledger_at

SECTIONS: tuple[dict[str, Any], ...] = (
    {"type": "opencost", "url": "http://opencost:9003", "billed_elsewhere": False},
    {"type": "gcp", "billing_account": "010101-F0FFF0-61C528", "project": "finops", "export": "f.b.t"},
    {"type": "azure", "scopes": [{"scope": "subscriptions/11111111-2222-3333-4444-555555555555"}]},
    {"type": "openai", "admin_key": "sk-admin-x"},
    {"type": "anthropic", "admin_key": "sk-ant-admin-x"},
    {"type": "runpod", "api_key": "rpa_x"},
    {"type": "modal"},
)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section["type"])
async def test_what_a_budget_is_for_is_read_back_from_every_bill(section: dict[str, Any], tmp_path: Path) -> None:
    budget = {"name": "NLP", "scope": "nlp", "kind": "team", "usd_per_month": 100}
    config = Config.model_validate({"sources": [section], "findings": {"budgets": [budget]}})
    source = bill_source(config.sources[0], config, hurried(), ledger_at(tmp_path))
    assert source is not None
    ledger_at(tmp_path)().restate(statement(charge(day=18, source=source.name, tags={"team": "nlp"})))
    async with aclosing(source.observe()) as told:  # type: ignore[type-var] # each of them is a generator
        bills = await anext(each async for each in told if isinstance(each, BillsSeen))
    assert {(each.scope, each.name) for each in bills.scoped} == {("team", "nlp")}


ATHENA = {"region": "us-east-1", "database": "billing", "table": "cur2"}


async def test_drill_downs_are_answered_by_the_exports_of_the_config_else_by_the_ledger(tmp_path: Path) -> None:
    sections: list[dict[str, Any]] = [*SECTIONS, {"type": "aws", "athena": ATHENA}, {"type": "aws", "name": "b"}]
    config = Config.model_validate({"sources": sections, "state_folder": str(tmp_path)})
    now = hurried()
    question = Drill(since=now.now() - timedelta(days=1), until=now.now(), by=("resource",))

    def tells(source: str) -> Awaitable[tuple[str, ...]]:
        asked = replace(question, where={"source": frozenset({source})})
        return drilling(config, hurried(), ledger_at(tmp_path)).tells(asked)

    assert "operation" in await tells("aws default")
    assert "resource" not in await tells("gcp 010101-F0FFF0-61C528")
    assert "hour" not in await tells(f"azure {SECTIONS[2]['scopes'][0]['scope']}")
    for source in ("aws b", "openai x", "opencost opencost"):
        assert await tells(source) == HereExport.tells, "it has no export that can be asked"


def test_every_type_of_bill_is_known_as_one() -> None:
    assert {section["type"] for section in SECTIONS} | {"aws", "focus"} == BILLED


def test_what_requests_cost_is_counted_in_one_folder_for_all_sources(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    first, second = (Config.model_validate({"sources": [section]}) for section in SECTIONS[:2])
    assert paid_folder(first) == paid_folder(second) == state_folder(first).parent
    assert state_folder(first) != state_folder(second)
    named = Config.model_validate({"state_folder": "~/named"})
    assert paid_folder(named) == state_folder(named) == tmp_path / "named"
