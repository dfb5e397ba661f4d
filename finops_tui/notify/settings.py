"""Where notices may go, as the config says it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator

from finops_tui.model.finding import Severity
from finops_tui.sources.settings import Settings


class Channel(Settings):
    """What all of them have."""

    name: str = Field("", max_length=40, description="On the sources screen; the type where left out.")
    least: Severity = Field(Severity.PAGE, description="Tell only what is at least so urgent: page, ticket or info.")
    match: str = Field("*", description="Glob over name, namespace, owner, model and cluster of what is told.")

    @field_validator("url", "webhook_url", check_fields=False)
    @classmethod
    def _is_an_address(cls, address: SecretStr | str) -> SecretStr | str:
        text = address.get_secret_value() if isinstance(address, SecretStr) else address
        if not text.startswith(("https://", "http://")):
            raise ValueError("an address that begins with https:// (or http://)")
        return address


class SlackSettings(Channel):
    """An incoming webhook of Slack, or of what speaks like it (Mattermost, Rocket.Chat)."""

    type: Literal["slack"] = Field(description="What it speaks.")
    webhook_url: SecretStr = Field(description="https://hooks.slack.com/services/…: whoever has it may post.")


class TeamsSettings(Channel):
    """A Workflows webhook of Microsoft Teams."""

    type: Literal["teams"] = Field(description="What it speaks.")
    webhook_url: SecretStr = Field(
        description="Of the workflow “Post to a channel when a webhook request is received”."
    )


class PagerDutySettings(Channel):
    """Events API v2 of PagerDuty."""

    type: Literal["pagerduty"] = Field(description="What it speaks.")
    routing_key: SecretStr = Field(description="Integration key of the service, 32 characters.")
    url: str = Field("https://events.pagerduty.com", description="Other for the EU: https://events.eu.pagerduty.com.")


class AlertmanagerSettings(Channel):
    """API v2 of a Prometheus Alertmanager, which routes, groups and silences as it does for every other alert."""

    type: Literal["alertmanager"] = Field(description="What it speaks.")
    url: str = Field(description="Up to the part before /api/v2.")
    bearer_token: SecretStr | None = Field(None, description="Sent as `Authorization: Bearer`.")
    labels: dict[str, str] = Field({}, description="Added to every alert.")


class WebhookSettings(Channel):
    """Anything that takes a JSON document: the finding as the snapshot has it."""

    type: Literal["webhook"] = Field(description="What it speaks.")
    url: SecretStr = Field(description="Where to post it.")
    headers: dict[str, SecretStr] = Field({}, description="Sent with it, such as Authorization.")


ChannelSettings = Annotated[
    SlackSettings | TeamsSettings | PagerDutySettings | AlertmanagerSettings | WebhookSettings,
    Field(discriminator="type"),
]
