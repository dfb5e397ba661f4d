from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.analysis.estimate import GPU_GIB, estimate, gpu_name
from finops_tui.errors import UsageError
from finops_tui.model.money import CapacityType
from finops_tui.model.offer import Offer
from finops_tui.sources.offers import listed

LIST = tuple(listed())
ACCELERATORS_OF_CLOUDS = {"Inferentia2", "Trainium1"}


def offer(instance: str, usd: float | None, gpus: int = 8, model: str = "H100", **more: Any) -> Offer:
    facts: dict[str, Any] = {"provider": "aws", "region": "us-east-1", "source": "a list", "as_of": date(2026, 7, 20)}
    return Offer(instance_type=instance, usd_per_hour=usd, gpus=gpus, gpu_model=model, **{**facts, **more})


def test_the_region_asked_for_is_taken_and_another_is_called_another() -> None:
    offers = [offer("p5", 50), offer("p5", 60, region="eu-west-1")]
    assert estimate(offers, "p5", 1, 1, region="eu-west-1").usd == 60
    told = estimate(offers, "p5", 1, 1, region="ap-east-1")
    assert "No price is known in ap-east-1; this is the one of us-east-1." in told.note
    assert (told.lowest.usd_per_hour, told.highest.usd_per_hour) == (50, 60)


def test_spot_without_a_discount_is_priced_on_demand_and_says_so() -> None:
    told = estimate([offer("p5", 50)], "p5", 2, 10, spot=True)
    assert (told.usd, told.quote.spot) == (1000, False)
    assert "What spot costs here is not known" in told.note


def test_a_spot_price_of_ones_own_needs_no_discount() -> None:
    own = offer("p5", 12, capacity_type=CapacityType.SPOT, own=True)
    told = estimate([offer("p5", 50, spot_discount=0.6), own], "p5", 1, 1, spot=True)
    assert (told.usd, told.quote.words) == (12, "your own price of spot")
    assert estimate([offer("p5", 50, spot_discount=0.6), own], "p5", 1, 1).usd == 50


def test_an_undated_list_is_called_undated() -> None:
    assert "does not say from when" in estimate([offer("p5", 50, as_of=None)], "p5", 1, 1).note


def test_alternatives_give_as_many_gpus_or_as_much_memory_for_less() -> None:
    offers = [
        offer("p5", 50),
        offer("h100-x1", 5, gpus=1, provider="near"),
        offer("h100-x8", 40, provider="near"),
        offer("h200-x8", 30, model="H200", provider="far"),
        offer("a100-x8", 20, model="A100-40GB"),  # too little memory
        offer("h200-x4", 10, gpus=4, model="H200", provider="other"),  # too few to a machine
        offer("p5-dear", 49.9, provider="same price"),
    ]
    told = estimate(offers, "p5", 2, 1).alternatives
    assert [(each.quote.offer.instance_type, each.machines, each.same_gpu) for each in told] == [
        ("h200-x8", 2, False),
        ("h100-x8", 2, True),
    ]
    assert told[0].saves == pytest.approx(0.4)


def test_a_machine_without_gpus_has_no_alternatives() -> None:
    assert estimate([offer("m7i", 1, gpus=0, model=""), offer("p5", 0.5)], "m7i", 1, 1).alternatives == ()


def test_what_is_not_known_is_told_with_what_is_near() -> None:
    with pytest.raises(UsageError, match=r"No price is known for p5\.48xlarg") as raised:
        estimate(LIST, "p5.48xlarg", 1, 1)
    assert "p5.48xlarge" in raised.value.hint


def test_the_memory_of_every_gpu_in_the_list_is_known() -> None:
    models = {gpu_name(each.gpu_model) for each in LIST if each.gpus}
    assert models - GPU_GIB.keys() <= ACCELERATORS_OF_CLOUDS


@given(
    st.sampled_from([each for each in LIST if each.usd_per_hour is not None]),
    st.integers(1, 500),
    st.booleans(),
)
def test_every_alternative_costs_less_and_has_as_many_gpus(asked: Offer, machines: int, spot: bool) -> None:
    told = estimate(LIST, asked.instance_type, machines, 1, spot=spot)
    assert told.lowest.usd_per_hour <= told.quote.usd_per_hour <= told.highest.usd_per_hour
    for each in told.alternatives:
        assert each.usd_per_hour < told.usd_per_hour
        assert each.gpus >= told.quote.offer.gpus * machines
        assert each.quote.spot is told.quote.spot
        assert 0 < each.saves < 1
