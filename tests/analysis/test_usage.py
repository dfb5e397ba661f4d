from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.analysis.ownership import Owners, OwnershipRules
from finops_tui.analysis.usage import GIB, UsagePrices, UsageTable, usage_past
from finops_tui.model.fleet import Fleet
from finops_tui.model.inventory import Namespace
from finops_tui.model.money import Provenance
from finops_tui.model.observations import HistorySeen, HistorySeries, NamespacesSeen, Quantity, UsageReadings
from finops_tui.model.samples import Samples
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import UsageRow
from finops_tui.model.usage import Traffic, UsageReading
from tests.samples import NOON

PRICES = UsagePrices()


def about(value: float) -> Any:
    return pytest.approx(value)


GIB_AN_HOUR = GIB / 3600
"""Bytes per second that are a GiB an hour."""


def told(*readings: UsageReading, **metered: float) -> UsageReadings:
    usd = {Traffic(name): price for name, price in metered.items()}
    return UsageReadings(at=NOON, source="prometheus prod", cluster="prod", readings=readings, usd_per_gib=usd)


def rows(*observations: UsageReadings | NamespacesSeen, prices: UsagePrices = PRICES) -> dict[str, UsageRow]:
    fleet = Fleet()
    for observation in observations:
        fleet.fold(observation)
    return {row.key: row for row in UsageTable(prices, Owners(OwnershipRules())).rows(fleet, NOON)}


def test_traffic_costs_by_where_it_goes() -> None:
    sent = {Traffic.INTERNET: 10 * GIB_AN_HOUR, Traffic.REGION: 10 * GIB_AN_HOUR, Traffic.ZONE: 10 * GIB_AN_HOUR}
    row = rows(told(UsageReading(namespace="ml", sent=sent)))["prod/ml"]
    assert row.egress_usd_per_hour == pytest.approx(0.9 + 0.2 + 0.1)
    assert row.egress_bytes_per_second == pytest.approx(30 * GIB_AN_HOUR)
    assert (row.priced_by, row.provenance) == ("list price", Provenance.ESTIMATED)


def test_what_a_meter_charges_comes_first() -> None:
    row = rows(told(UsageReading(namespace="ml", sent={Traffic.INTERNET: GIB_AN_HOUR}), internet=0.12))["prod/ml"]
    assert row.egress_usd_per_hour == pytest.approx(0.12)
    assert (row.priced_by, row.provenance) == ("OpenCost", Provenance.METERED)


def test_traffic_that_cannot_be_told_apart_costs_at_most_what_the_internet_does() -> None:
    row = rows(told(UsageReading(namespace="ml", sent={Traffic.ANY: GIB_AN_HOUR}), internet=0.12))["prod/ml"]
    assert row.egress_usd_per_hour == pytest.approx(0.12)
    assert not row.egress_told_apart
    assert row.provenance is Provenance.ESTIMATED


def test_volumes_without_a_meter_cost_the_list_price_and_those_left_over_too() -> None:
    months = 730.0
    listed = rows(told(UsageReading(namespace="ml", volume_bytes=100 * GIB)))["prod/ml"]
    assert listed.storage_usd_per_hour == pytest.approx(100 * 0.08 / months)
    mixed = UsageReading(
        namespace="ml", volume_bytes=100 * GIB, volume_usd_per_hour=1.0, unmetered_bytes=50 * GIB, used_bytes=7.0
    )
    row = rows(told(mixed))["prod/ml"]
    assert row.storage_usd_per_hour == pytest.approx(1.0 + 50 * 0.08 / months)
    assert row.priced_by == "OpenCost, list price"
    assert (row.storage_bytes, row.storage_used_bytes) == (100 * GIB, 7.0)


def test_own_prices_are_said_to_be_the_configs() -> None:
    row = rows(
        told(UsageReading(namespace="ml", sent={Traffic.INTERNET: GIB_AN_HOUR})),
        prices=UsagePrices(egress_usd_per_gib=0.01),
    )["prod/ml"]
    assert row.egress_usd_per_hour == pytest.approx(0.01)
    assert row.priced_by == "config.yaml"


