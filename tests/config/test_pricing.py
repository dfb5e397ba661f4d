from __future__ import annotations

import pytest
from pydantic import ValidationError

from finops_tui.analysis.usage import UsagePrices
from finops_tui.config.models import Config
from finops_tui.wiring import live


def test_prices_of_traffic_and_volumes_reach_the_engine() -> None:
    given = {
        "egress_usd_per_gib": 0.05, "cross_region_usd_per_gib": 0.03, "cross_zone_usd_per_gib": 0.0,
        "storage_usd_per_gib_month": 0.1,
    }  # fmt: skip
    config = Config.model_validate({"pricing": given})
    assert live.engine_settings(config).usage == UsagePrices(**given)


def test_without_any_the_list_prices_stand() -> None:
    assert live.engine_settings(Config()).usage == UsagePrices()


@pytest.mark.parametrize("price", [-0.01, float("nan"), float("inf")])
def test_a_price_is_a_number_that_can_be(price: float) -> None:
    with pytest.raises(ValidationError):
        Config.model_validate({"pricing": {"egress_usd_per_gib": price}})
