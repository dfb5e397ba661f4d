from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from finops_tui.model.finding import Evidence, Severity
from finops_tui.notify.channels import ALERT_LASTS, request
from finops_tui.notify.notice import Event
from finops_tui.notify.settings import Channel
from tests.notify.samples import ALERTMANAGER, CHANNELS, PAGERDUTY, SECRET, SLACK, TEAMS, WEBHOOK, finding, notice
from tests.samples import NOON


def body(settings: Channel, event: Event = Event.OPENED, **changed: Any) -> Any:
    return request(settings, notice(event, **changed), NOON).body


@pytest.mark.parametrize("settings", CHANNELS, ids=lambda settings: settings.type)
def test_whoever_is_told_learns_owner_environment_dollars_and_what_changed(settings: Channel) -> None:
    text = msgspec.json.encode(body(settings)).decode()
    for word in ("nlp-train/job/retrain-v7", "nlp", "production", "412", "374", "workers 1→9", "mei"):
        assert word in text


@pytest.mark.parametrize("settings", CHANNELS, ids=lambda settings: settings.type)
def test_what_is_not_known_is_said_not_invented(settings: Channel) -> None:
    text = msgspec.json.encode(body(settings, owner="", causes=(), burned_usd=None, usd_per_hour=None)).decode()
    if settings is not WEBHOOK:
        assert "nobody is named" in text
        assert "nothing that fits is known" in text
    assert "None" not in text


@pytest.mark.parametrize("settings", [SLACK, TEAMS, ALERTMANAGER, WEBHOOK], ids=lambda settings: settings.type)
def test_a_secret_is_in_the_address_or_a_header_and_never_in_the_body(settings: Channel) -> None:
    assert SECRET not in msgspec.json.encode(body(settings)).decode()


@pytest.mark.parametrize("settings", CHANNELS, ids=lambda settings: settings.type)
def test_what_a_fixed_rule_is_held_against_is_said_and_not_called_normal(settings: Channel) -> None:
    told = body(
        settings,
        kind="rule",
        normal_usd_per_hour=330.0,
        excess_usd_per_hour=82.0,
        evidence=(Evidence(label="Held against", words="the limit of $330.0/h"),),
    )
    text = msgspec.json.encode(told).decode()
    assert "nlp-train/job/retrain-v7 +$82.0/h above the limit of $330.0/h" in text
    assert "above normal" not in text
    if settings is not WEBHOOK:
        assert "$412.0/h, held against the limit of $330.0/h" in text


def test_dollars_read_as_on_the_screen() -> None:
    told = body(SLACK, usd_per_hour=1_411.9, normal_usd_per_hour=999.97, excess_usd_per_hour=411.93, burned_usd=2_431.0)
    text = msgspec.json.encode(told).decode()
    for words in ("+$411.9/h above normal", "≈$1,412/h, normal $1,000/h", "≈$2.43k since"):
        assert words in text
    assert "−$57.7/h below normal" in msgspec.json.encode(body(SLACK, excess_usd_per_hour=-57.7)).decode()


def test_a_name_from_outside_is_no_mention_in_slack() -> None:
    text = msgspec.json.encode(body(SLACK, name="<!channel> <http://evil|click>")).decode()
    assert "<!channel>" not in text.replace(
        '"text":"PAGE <!channel>', ""
    )  # a plain_text header takes nothing as markup
    assert "&lt;!channel&gt;" in text


def test_a_name_from_outside_is_no_markdown_in_teams() -> None:
    text = msgspec.json.encode(body(TEAMS, name="[x](http://evil)")).decode()
    assert "[x](http" not in text


def test_pagerduty_hears_of_one_incident_from_its_beginning_to_its_end() -> None:
    opened, acknowledged, resolved = (body(PAGERDUTY, event) for event in Event)
    assert opened["dedup_key"] == acknowledged["dedup_key"] == resolved["dedup_key"]
    actions = [told["event_action"] for told in (opened, acknowledged, resolved)]
    assert actions == ["trigger", "acknowledge", "resolve"]
    assert opened["payload"]["severity"] == "critical"
    assert opened["links"][0]["href"] == finding().runbook
    assert request(PAGERDUTY, notice(), NOON).url == "https://events.pagerduty.com/v2/enqueue"


def test_pagerduty_gets_no_link_that_is_none() -> None:
    assert "links" not in body(PAGERDUTY, runbook="javascript:alert(1)")


def test_an_alert_ends_by_itself_unless_it_is_repeated() -> None:
    (alert,) = body(ALERTMANAGER)
    assert alert["labels"]["alertname"] == "FinOpsSpend"
    assert alert["labels"]["site"] == "eu"
    assert "" not in alert["labels"].values()
    assert alert["endsAt"] == (NOON + ALERT_LASTS).isoformat()
    (over,) = body(ALERTMANAGER, Event.RESOLVED)
    assert over["endsAt"] == NOON.isoformat()
    assert over["labels"] == alert["labels"]
    told = request(ALERTMANAGER, notice(), NOON)
    assert told.url == "http://am.example/api/v2/alerts"
    assert told.headers == (("Authorization", f"Bearer {SECRET}"),)


def test_a_later_trouble_of_the_same_thing_is_another_incident() -> None:
    later = body(PAGERDUTY, since=NOON + timedelta(hours=5))
    assert later["dedup_key"] != body(PAGERDUTY)["dedup_key"]


@pytest.mark.parametrize("severity", Severity)
def test_every_severity_has_a_word_for_every_channel(severity: Severity) -> None:
    for settings in CHANNELS:
        assert body(settings, severity=severity)


def test_a_webhook_names_the_scope_as_a_snapshot_does() -> None:
    told = body(WEBHOOK)["finding"]["scope"]
    assert told == {"kind": "workload", "name": "prod-us/Job/nlp-train/retrain-v7"}