def test_what_was_not_reported_is_not_known() -> None:
    row = rows(told(UsageReading(namespace="ml", sent={Traffic.INTERNET: math.nan}, volume_bytes=-1.0)))["prod/ml"]
    assert (row.egress_usd_per_hour, row.storage_usd_per_hour, row.storage_bytes) == (None, None, None)
    assert row.egress_bytes_per_second is None


def test_the_namespaces_label_names_the_owner_and_the_dearest_comes_first() -> None:
    seen = NamespacesSeen(
        at=NOON, source="k", cluster="prod", namespaces=(Namespace(cluster="prod", name="ml", labels={"team": "nlp"}),)
    )
    found = rows(
        seen,
        told(
            UsageReading(namespace="ml", sent={Traffic.ZONE: GIB_AN_HOUR}),
            UsageReading(namespace="web", sent={Traffic.INTERNET: GIB_AN_HOUR}),
        ),
    )
    assert list(found) == ["prod/web", "prod/ml"]
    assert (found["prod/ml"].owner, found["prod/web"].owner) == ("nlp", "")


def test_rows_are_made_again_only_when_something_was_told() -> None:
    fleet, table = Fleet(), UsageTable(PRICES, Owners(OwnershipRules()))
    fleet.fold(told(UsageReading(namespace="ml", volume_bytes=1.0)))
    first = table.rows(fleet, NOON)
    assert table.rows(fleet, NOON) is first
    fleet.fold(told(UsageReading(namespace="ml", volume_bytes=2.0)))
    assert table.rows(fleet, NOON)[0].storage_bytes == 2.0


def series(quantity: Quantity, *points: tuple[float, float], **labels: str) -> HistorySeries:
    scope = Scope(ScopeKind.NAMESPACE, "prod/ml")
    return HistorySeries(quantity=quantity, scope=scope, step_seconds=3600, points=Samples(points), labels=labels)


def seen(*of: HistorySeries) -> list[HistorySeen]:
    return [HistorySeen(at=NOON, source="p", cluster="prod", series=of)]


def test_the_past_is_priced_as_the_present_is() -> None:
    fleet = Fleet()
    fleet.fold(told(UsageReading(namespace="ml", volume_bytes=10 * GIB, volume_usd_per_hour=1.0), internet=0.5))
    past = usage_past(
        seen(
            series(Quantity.SENT, (0, GIB_AN_HOUR), (3600, math.nan), traffic="internet"),
            series(Quantity.SENT, (0, GIB_AN_HOUR), traffic="zone"),
            series(Quantity.SENT, (0, GIB_AN_HOUR), traffic="elsewhere"),
            series(Quantity.VOLUMES, (0, 5 * GIB)),
            series(Quantity.USD_PER_HOUR, (0, 7.0)),
        ),
        fleet,
        PRICES,
    )
    assert set(past) == {("egress", "prod/ml"), ("storage", "prod/ml")}
    assert past["egress", "prod/ml"] == [(0, about(0.51))]
    assert past["storage", "prod/ml"] == [(0, about(0.5))]


def test_without_its_present_a_clusters_past_has_no_price() -> None:
    assert usage_past(seen(series(Quantity.VOLUMES, (0, 5.0))), Fleet(), PRICES) == {}


@given(
    sent=st.dictionaries(st.sampled_from(Traffic), st.floats(allow_nan=True, allow_infinity=True)),
    volumes=st.lists(st.none() | st.floats(), min_size=4, max_size=4),
)
def test_no_figure_makes_it_raise_or_be_negative(sent: dict[Traffic, float], volumes: list[float | None]) -> None:
    reading = UsageReading(
        namespace="ml", sent=sent, volume_bytes=volumes[0], used_bytes=volumes[1],
        volume_usd_per_hour=volumes[2], unmetered_bytes=volumes[3],
    )  # fmt: skip
    row = rows(told(reading))["prod/ml"]
    for usd in (row.egress_usd_per_hour, row.storage_usd_per_hour):
        assert usd is None or usd >= 0
