"""What the config says about notes of changes."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from finops_tui.sources.settings import Settings, UserPath, web_address

Tag = Annotated[str, Field(min_length=1, max_length=200)]


class AnnotationsSettings(Settings):
    """A file to which people and pipelines append what they change, one JSON object a line."""

    type: Literal["annotations"] = Field("annotations", description="Says that this source is a file of notes.")
    path: UserPath = Field(description="The file, one JSON object a line; it is followed as it grows.")
    cluster: str = Field("", max_length=100, description="The cluster that its notes are about; several when empty.")
    interval_seconds: float = Field(2.0, ge=0.1, le=3_600, description="How often to look for new lines.")

    @property
    def title(self) -> str:
        """The name by which people know it: the file's."""
        return self.path.name


class GrafanaAuth(Settings):
    """One way to sign in, or none."""

    bearer_token: SecretStr | None = Field(None, description="Token of a service account.")
    bearer_token_file: UserPath | None = Field(
        None, description="File that holds the token; read again for each request."
    )
    username: str = Field("", description="User name for basic authentication.")
    password: SecretStr | None = Field(None, description="Password for basic authentication.")

    @model_validator(mode="after")
    def _one_way(self) -> GrafanaAuth:
        ways = (self.bearer_token, self.bearer_token_file, self.username or None)
        if sum(way is not None for way in ways) > 1:
            raise ValueError("give one of bearer_token, bearer_token_file and username")
        if (self.password is not None) != bool(self.username):
            raise ValueError("username and password belong together")
        return self


class GrafanaSettings(Settings):
    """A Grafana whose annotations say what was changed. It is only ever read."""

    type: Literal["grafana"] = Field("grafana", description="Says that this source is a Grafana.")
    name: str = Field("", max_length=100, description="Name on screen; the host's where empty.")
    cluster: str = Field("", max_length=100, description="The cluster that its notes are about; several when empty.")
    url: str = Field(description="`https://host` up to the part before `/api`.")
    auth: GrafanaAuth = Field(GrafanaAuth(), description="How to sign in; nothing where left out.")
    ca_file: UserPath | None = Field(
        None, description="PEM file of the authority that signed the server's certificate."
    )
    tags: tuple[Tag, ...] = Field((), max_length=20, description="Only annotations that carry all of these tags.")
    interval_seconds: float = Field(30.0, ge=1, le=3_600, description="How often to ask.")
    timeout_seconds: float = Field(10.0, gt=0, le=300, description="How long one answer may take.")
    lookback_hours: float = Field(24.0, gt=0, le=168, description="How old an annotation may be.")

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        return web_address(url, instead="use auth").removesuffix("/api")

    @property
    def title(self) -> str:
        """The name by which people know it."""
        return self.name or urlsplit(self.url).netloc

    def secrets(self) -> tuple[str, ...]:
        """Every value that no message may show."""
        held = (self.auth.bearer_token, self.auth.password)
        return tuple(value for secret in held if secret is not None and (value := secret.get_secret_value()))
