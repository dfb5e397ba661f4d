"""From the config to a Batch queue and back: source, engine, screen, desk, and AWS as moto answers over HTTP."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from finops_tui.config.models import Config
from finops_tui.ui.screens.bills import BillsScreen
from finops_tui.ui.screens.plan import PlanDialog
from tests.servers.moto_server import ACCOUNT, KEY, REGION, SECRET, Moto, moto_fixture
from tests.sources.aws.moto_machines import batch_queue, machine, scaling_group
from tests.sources.aws.world import NOTHING
from tests.ui import with_aws
from tests.ui.screen import Screen
from tests.ui.with_aws import until, until_shown

__all__ = ["moto_fixture"]
SOURCE = {**NOTHING, "type": "aws", "name": "prod", "regions": [REGION], "groups": True, "machine_learning": True}
POLICY = {"read_only": False, "typed_environments": [], "typed_usd_per_hour": None}
"""Without the limit on dollars: what a queue's next jobs will cost nobody knows, so opening it wants its name typed."""


@pytest.fixture
def signed_in(moto: Moto, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Moto:
    given = {"ENDPOINT_URL": moto.url, "ACCESS_KEY_ID": KEY, "SECRET_ACCESS_KEY": SECRET, "CONFIG_FILE": tmp_path / "x"}
    for name, value in given.items():
        monkeypatch.setenv(f"AWS_{name}", str(value))
    return moto


def at_work(folder: Path, **config: Any) -> AbstractAsyncContextManager[Screen]:
    written = {"sources": [SOURCE], "policy": POLICY, "state_folder": folder, **config}
    return with_aws.at_work(Config.model_validate(written), "7", lambda cloud: cloud.outside)


def state(moto: Moto) -> tuple[str, bool]:
    """Return the state of the queue and whether the way back is written on it."""
    (queue,) = moto.client("batch").describe_job_queues(jobQueues=["sweeps"])["jobQueues"]
    return queue["state"], "finops-tui/undo" in queue.get("tags", {})


def desired(moto: Moto) -> int:
    (group,) = moto.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    return int(group["DesiredCapacity"])


async def stand_on(screen: Screen, name: str) -> None:
    """Go to the last row, once it is the one of this name: what a cloud has comes one after another."""
    await until(screen, lambda: any("▌" in line and name in line for line in screen.lines), "G")


async def test_a_queue_is_closed_and_opened_again_from_its_row(signed_in: Moto, tmp_path: Path) -> None:
    batch_queue(signed_in, "sweeps", environment="gpu", state="ENABLED")
    async with at_work(tmp_path, clouds=[{"type": "aws", "account": ACCOUNT}]) as screen:
        await stand_on(screen, "sweeps")
        await screen.press("p")
        await until_shown(screen, "y  Pause sweeps")
        assert state(signed_in) == ("ENABLED", False)
        await screen.press("y")
        await until(screen, lambda: state(signed_in) == ("DISABLED", True))
        await until(screen, lambda: isinstance(screen.app.screen, BillsScreen))
        await screen.press("r")
        await until_shown(screen, "closed", "P resume", "z undo")
        await screen.press("z")
        await until_shown(screen, "y  Undo")
        await screen.press("y")
        await until(screen, lambda: state(signed_in) == ("ENABLED", False))
        await until(screen, lambda: isinstance(screen.app.screen, BillsScreen))
        await screen.press("r")
        await until_shown(screen, "  open", "p pause")


async def test_a_machine_whose_owner_lets_it_is_stopped_from_its_row(signed_in: Moto, tmp_path: Path) -> None:
    ours = machine(signed_in, **{"finops-tui": "allowed"})
    async with at_work(tmp_path, clouds=[{"type": "aws", "account": ACCOUNT}]) as screen:
        await screen.press("p")
        await until(screen, lambda: isinstance(screen.app.screen, PlanDialog))
        await until_shown(screen, ours)
        assert "Refused" not in screen.text


async def test_a_group_of_machines_is_given_another_size_from_its_row(signed_in: Moto, tmp_path: Path) -> None:
    scaling_group(signed_in, "sweeps")
    async with at_work(tmp_path, clouds=[{"type": "aws", "account": ACCOUNT}]) as screen:
        await screen.press("R")
        await until_shown(screen, "Resize sweeps from 2 to")
        await screen.press("backspace", "1", "enter")
        await until_shown(screen, "DesiredCapacity")
        await screen.type("sweeps")
        await screen.press("enter")
        await until(screen, lambda: desired(signed_in) == 1)
        await until(screen, lambda: isinstance(screen.app.screen, BillsScreen))


async def test_without_an_entry_for_the_account_the_plan_says_what_to_write(signed_in: Moto, tmp_path: Path) -> None:
    batch_queue(signed_in, "sweeps", environment="gpu", state="ENABLED")
    async with at_work(tmp_path) as screen:
        await stand_on(screen, "sweeps")
        await screen.press("p")
        await until_shown(
            screen, f"AWS {ACCOUNT} {REGION} cannot be changed from here", "config.yaml names no such account"
        )
        await screen.press("y", "escape")
        assert isinstance(screen.app.screen, BillsScreen)
        assert state(signed_in) == ("ENABLED", False)
