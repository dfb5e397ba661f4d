"""What the settings of every source share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class AddressError(ValueError):
    """An address is refused. It may hold a password, anywhere, so that nobody repeats it."""


def web_address(url: str, *, forms: str = "https://host or http://host:port", instead: str = "") -> str:
    """Return an address of the web without the slash at its end. Raises AddressError.

    `forms` are those that the field takes, `instead` says where its password goes.
    """
    try:
        parts = urlsplit(url)
        possible = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # its words repeat the port, or the host with what stands before it
        possible = False
    if not possible or not url.isprintable() or " " in url:
        raise AddressError(f"write {forms}")
    if "?" in url or "#" in url:
        raise AddressError("leave out everything from ? or # on")
    if "@" in url:  # also in its path: it may be a password with a slash in it
        raise AddressError("take the user and password out of the address" + (f": {instead}" if instead else ""))
    return url.rstrip("/")


def _from_home(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError("there is no home folder of that name; write the path without ~") from None


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"this is no regular expression ({error})") from None
    return pattern


Url = Annotated[str, AfterValidator(web_address)]
UserPath = Annotated[Path, AfterValidator(_from_home)]
"""`~` is the home folder. A relative path counts from where the program runs."""
Regex = Annotated[str, AfterValidator(_compiles)]


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
    """Return where an API answers, without the version that its paths begin with. Raises AddressError."""
    return web_address(url).removesuffix(f"/{version}")
