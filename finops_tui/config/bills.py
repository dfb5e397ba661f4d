"""The section `bills:`: which bill is for which cluster."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from finops_tui.analysis.bill_links import MACHINES, BillLink
from finops_tui.sources.settings import Settings

Glob = Annotated[str, Field(min_length=1, max_length=200)]


class ClusterBill(Settings):
    """Under which account and services a cluster's machines are charged."""

    cluster: Glob = Field(description="Glob over clusters; the first entry that fits counts.")
    account: Glob = Field(description="Glob over ids and names of accounts, projects or subscriptions.")
    services: tuple[Glob, ...] = Field(MACHINES, min_length=1, description="Globs over services, as bills name them.")

    def link(self) -> BillLink:
        return BillLink(cluster=self.cluster, account=self.account, services=self.services)


class Bills(Settings):
    """How bills belong to clusters; without it nothing is held against a bill."""

    clusters: tuple[ClusterBill, ...] = Field((), max_length=1_000, description="Whose bill a cluster is on.")

    def links(self) -> tuple[BillLink, ...]:
        return tuple(each.link() for each in self.clusters)
