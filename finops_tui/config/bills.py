"""The section `bills:`: which bill is for which cluster."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from finops_tui.analysis.bill_links import MACHINES, BillLink
from finops_tui.ledger.drill import ASK_FROM_USD
from finops_tui.sources.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.engine.unbilled import Unbilled

Glob = Annotated[str, Field(min_length=1, max_length=200)]


class ClusterBill(Settings):
    """Under which account and services a cluster's machines are charged."""

    cluster: Glob = Field(description="Glob over clusters; the first entry that fits counts.")
    account: Glob = Field(description="Glob over ids and names of accounts, projects or subscriptions.")
    services: tuple[Glob, ...] = Field(MACHINES, min_length=1, description="Globs over services, as bills name them.")

    def link(self) -> BillLink:
        return BillLink(cluster=self.cluster, account=self.account, services=self.services)


class UnbilledClusters(Settings):
    """Clusters whose days stand in the ledger as they were estimated, unless an entry of `clusters` fits them."""

    cluster: Glob = Field(description="Glob over clusters; the first entry that fits counts.")
    provider: str = Field(min_length=1, max_length=100, description="The cloud, as a bill of it would name it.")


class Bills(Settings):
    """How bills belong to clusters; without it nothing is held against a bill."""

    clusters: tuple[ClusterBill, ...] = Field((), max_length=1_000, description="Whose bill a cluster is on.")

    estimated: tuple[UnbilledClusters, ...] = Field(
        (), max_length=1_000, description="Clusters of clouds without a bill to ask for: estimated days in the ledger."
    )

    ask_from_usd: float = Field(
        float(ASK_FROM_USD), ge=0, le=1_000, description="A drill-down that may cost so much is asked after a yes only."
    )

    def unbilled(self) -> tuple[Unbilled, ...]:
        from finops_tui.engine.unbilled import Unbilled

        return tuple(Unbilled(cluster=each.cluster, provider=each.provider) for each in self.estimated)

    def links(self) -> tuple[BillLink, ...]:
        return tuple(each.link() for each in self.clusters)
