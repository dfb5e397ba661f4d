from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from finops_tui.model.health import HealthState
from finops_tui.sources.gpu_clouds.settings import ModalSettings
from finops_tui.sources.gpu_clouds.source import GpuCloud
from tests.sources.billing.following import billed, charged, following, hurried, ledger_at


class AuthError(Exception): ...


@dataclass
class Library:
    """Modal's library, as far as it is used: its report, under the name of either age."""

    items: Any = ()
    trouble: Exception | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    billing: Any = None

    def report(self, **asked: Any) -> Any:
        self.asked.append(asked)
        if self.trouble is not None:
            raise self.trouble
        return self.items() if callable(self.items) else self.items

    def from_context(self) -> Library:
        return self


@pytest.fixture(params=["Workspace", "workspace_billing_report"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Library:
    made = Library()
    made.billing = made
    modal, billing = ModuleType("modal"), ModuleType("modal.billing")
    if request.param == "Workspace":
        modal.Workspace = made  # type: ignore[attr-defined] # a stand-in
    else:
        billing.workspace_billing_report = made.report  # type: ignore[attr-defined] # a stand-in
    monkeypatch.setitem(sys.modules, "modal", modal)
    monkeypatch.setitem(sys.modules, "modal.billing", billing)
    return made


def item(day: int, cost: str, app: str = "ap-1", parts: dict[str, str] | None = None, **tags: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "object_id": app,
        "description": "llama serving",
        "environment_name": "main",
        "interval_start": datetime(2026, 11, day, tzinfo=UTC),
        "cost": Decimal(cost),
        "tags": tags,
    }
    return told if parts is None else {**told, "cost_by_resource": {key: Decimal(usd) for key, usd in parts.items()}}


def source(folder: Path, **more: Any) -> GpuCloud:
    settings = ModalSettings(**{"tags": ("team",), "every_hours": 24, **more})
    return GpuCloud(settings, ledger_at(folder), hurried())


async def test_apps_are_billed_by_environment_part_and_tag(tmp_path: Path, library: Library) -> None:
    library.items = [
        item(18, "10.5", parts={"gpu_h100": "9", "cpu": "1"}, team="nlp", colour="red"),
        item(19, "2", "ap-2"),
    ]
    async with following(source(tmp_path, name="acme")) as one:
        assert (await one.answered()).state is HealthState.POLLED
        assert billed(tmp_path) == {(): Decimal("12.5")}
        assert billed(tmp_path, "account", "resource", "description") == {
            ("acme/main", "ap-1", "Other"): Decimal("0.5"),
            ("acme/main", "ap-1", "cpu"): Decimal(1),
            ("acme/main", "ap-1", "gpu_h100"): Decimal(9),
            ("acme/main", "ap-2", ""): Decimal(2),
        }
        assert billed(tmp_path, "team") == {("",): Decimal(2), ("nlp",): Decimal("10.5")}
        assert set(charged(tmp_path, "provider")) == {("Modal",)}
    (asked,) = library.asked
    assert (asked["start"], asked["end"]) == (
        datetime(2026, 10, 17, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC),
    )  # fmt: skip
    assert (asked["resolution"], asked["tag_names"]) == ("d", ["team"])


async def test_items_that_make_no_sense_are_left_out_and_counted(tmp_path: Path, library: Library) -> None:
    library.items = [item(18, "1"), item(18, "NaN"), item(25, "1"), item(1, "1e30")]
    async with following(source(tmp_path)) as one:
        health = await one.answered()
        assert health.warnings == ("3 records left out: no usable figure, or of other days",)
        assert billed(tmp_path, "account") == {("modal/main",): Decimal(1)}


@pytest.mark.parametrize(
    ("trouble", "reason", "hint"),
    [
        (AuthError("Token missing."), "Modal does not let us in Token missing.", "modal token new"),
        (ConnectionError("api.modal.com:443"), "no connection to Modal api.modal.com:443", "api.modal.com"),
        (RuntimeError("not on this plan"), "Modal refuses the report (RuntimeError) not on this plan", "Team and Ent"),
    ],
)
async def test_trouble_is_told_with_what_to_do(
    tmp_path: Path, library: Library, trouble: Exception, reason: str, hint: str
) -> None:
    library.trouble = trouble
    async with following(source(tmp_path)) as one:
        health = await one.answered()
        assert (health.state, health.reason) == (HealthState.DOWN, reason)
        assert hint in health.hint
        library.trouble, library.items = None, [item(19, "1")]
        await one.until(lambda: one.state is HealthState.POLLED)


async def test_an_answer_that_does_not_come_is_given_up(tmp_path: Path, library: Library) -> None:
    def late() -> tuple[()]:
        time.sleep(0.5)
        return ()

    library.items = late
    async with following(source(tmp_path, timeout_seconds=0.05)) as one:
        health = await one.answered()
        assert health.reason == "no answer within 0.05 s"


async def test_without_the_library_it_is_told_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "modal", None)
    (check,) = await source(tmp_path).diagnose()
    assert (check.state, check.hint) == ("fail", "Install Modal's library beside finops-tui: pip install modal.")
