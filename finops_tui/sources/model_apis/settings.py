"""What the config says about the APIs of model vendors."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from finops_tui.sources.settings import AccountSettings, UserPath, api_address


class ModelApiSettings(AccountSettings):
    """What every vendor is asked with."""

    name: str = Field("", max_length=100, description="Name of the organization, on screen and as its account.")
    admin_key: SecretStr | None = Field(
        None, description="An admin key, which is not the key that models are used with."
    )
    admin_key_file: UserPath | None = Field(None, description="File that holds the admin key; read again each time.")
    timeout_seconds: float = Field(30.0, gt=0, le=300, description="How long one answer may take.")

    @field_validator("url", check_fields=False)
    @classmethod
    def _address(cls, url: str) -> str:
        return api_address(url, "v1")

    @model_validator(mode="after")
    def _one_key(self) -> ModelApiSettings:
        if (self.admin_key is None) is (self.admin_key_file is None):
            raise ValueError("give one of admin_key and admin_key_file")
        if self.admin_key is not None and not self.admin_key.get_secret_value().strip():
            raise ValueError("admin_key is empty")
        return self


class OpenAISettings(ModelApiSettings):
    """An organization at OpenAI. It is only ever read."""

    type: Literal["openai"] = Field("openai", description="Always `openai`.")
    url: str = Field("https://api.openai.com", description="Where its API answers.")


class AnthropicSettings(ModelApiSettings):
    """An organization at Anthropic. It is only ever read."""

    type: Literal["anthropic"] = Field("anthropic", description="Always `anthropic`.")
    url: str = Field("https://api.anthropic.com", description="Where its API answers.")
