"""What the settings of every source share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """One section of the config: unknown keys are refused and values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)
