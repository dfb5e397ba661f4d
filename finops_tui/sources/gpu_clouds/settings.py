"""What the config says about clouds of GPUs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from finops_tui.sources.settings import Settings

TagKey = Annotated[str, Field(min_length=1, max_length=128)]


class _GpuCloudSettings(Settings):
    """What every such cloud is asked with."""

    name: str = Field("", max_length=100, description="Name on screen and as its account; the type where empty.")
    history_days: int = Field(35, ge=7, le=365, description="Days of bills to read at first.")
    every_hours: float = Field(1.0, ge=0.25, le=168, description="How often to ask.")
    timeout_seconds: float = Field(60.0, gt=0, le=300, description="How long one answer may take.")

    @property
    def cluster(self) -> str:
        """Bills belong to no one cluster."""
        return ""

    @property
    def title(self) -> str:
        """The name by which people know it."""
        return self.name or "default"


class RunPodSettings(_GpuCloudSettings):
    """An account at RunPod. It is only ever read."""

    type: Literal["runpod"] = Field("runpod", description="Always `runpod`.")
    api_key: SecretStr | None = Field(None, description="An API key that may read billing.")
    api_key_file: Path | None = Field(None, description="File that holds the key; read again each time.")
    url: str = Field("https://api.runpod.io", description="Where its API answers.")

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or parts.query:
            raise ValueError("write https://host")
        return url.rstrip("/").removesuffix("/v2")

    @model_validator(mode="after")
    def _one_key(self) -> RunPodSettings:
        if (self.api_key is None) is (self.api_key_file is None):
            raise ValueError("give one of api_key and api_key_file")
        return self


class ModalSettings(_GpuCloudSettings):
    """A workspace at Modal. It is only ever read. Tokens come from Modal's own chain: never from this file."""

    type: Literal["modal"] = Field("modal", description="Always `modal`.")
    tags: tuple[TagKey, ...] = Field((), max_length=10, description="Tags of apps to tell money apart by.")
