"""What actions reach AWS with. Clients are handed in: this package knows neither profiles nor keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from finops_tui.actions.aws.faults import fault_of
from finops_tui.actions.cloud.places import Place, no_cluster, plan_id
from finops_tui.actions.kube_client import KubeClient
from finops_tui.threads import DaemonThreads


def nowhere(_: str) -> Place | None:
    """Know of no cluster in which account it is."""
    return None


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
    new_id: Callable[[], str] = plan_id
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
