"""What actions reach AWS with. Clients are handed in: this package knows neither profiles nor keys."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from finops_tui.actions.aws.faults import fault_of
from finops_tui.actions.kube_client import KubeClient
from finops_tui.errors import ActionError
from finops_tui.threads import DaemonThreads

CLUSTER = re.compile(r"aws/(\d{12})/([a-z]{2}(?:-[a-z]+)+-\d)")
"""What stands for a cluster where machines belong to none: account and region."""


class Place(NamedTuple):
    """An account and a region."""

    account: str
    """Its number, twelve digits."""
    region: str

    @property
    def cluster(self) -> str:
        """What stands for a cluster in the keys of things that are in none: `aws/123456789012/us-east-1`."""
        return f"aws/{self.account}/{self.region}"

    def __str__(self) -> str:
        return f"AWS {self.account} {self.region}"


def place_named(cluster: str) -> Place | None:
    """Return the account and region that stand for a cluster; None for a real one."""
    found = CLUSTER.fullmatch(cluster)
    return Place(found[1], found[2]) if found else None


def nowhere(_: str) -> Place | None:
    """Know of no cluster in which account it is."""
    return None


def no_cluster(cluster: str) -> KubeClient:
    """Reach no cluster. Raises ActionError."""
    raise ActionError(f"{cluster} cannot be asked from here", "no source of type kubernetes names it")


def _new_id() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsHands:
    clients: Callable[[Place], Callable[[str], Any]]
    """boto3 client of a service, for an account and region. Called in a thread, as signing in takes its time; may
    raise FinopsError. Clients that try once let a refusal mean that nothing is different."""
    place: Callable[[str], Place | None] = nowhere
    """Where a cluster's machines are; None where nobody says. Called in a thread; may raise FinopsError."""
    kube: Callable[[str], KubeClient] = no_cluster
    """A cluster, which says what machines its nodes are. May raise FinopsError."""
    by: str
    """Whom the tags on things name."""
    new_id: Callable[[], str] = _new_id
    threads: DaemonThreads = field(default_factory=lambda: DaemonThreads(4, "aws-actions"))

    async def where(self, cluster: str) -> Place | None:
        """Return where a cluster's machines are. Raises FinopsError."""
        return await self.threads.call(self.place, cluster)

    async def read(self, place: Place, service: str, operation: str, /, **asked: Any) -> Mapping[str, Any]:
        """Return an answer, one page. Raises AwsCallError."""
        return await self.threads.call(self._send, place, service, operation, asked, writing=False)

    async def write(self, place: Place, service: str, operation: str, /, **asked: Any) -> Mapping[str, Any]:
        """Change something. Raises AwsCallError, which says whether anything is different."""
        return await self.threads.call(self._send, place, service, operation, asked, writing=True)

    def _send(
        self, place: Place, service: str, operation: str, asked: Mapping[str, Any], *, writing: bool
    ) -> Mapping[str, Any]:
        from botocore import xform_name  # type: ignore[import-untyped]  # botocore ships no types

        try:
            client = self.clients(place)(service)
        except Exception as error:
            raise fault_of(error, f"{service}:{operation}", str(place), writing=False) from error
        try:
            answer: Mapping[str, Any] = getattr(client, xform_name(operation))(**asked)
        except Exception as error:
            raise fault_of(error, f"{service}:{operation}", str(place), writing=writing) from error
        return answer
