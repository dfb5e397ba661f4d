"""From the config to the feedback on an anomaly: source, engine, screen, desk, journal, and a double of AWS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from finops_tui.clock import WallClock
from finops_tui.config.models import Config
from finops_tui.ui.screens.bills import BillsScreen
from tests.sources.aws.double import Asked, Double, double
from tests.sources.aws.world import ACCOUNT, KEY, NOTHING, SECRET
from tests.ui import with_aws
from tests.ui.screen import Screen
from tests.ui.with_aws import until, until_shown

SOURCE = {**NOTHING, "type": "aws", "name": "prod", "regions": ["us-east-1"], "bills": True, "forecast": False}
POLICY = {"read_only": False, "typed_environments": []}
NAME = "Amazon SageMaker"
PLANNED = "PLANNED_ACTIVITY"


class Aws:
    """What AWS holds of one anomaly."""

    def __init__(self, told: Double, said: str = "") -> None:
        self.said = said
        began = WallClock().now().date().isoformat()
        impact = {"MaxImpact": 900.0, "TotalImpact": 900.0}
        self.anomaly = {
            "AnomalyId": "an-7", "AnomalyStartDate": began, "DimensionValue": NAME, "Impact": impact,
            "AnomalyScore": {"MaxScore": 1.0, "CurrentScore": 0.4},
            "MonitorArn": f"arn:aws:ce::{ACCOUNT}:anomalymonitor/5f0c",
        }  # fmt: skip
        told.answers["GetAnomalies"] = self.tell
        told.answers["ProvideAnomalyFeedback"] = self.take

    def tell(self, _: Asked) -> dict[str, Any]:
        return {"Anomalies": [{**self.anomaly, **({"Feedback": self.said} if self.said else {})}]}

    def take(self, asked: Asked) -> dict[str, Any]:
        self.said = asked.params["Feedback"]
        return {"AnomalyId": asked.params["AnomalyId"]}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Double]:
    with double() as served:
        given = {"ENDPOINT_URL": served.url, "ACCESS_KEY_ID": KEY, "SECRET_ACCESS_KEY": SECRET}
        for name, value in {**given, "CONFIG_FILE": str(tmp_path / "x")}.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        served.answers["GetCallerIdentity"] = {
            "UserId": "u", "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/ana",
        }  # fmt: skip
        yield served


def at_work(folder: Path, *clouds: dict[str, str]) -> AbstractAsyncContextManager[Screen]:
    written = {"sources": [SOURCE], "policy": POLICY, "state_folder": folder, "clouds": [*clouds]}
    return with_aws.at_work(Config.model_validate(written), "5", lambda cloud: cloud.anomalies, (140, 40))


def row(screen: Screen) -> str:
    return next(line for line in screen.lines if "▌" in line)


async def test_what_is_said_first_wants_the_name_typed_and_stands_in_the_row_at_once(
    told: Double, tmp_path: Path
) -> None:
    aws = Aws(told)
    async with at_work(tmp_path, {"account": ACCOUNT}) as screen:
        assert row(screen).rstrip().endswith("–")
        await screen.press("F", *"plan", "enter")
        await until_shown(screen, "It cannot be undone.", "takes no feedback back, only another one", "$0.01 each")
        assert aws.said == ""
        await screen.type(NAME)
        await screen.press("enter")
        await until(screen, lambda: aws.said == PLANNED)
        await until(screen, lambda: isinstance(screen.app.screen, BillsScreen))
        await until(screen, lambda: row(screen).rstrip().endswith("planned"))
        assert "z undo" not in screen.lines[-1]
        await screen.press("J")
        await until_shown(screen, f"Call {NAME} planned activity", "done")
    assert told.counts["ProvideAnomalyFeedback"] == 1


async def test_another_answer_takes_one_key_and_z_gives_the_one_before_again(told: Double, tmp_path: Path) -> None:
    aws = Aws(told, "YES")
    async with at_work(tmp_path, {"account": ACCOUNT}) as screen:
        await screen.press("F", "down", "enter")
        await until_shown(screen, "y  Call")
        await screen.press("y")
        await until(screen, lambda: aws.said == "NO")
        await until(screen, lambda: isinstance(screen.app.screen, BillsScreen) and "z undo" in screen.lines[-1])
        assert row(screen).rstrip().endswith("false")
        await screen.press("z")
        await until_shown(screen, "y  Undo")
        await screen.press("y")
        await until(screen, lambda: aws.said == "YES")
        await until(screen, lambda: isinstance(screen.app.screen, BillsScreen))
        await until(screen, lambda: row(screen).rstrip().endswith("real"))


async def test_without_an_entry_for_the_account_the_plan_says_what_to_write(told: Double, tmp_path: Path) -> None:
    aws = Aws(told)
    async with at_work(tmp_path) as screen:
        await screen.press("F", "enter")
        await until_shown(screen, f"AWS {ACCOUNT} us-east-1 cannot be changed from here")
        await screen.press("y", "escape")
        assert isinstance(screen.app.screen, BillsScreen)
    assert aws.said == ""
