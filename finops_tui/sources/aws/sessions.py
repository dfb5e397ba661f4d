"""The way into one account: profile, SSO or keys, and from there perhaps a role in another account.

Everything here blocks and is called in threads. boto3 is imported at the first call, not with this module.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from finops_tui import __version__
from finops_tui.clock import Clock
from finops_tui.sources.aws.calls import ASSUME_ROLE, HOME
from finops_tui.sources.aws.faults import AwsError, Credentials, missing, needs_code, trouble
from finops_tui.sources.aws.settings import AwsAccount, AwsSettings
from finops_tui.threads import LOADING

RENEW_BEFORE = timedelta(minutes=5)
"""A role is assumed again so long before it ends."""
SESSION_NAME = "finops-tui"

Sent = Callable[[str], None]
"""Told the operation of each request to Cost Explorer before it leaves; what it raises keeps the request here."""


class Door:
    """Clients for one account, made once. Raises AwsError."""

    def __init__(self, settings: AwsSettings, account: AwsAccount, clock: Clock) -> None:
        self._settings = settings
        self._account = account
        self._clock = clock
        self._lock = threading.Lock()
        self._session: Any = None
        self._ends: datetime | None = None
        self._clients: dict[tuple[str, str], Any] = {}
        profile = account.profile or settings.profile
        self.credentials = Credentials(profile=profile, role=account.role_arn or "", looked=_places(profile))

    def client(self, service: str, region: str, sent: Sent | None = None) -> Any:
        """Return the client of a service in a region; `sent` hears of each of its requests, tries included."""
        with self._lock:
            if self._ends is not None and self._clock.now() >= self._ends - RENEW_BEFORE:
                self._leave()
            session = self._open()
            client = self._clients.get((service, region))
            if client is None:
                client = session.client(service, region_name=region or None, config=self._config())
                if sent is not None:
                    client.meta.events.register("before-send", _before_send(sent))
                self._clients[service, region] = client
            return client

    def home_region(self) -> str:
        """Return the region that the profile or the environment names; empty where none does."""
        with self._lock:
            return self._open().region_name or ""

    def leave(self) -> None:
        """Sign in anew next time: what is on disk may have changed since."""
        with self._lock:
            self._leave()

    def close(self) -> None:
        """Let go of all connections, unless somebody is signing in: that may take as long as its time-out."""
        if self._lock.acquire(blocking=False):
            try:
                self._leave()
            finally:
                self._lock.release()

    def _leave(self) -> None:
        self._session, self._ends = None, None
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def _open(self) -> Any:
        if self._session is None:
            with LOADING:
                import boto3  # type: ignore[import-untyped]  # boto3 ships no types

            try:
                session = boto3.Session(profile_name=self.credentials.profile or None)
                fault = self._fault(session)
                if fault is None and self._account.role_arn is not None:
                    session = self._assume(session, self._account.role_arn)
            except Exception as error:
                raise trouble(error, ASSUME_ROLE, self.credentials, self._settings.timeout_seconds) from error
            if fault is not None:
                raise fault
            self._session = session
        return self._session

    def _fault(self, session: Any) -> AwsError | None:
        if _wants_code(session):
            return needs_code(self.credentials)
        return missing(self.credentials) if session.get_credentials() is None else None

    def _assume(self, session: Any, role_arn: str) -> Any:
        import boto3

        asked = {"RoleArn": role_arn, "RoleSessionName": SESSION_NAME}
        if self._account.external_id is not None:
            asked["ExternalId"] = self._account.external_id.get_secret_value()
        region = session.region_name or HOME
        sts = session.client("sts", region_name=region, config=self._config())
        try:
            keys = sts.assume_role(**asked)["Credentials"]
        finally:
            sts.close()
        self._ends = keys["Expiration"].astimezone(UTC)
        return boto3.Session(
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
            region_name=session.region_name,
        )

    def _config(self) -> Any:
        from botocore.config import Config  # type: ignore[import-untyped]  # botocore ships no types

        return Config(
            connect_timeout=min(10.0, self._settings.timeout_seconds),
            read_timeout=self._settings.timeout_seconds,
            retries={"mode": "standard", "total_max_attempts": self._settings.attempts},
            user_agent_extra=f"finops-tui/{__version__}",
            max_pool_connections=self._settings.threads,
        )


def _before_send(sent: Sent) -> Callable[..., None]:
    def hear(event_name: str, **_: Any) -> None:
        sent(event_name.rpartition(".")[2])

    return hear


def _wants_code(session: Any) -> bool:
    """Say whether signing in would ask for a code on the terminal that the screen has."""
    profiles = session._session.full_config.get("profiles", {})  # noqa: SLF001 - boto3 has no other way to them
    name, seen = session.profile_name, set()
    while name and name not in seen:
        seen.add(name)
        profile = profiles.get(name, {})
        if "role_arn" in profile and "mfa_serial" in profile:
            return True
        name = profile.get("source_profile", "")
    return False


def _places(profile: str) -> tuple[str, ...]:
    """Name where credentials are looked for, in AWS's order."""
    config = os.environ.get("AWS_CONFIG_FILE", "~/.aws/config")
    keys = os.environ.get("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")
    if profile:
        return f"profile {profile} in {keys}", f"profile {profile} in {config}"
    machine = () if os.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true" else ("instance metadata",)
    return "environment (AWS_ACCESS_KEY_ID)", keys, config, "container credentials", *machine
