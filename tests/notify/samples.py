"""A finding worth telling, and channels to tell it to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec.structs import replace
from pydantic import SecretStr

from finops_tui.model.finding import Cause, Finding, FindingState, Severity
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.notify.notice import Event, Notice
from finops_tui.notify.settings import (
    AlertmanagerSettings,
    PagerDutySettings,
    SlackSettings,
    TeamsSettings,
    WebhookSettings,
)
from tests.samples import NOON

FINDING = Finding(
    key="spend/workload/prod-us/Job/nlp-train/retrain-v7",
    kind="spend",
    severity=Severity.PAGE,
    state=FindingState.OPEN,
    scope=Scope(ScopeKind.WORKLOAD, "prod-us/Job/nlp-train/retrain-v7"),
    name="nlp-train/job/retrain-v7",
    cluster="prod-us",
    owner="nlp",
    namespace="nlp-train",
    model="retrain",
    environment="production",
    since=NOON,
    opened_at=NOON + timedelta(minutes=7),
    seen_at=NOON + timedelta(minutes=9),
    usd_per_hour=412.0,
    normal_usd_per_hour=38.0,
    excess_usd_per_hour=374.0,
    burned_usd=87.3,
    why="10.8× normal for a Tuesday 12:00Z.",
    causes=(Cause(what="workers 1→9", at=NOON - timedelta(minutes=1), who="mei", fit=0.96),),
    runbook="https://runbooks.example/retrain",
    group="prod-us/retrain",
)
SECRET = "T000-very-secret"
SLACK = SlackSettings(type="slack", webhook_url=SecretStr(f"https://hooks.example/{SECRET}"))
TEAMS = TeamsSettings(type="teams", webhook_url=SecretStr(f"https://teams.example/{SECRET}"))
PAGERDUTY = PagerDutySettings(type="pagerduty", routing_key=SecretStr(SECRET))
ALERTMANAGER = AlertmanagerSettings(
    type="alertmanager", url="http://am.example/", bearer_token=SecretStr(SECRET), labels={"site": "eu"}
)
WEBHOOK = WebhookSettings(
    type="webhook", url=SecretStr(f"https://hook.example/{SECRET}"), headers={"X-Key": SecretStr(SECRET)}
)
CHANNELS = (SLACK, TEAMS, PAGERDUTY, ALERTMANAGER, WEBHOOK)


def finding(**changed: Any) -> Finding:
    return replace(FINDING, **changed)


def notice(event: Event = Event.OPENED, **changed: Any) -> Notice:
    return Notice(event=event, finding=finding(**changed))
