from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.analysis.machine_rates import Cost, MachineRates
from finops_tui.model.money import CapacityType, Price, PriceKind

EAST, WEST, GPU = "us-east-1", "us-west-2", "p5.48xlarge"


def price(usd: float, kind: PriceKind = PriceKind.LIST, **given: object) -> Price:
    fields: dict[str, object] = {"instance_type": GPU, "region": EAST, "source": kind.name, **given}
    return Price(kind=kind, usd_per_hour=usd, **fields)  # type: ignore[arg-type]  # test data by name


def rates(*prices: Price, cluster: str = "") -> MachineRates:
    return MachineRates({("aws prod", cluster): prices})


ON_DEMAND = price(55.0, capacity_type=CapacityType.ON_DEMAND)
SPOT = price(20.0, PriceKind.SPOT_MARKET, capacity_type=CapacityType.SPOT)


@pytest.mark.parametrize(("spot", "usd"), [(False, 110.0), (True, 40.0), (None, 110.0)])
def test_machines_cost_what_one_of_their_type_and_capacity_costs(*, spot: bool | None, usd: float) -> None:
    cost = rates(ON_DEMAND, SPOT).of(2, [GPU], EAST, spot=spot)
    assert cost.usd_per_hour == usd
    assert cost.priced_by == ("SPOT_MARKET" if spot else "LIST")


@pytest.mark.parametrize(
    ("machines", "types", "region", "reason"),
    [
        (2, [GPU], WEST, f"no price of {GPU} in {WEST} is known; pricing.overrides may name one"),
        (2, [f"ml.{GPU}"], EAST, f"no price of ml.{GPU} in {EAST} is known; pricing.overrides may name one"),
        (None, [GPU], EAST, "how many machines it has is not known"),
        (2, [], EAST, "its instance type is not known"),
        (2, [GPU, "g5.xlarge"], EAST, "it has machines of several types"),
    ],
)
def test_what_is_not_known_has_a_reason_and_is_never_nothing(
    machines: int | None, types: list[str], region: str, reason: str
) -> None:
    assert rates(ON_DEMAND).of(machines, types, region, spot=None) == Cost(missing=reason)


def test_no_machine_costs_nothing_whatever_its_price() -> None:
    assert rates().of(0, ["nobody.knows"], EAST, spot=None).usd_per_hour == 0.0


def test_a_price_of_the_config_comes_first_and_fits_every_region() -> None:
    own = price(9.0, PriceKind.OVERRIDE_INSTANCE_TYPE, region="")
    assert rates(ON_DEMAND, own).each(GPU, WEST).usd_per_hour == 9.0


def test_prices_of_one_cluster_or_node_are_not_for_what_is_in_none() -> None:
    assert rates(ON_DEMAND, cluster="prod-us").each(GPU, EAST).usd_per_hour is None
    own = price(9.0, PriceKind.OVERRIDE_INSTANCE_TYPE, cluster="prod-us")
    metered = price(8.0, PriceKind.METERED_NODE, node="n1")
    assert rates(ON_DEMAND, own, metered).each(GPU, EAST).usd_per_hour == 55.0


def test_a_spot_machine_costs_what_its_zone_does() -> None:
    dear = replace(SPOT, usd_per_hour=33.0, labels={"topology.kubernetes.io/zone": "us-east-1a"})
    known = rates(SPOT, dear)
    assert known.each(GPU, EAST, zone="us-east-1a", spot=True).usd_per_hour == 33.0
    assert known.each(GPU, EAST, zone="us-east-1b", spot=True).usd_per_hour == 20.0


def test_together_one_that_has_no_price_leaves_no_sum() -> None:
    known = rates(ON_DEMAND, SPOT)
    some = [known.each(GPU, EAST, spot=True), known.each(GPU, EAST)]
    assert known.together(some).usd_per_hour == 75.0
    assert known.together([*some, known.each(GPU, WEST)]).usd_per_hour is None


@given(st.integers(0, 5_000), st.floats(0.001, 1_000))
def test_more_machines_never_cost_less(machines: int, usd: float) -> None:
    known = rates(price(usd))
    fewer, more = (known.of(many, [GPU], EAST, spot=None).usd_per_hour for many in (machines, machines + 1))
    assert fewer is not None
    assert more is not None
    assert more > fewer or machines == 0
    assert more == pytest.approx(usd * (machines + 1))
