"""What the config says about clouds of GPUs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from finops_tui.sources.settings import AccountSettings, UserPath, api_address

TagKey = Annotated[str, Field(min_length=1, max_length=128)]


class RunPodSettings(AccountSettings):
    """An account at RunPod. It is only ever read."""

    type: Literal["runpod"] = Field("runpod", description="Always `runpod`.")
    api_key: SecretStr | None = Field(None, description="An API key that may read billing.")
    api_key_file: UserPath | None = Field(None, description="File that holds the key; read again each time.")
    url: str = Field("https://api.runpod.io", description="Where its API answers.")

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        return api_address(url, "v2")

    @model_validator(mode="after")
    def _one_key(self) -> RunPodSettings:
        if (self.api_key is None) is (self.api_key_file is None):
            raise ValueError("give one of api_key and api_key_file")
        if self.api_key is not None and not self.api_key.get_secret_value().strip():
            raise ValueError("api_key is empty")
        return self


class ModalSettings(AccountSettings):
    """A workspace at Modal. It is only ever read. Tokens come from Modal's own chain: never from this file."""

    type: Literal["modal"] = Field("modal", description="Always `modal`.")
    tags: tuple[TagKey, ...] = Field((), max_length=10, description="Tags of apps to tell money apart by.")
