"""Who we are to Google Cloud."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from finops_tui.errors import SourceError
from finops_tui.sources.clean import one_line
from finops_tui.threads import LOADING, DaemonThreads

SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
"""The Budget API takes no narrower one that reads alone; what may be done is limited by roles."""
_MODULES = ("google.auth", "google.auth.exceptions", "google.auth.transport.requests")
LOG_IN = "Run `gcloud auth application-default login`, or set `credentials_file` or GOOGLE_APPLICATION_CREDENTIALS."


class Token(Protocol):
    async def token(self) -> str:
        """Return an access token that is good now. Raises SourceError."""

    def forget(self) -> None:
        """Let go of a token that is refused though it should be good: the next one is made anew."""


class GoogleToken:
    """Application default credentials, or those in a file, renewed when they expire."""

    def __init__(self, credentials_file: Path | None) -> None:
        self._file = credentials_file
        self._threads = DaemonThreads(1, "google-auth")
        self._credentials: Any = None

    async def token(self) -> str:
        return await self._threads.call(self._token)

    def forget(self) -> None:
        self._credentials = None

    def _token(self) -> str:
        try:
            with LOADING:
                auth, exceptions, transport = map(import_module, _MODULES)
        except ImportError as error:
            raise SourceError(
                "the library google-auth is not installed", "", "Install it with: pip install 'finops-tui[gcp]'."
            ) from error
        try:
            if self._credentials is None:
                self._credentials = self._found(auth)
            if not self._credentials.valid:
                self._credentials.refresh(transport.Request())
        except exceptions.DefaultCredentialsError as error:
            raise SourceError("no Google credentials", one_line(error, 200), LOG_IN) from error
        except exceptions.RefreshError as error:
            self._credentials = None  # somebody may log in meanwhile
            words = one_line(error.args[0] if error.args else error, 200)
            raise SourceError("Google credentials have expired or are revoked", words, LOG_IN) from error
        except exceptions.TransportError as error:
            hint = "Check the network: oauth2.googleapis.com, or the metadata server, must answer."
            raise SourceError("Google credentials cannot be renewed", one_line(error, 200), hint) from error
        except (OSError, ValueError) as error:
            raise SourceError(f"{self._file}: {type(error).__name__}", "", "Check `credentials_file`.") from error
        return str(self._credentials.token)

    def _found(self, auth: Any) -> Any:
        if self._file is not None:
            credentials, _ = auth.load_credentials_from_file(str(self._file.expanduser()), scopes=SCOPES)
        else:
            credentials, _ = auth.default(scopes=SCOPES)
        return credentials
