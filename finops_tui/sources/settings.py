"""What the settings of every source share."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """One section of the config: unknown keys are refused and values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BillSettings(Settings):
    """A section about a bill."""

    @property
    def cluster(self) -> str:
        """Bills belong to no one cluster."""
        return ""


class AccountSettings(BillSettings):
    """A section about the bill of one account, read by days."""

    name: str = Field("", max_length=100, description="Name on screen and as its account; the type where empty.")
    history_days: int = Field(35, ge=7, le=365, description="Days of bills to read at first.")
    every_hours: float = Field(1.0, ge=0.25, le=168, description="How often to ask.")
    timeout_seconds: float = Field(60.0, gt=0, le=300, description="How long one answer may take.")

    @property
    def title(self) -> str:
        """The name by which people know it."""
        return self.name or "default"


def api_address(url: str, version: str) -> str:
    """Return where an API answers, without the version that its paths begin with. Raises ValueError for no address."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or parts.query:
        raise ValueError("write https://host")
    return url.rstrip("/").removesuffix(f"/{version}")
