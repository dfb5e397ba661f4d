"""How each channel wants to be told. One function a channel: a notice in, one HTTP request out.

Formats: Slack incoming webhooks (Block Kit), Adaptive Cards 1.4 through a Teams workflow, PagerDuty Events API v2,
Alertmanager API v2 (`POST /api/v2/alerts`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from finops_tui.model.finding import Severity
from finops_tui.notify.notice import Event, Notice, Request, facts, title
from finops_tui.notify.settings import (
    AlertmanagerSettings,
    Channel,
    PagerDutySettings,
    SlackSettings,
    TeamsSettings,
    WebhookSettings,
)

ALERT_LASTS = timedelta(minutes=5)
"""An alert is over for the Alertmanager when it has not been repeated for so long."""
REPEAT_SECONDS = 60.0
PAGERDUTY_SEVERITY = {Severity.PAGE: "critical", Severity.TICKET: "warning", Severity.INFO: "info"}
PAGERDUTY_ACTION = {Event.OPENED: "trigger", Event.ACKNOWLEDGED: "acknowledge", Event.RESOLVED: "resolve"}
LONGEST_SUMMARY = 1_024

Teller = Callable[[Any, Notice, datetime], Request]


def request(settings: Channel, notice: Notice, now: datetime) -> Request:
    """Return what to send to a channel."""
    return _TELLERS[type(settings)](settings, notice, now)


def repeats(settings: Channel) -> bool:
    """Tell whether a channel wants to hear of a finding for as long as it is open."""
    return isinstance(settings, AlertmanagerSettings)


def _slack(settings: SlackSettings, notice: Notice, _now: datetime) -> Request:
    lines = "\n".join(f"*{name}*  {_slack_text(value)}" for name, value in facts(notice))
    head = title(notice)
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": head, "emoji": False}},
        {"type": "section", "text": {"type": "mrkdwn", "text": lines[:3_000], "verbatim": True}},
    ]
    return Request(url=settings.webhook_url.get_secret_value(), body={"text": _slack_text(head), "blocks": blocks})


def _slack_text(text: str) -> str:
    """Escape the three characters that mean something to Slack, so that no name becomes a link or a mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _teams(settings: TeamsSettings, notice: Notice, _now: datetime) -> Request:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {"type": "TextBlock", "text": _plain(title(notice)), "weight": "Bolder", "size": "Medium", "wrap": True},
            {"type": "FactSet", "facts": [{"title": name, "value": _plain(value)} for name, value in facts(notice)]},
        ],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return Request(url=settings.webhook_url.get_secret_value(), body={"type": "message", "attachments": [attachment]})


def _plain(text: str) -> str:
    """Escape what a card would take for Markdown."""
    return "".join(f"\\{character}" if character in r"\`*_[]<>#" else character for character in text)


def _pagerduty(settings: PagerDutySettings, notice: Notice, _now: datetime) -> Request:
    finding = notice.finding
    body: dict[str, object] = {
        "routing_key": settings.routing_key.get_secret_value(),
        "event_action": PAGERDUTY_ACTION[notice.event],
        "dedup_key": notice.id[:255],
        "client": "finops-tui",
    }
    if notice.event is Event.OPENED:
        body["payload"] = {
            "summary": title(notice)[:LONGEST_SUMMARY],
            "source": finding.cluster or "finops-tui",
            "severity": PAGERDUTY_SEVERITY[finding.severity],
            "timestamp": finding.since.isoformat(),
            "component": finding.name,
            "group": finding.group or finding.owner,
            "class": finding.kind,
            "custom_details": dict(facts(notice)),
        }
        if finding.runbook.startswith(("https://", "http://")):
            body["links"] = [{"href": finding.runbook, "text": "Runbook"}]
    return Request(url=f"{settings.url.rstrip('/')}/v2/enqueue", body=body)


def _alertmanager(settings: AlertmanagerSettings, notice: Notice, now: datetime) -> Request:
    finding = notice.finding
    labels = {
        "alertname": "FinOps" + "".join(part.capitalize() for part in finding.kind.split("-")),
        "severity": str(finding.severity),
        "cluster": finding.cluster,
        "namespace": finding.namespace,
        "team": finding.owner,
        "model": finding.model,
        "environment": finding.environment,
        "scope": f"{finding.scope.kind}/{finding.scope.name}",
        **settings.labels,
    }
    over = notice.event is not Event.OPENED
    alert = {
        "labels": {name: value for name, value in labels.items() if value},
        "annotations": {"summary": title(notice), **{_snake(name): value for name, value in facts(notice)}},
        "startsAt": finding.since.isoformat(),
        "endsAt": (now if over else now + ALERT_LASTS).isoformat(),
    }
    token = settings.bearer_token
    headers = (("Authorization", f"Bearer {token.get_secret_value()}"),) if token is not None else ()
    return Request(url=f"{settings.url.rstrip('/')}/api/v2/alerts", body=[alert], headers=headers)


def _snake(name: str) -> str:
    return name.lower().replace(" ", "_")


def _webhook(settings: WebhookSettings, notice: Notice, now: datetime) -> Request:
    body = {
        "event": notice.event,
        "at": now,
        "title": title(notice),
        "finding": replace(notice.finding, trend=(), minutes=(), minutes_normal=()),
        "others": [other.key for other in notice.others],
    }
    headers = tuple((name, value.get_secret_value()) for name, value in settings.headers.items())
    told = msgspec.to_builtins(body)
    told["finding"]["scope"] = notice.finding.scope._asdict()
    return Request(url=settings.url.get_secret_value(), body=told, headers=headers)


_TELLERS: dict[type[Channel], Teller] = {
    SlackSettings: _slack,
    TeamsSettings: _teams,
    PagerDutySettings: _pagerduty,
    AlertmanagerSettings: _alertmanager,
    WebhookSettings: _webhook,
}
