"""Who we are to Google Cloud."""

from __future__ import annotations

import os
import re
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
_CHECK_FILE = "Check `credentials_file` or GOOGLE_APPLICATION_CREDENTIALS."
_CHECK_NETWORK = "Check the network: oauth2.googleapis.com, or the metadata server, must answer."
_MISSING = re.compile(r"missing fields? [\w, ]+")


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
            raise SourceError("no Google credentials", _unfit(error), LOG_IN) from error
        except exceptions.RefreshError as error:
            self._credentials = None  # somebody may log in meanwhile
            unanswered = isinstance(error.__cause__, exceptions.TransportError)
            raise _refusal(error, passing=unanswered or getattr(error, "retryable", False)) from error
        except exceptions.TransportError as error:
            raise _refusal(error, passing=True) from error
        except OSError as error:
            raise SourceError(f"{self._place()}: {type(error).__name__}", "", _CHECK_FILE) from error
        except (AttributeError, LookupError, TypeError, ValueError) as error:  # the library trips over other shapes
            raise self._nonsense(error) from error
        return str(self._credentials.token)

    def _found(self, auth: Any) -> Any:
        if self._file is not None:
            credentials, _ = auth.load_credentials_from_file(str(self._file), scopes=SCOPES)
        else:
            credentials, _ = auth.default(scopes=SCOPES)
        return credentials

    def _place(self) -> str:
        return str(self._file or os.environ.get("GOOGLE_APPLICATION_CREDENTIALS") or "Google's default login")

    def _nonsense(self, error: Exception) -> SourceError:
        """Say what has another shape than the library expects, not in its words: they may hold a part of a key."""
        kind = type(error).__name__
        if self._credentials is None:
            return SourceError(f"{self._place()} is not what Google credentials look like", kind, _CHECK_FILE)
        return SourceError("Google credentials cannot be renewed", f"the answer makes no sense: {kind}", _CHECK_NETWORK)


def _unfit(error: Exception) -> str:
    """Return what the library says of a file; of its cause only the fields that are missing: it may hold a key."""
    words, *causes = error.args or ("",)
    missing = _MISSING.search(str(causes[0])) if causes else None
    return one_line(f"{words}: {missing.group()}" if missing else words, 300)


def _refusal(error: Exception, *, passing: bool) -> SourceError:
    words = one_line(error.args[0] if error.args else error, 200)
    if passing:
        return SourceError("Google credentials cannot be renewed", words, _CHECK_NETWORK)
    return SourceError("Google credentials have expired or are revoked", words, LOG_IN)
