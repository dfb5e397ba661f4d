"""What the config says about a folder of bills."""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from finops_tui.sources.settings import BillSettings, UserPath


class FocusSettings(BillSettings):
    """A folder of bills as FOCUS files: CSV, CSV with gzip, Parquet. Files are only ever read."""

    type: Literal["focus"] = Field("focus", description="Says that this source is a folder of FOCUS files.")
    folder: UserPath = Field(description="The folder; what lies deeper in it is read too.")
    name: str = Field("", max_length=100, description="Name on screen; the folder's where empty.")
    time_zone: str = Field("UTC", description="Zone of times that do not say theirs, such as Europe/Berlin.")
    interval_seconds: float = Field(300.0, ge=1, le=86_400, description="How often to look for new files.")

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{zone!r} is no time zone; write it as Europe/Berlin") from None
        return zone

    @property
    def title(self) -> str:
        """The name by which people know it."""
        return self.name or self.folder.name
