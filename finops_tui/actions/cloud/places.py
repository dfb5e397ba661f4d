"""Where things at a cloud are, and what actions on every cloud are given."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

from finops_tui.actions.kube_client import KubeClient
from finops_tui.errors import ActionError

AWS, GCP, AZURE = "aws", "gcp", "azure"
CLOUDS = {AWS: "AWS", GCP: "Google Cloud", AZURE: "Azure"}
"""As people call them, by the config's word."""
CLUSTER = re.compile(r"aws/(\d{12})/([a-z]{2}(?:-[a-z]+)+-\d)")
"""What stands for a cluster where machines belong to none: account and region."""


class Place(NamedTuple):
    """An account and a region, under whichever names a cloud has for them."""

    account: str
    """AWS's account (twelve digits), Google's project, Azure's subscription."""
    region: str
    """AWS's region, Google's location, Azure's resource group."""
    cloud: str = AWS

    @property
    def cluster(self) -> str:
        """What stands for a cluster in the keys of things that are in none: `aws/123456789012/us-east-1`."""
        return f"{self.cloud}/{self.account}/{self.region}"

    def __str__(self) -> str:
        return f"{CLOUDS[self.cloud]} {self.account} {self.region}"


def place_named(cluster: str) -> Place | None:
    """Return the account and region that stand for a cluster; None for a real one."""
    found = CLUSTER.fullmatch(cluster)
    return Place(found[1], found[2]) if found else None


class CloudHands(Protocol):
    """What any cloud is reached with, as far as all of them are alike."""

    @property
    def by(self) -> str:
        """Whom the tags on things name."""

    @property
    def new_id(self) -> Callable[[], str]: ...

    @property
    def kube(self) -> Callable[[str], KubeClient]:
        """A cluster, which says what machines its nodes are. May raise FinopsError."""


HandsT = TypeVar("HandsT", bound=CloudHands)


def no_cluster(cluster: str) -> KubeClient:
    """Reach no cluster. Raises ActionError."""
    raise ActionError(f"{cluster} cannot be asked from here", "no source of type kubernetes names it")


def plan_id() -> str:
    return secrets.token_hex(8)
