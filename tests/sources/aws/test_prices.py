from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from finops_tui.analysis.pricing import PriceBook
from finops_tui.model.inventory import Node
from finops_tui.model.money import CapacityType, Price, PriceKind
from finops_tui.model.observations import Observation, PricesSeen
from tests.sources.aws.double import Answer, Asked, Double, Fault
from tests.sources.aws.world import NOW, HandClock, health, of, one_round, source, until

GPU = {"Gpus": [{"Name": "H100", "Manufacturer": "NVIDIA", "Count": 8}], "TotalGpuMemoryInMiB": 655_360}


def product(machine: str, usd: str, unit: str = "Hrs") -> str:
    dimension = {"unit": unit, "pricePerUnit": {"USD": usd}}
    return json.dumps(
        {
            "product": {"attributes": {"instanceType": machine, "regionCode": "us-east-1"}},
            "terms": {"OnDemand": {"T": {"priceDimensions": {"D": dimension}}}},
        }
    )


def machine(asked: Asked) -> str:
    (wanted,) = [str(each["Value"]) for each in asked.params["Filters"] if each["Field"] == "instanceType"]
    return wanted


def prices(seen: list[Observation]) -> tuple[Price, ...]:
    told = of(seen, PricesSeen)
    return told[-1].prices if told else ()


def spot(machine: str, zone: str, price: str, at: datetime = NOW) -> dict[str, Any]:
    return {
        "InstanceType": machine,
        "AvailabilityZone": zone,
        "SpotPrice": price,
        "Timestamp": at,
        "ProductDescription": "Linux/UNIX",
    }


@pytest.fixture
def market(aws: Double) -> Double:
    aws.answers["DescribeInstanceTypes"] = {
        "InstanceTypes": [
            {"InstanceType": "p5.48xlarge", "GpuInfo": GPU},
            {"InstanceType": "trn2.48xlarge", "NeuronInfo": {"TotalNeuronDeviceMemoryInMiB": 1}},
            {"InstanceType": "g5g.metal"},
        ]
    }
    offers = {"p5.48xlarge": [product("p5.48xlarge", "55.04")], "trn2.48xlarge": [product("trn2.48xlarge", "0")]}
    aws.answers["GetProducts"] = lambda asked: {"PriceList": offers[machine(asked)]}
    aws.answers["DescribeSpotPriceHistory"] = {
        "SpotPriceHistory": [
            spot("p5.48xlarge", "us-east-1a", "20.0"),
            spot("p5.48xlarge", "us-east-1a", "99.0", NOW - timedelta(hours=9)),
            spot("p5.48xlarge", "us-east-1b", "30.0"),
            spot("p5.48xlarge", "us-east-1c", "0"),
        ]
    }
    return aws


def node(zone: str, capacity: CapacityType = CapacityType.SPOT, region: str = "us-east-1") -> Node:
    labels = {"topology.kubernetes.io/zone": zone} if zone else {}
    return Node(
        cluster="prod", name="n", uid="u", pool="p", instance_type="p5.48xlarge", region=region,
        capacity_type=capacity, labels=labels,
    )  # fmt: skip


async def test_prices_are_what_nodes_cost(market: Double, tmp_path: Path) -> None:
    seen = await one_round(source(tmp_path, prices=True))
    told = of(seen, PricesSeen)[-1]
    book = PriceBook({(told.source, told.cluster): told.prices})
    assert book.price(node("us-east-1a")) == (20.0, "AWS spot price in us-east-1a")
    assert book.price(node("us-east-1b")) == (30.0, "AWS spot price in us-east-1b")
    assert book.price(node("")) == (25.0, "AWS spot price, mean of 2 zones")
    assert book.price(node("us-east-1a", CapacityType.ON_DEMAND)) == (55.04, "AWS Price List 2026-11-20")
    assert book.price(node("", region="eu-west-1")).words.startswith(
        "AWS Price List 2026-11-20, list price of us-east-1"
    )
    assert health(seen).warnings == ("us-east-1: 1 types with GPUs have no on-demand price",)
    assert market.of("DescribeSpotPriceHistory")[0].params["ProductDescription.1"] == "Linux/UNIX"


@pytest.mark.usefixtures("market")
async def test_a_price_of_zero_is_no_price(tmp_path: Path) -> None:
    told = of(await one_round(source(tmp_path, prices=True)), PricesSeen)[-1]
    assert all(price.usd_per_hour > 0 for price in told.prices)
    assert {price.instance_type for price in told.prices} == {"p5.48xlarge"}


@pytest.mark.usefixtures("market")
async def test_prices_of_all_regions_are_told_at_once(tmp_path: Path) -> None:
    seen = await one_round(source(tmp_path, prices=True, regions=["us-east-1", "us-west-2"]))
    told = of(seen, PricesSeen)[-1]
    assert {(price.region, price.kind) for price in told.prices} == {
        (region, kind) for region in ("us-east-1", "us-west-2") for kind in (PriceKind.LIST, PriceKind.SPOT_MARKET)
    }
    assert {price.as_of for price in told.prices if price.kind is PriceKind.LIST} == {date(2026, 11, 20)}


async def test_spot_prices_are_asked_often_and_lists_once_a_day(market: Double, tmp_path: Path) -> None:
    clock = HandClock()
    await until(source(tmp_path, clock, prices=True), lambda _: clock.now() - NOW > timedelta(hours=25))
    assert market.counts["DescribeInstanceTypes"] == 1
    assert market.counts["GetProducts"] == 2 * 2
    assert 120 <= market.counts["DescribeSpotPriceHistory"] <= 151


async def test_a_region_without_gpus_is_said_not_silent(market: Double, tmp_path: Path) -> None:
    market.answers["DescribeInstanceTypes"] = {"InstanceTypes": [{"InstanceType": "m5.large"}]}
    seen = await one_round(source(tmp_path, prices=True))
    assert health(seen).missing == (
        "on-demand prices in us-east-1: us-east-1 has no instance types with GPUs",
        "spot prices in us-east-1: us-east-1 has no instance types with GPUs",
    )


async def test_one_type_that_fails_is_asked_again_alone(market: Double, tmp_path: Path) -> None:
    clock = HandClock()
    answers = [Fault("ThrottlingException", "Rate exceeded")]

    def products(asked: Asked) -> Answer:
        if machine(asked) == "trn2.48xlarge" and answers:
            return answers.pop()
        return {"PriceList": [product(machine(asked), "55.04")]}

    market.answers["GetProducts"] = products
    watched = source(tmp_path, clock, prices=True)
    seen = await until(watched, lambda seen: any(price.kind is PriceKind.LIST for price in prices(seen)))
    assert {price.instance_type for price in prices(seen)} == {"p5.48xlarge", "trn2.48xlarge"}
    assert sorted(machine(asked) for asked in market.of("GetProducts")) == ["p5.48xlarge"] + ["trn2.48xlarge"] * 2


async def test_an_answer_that_makes_no_sense_costs_its_own_figures_alone(market: Double, tmp_path: Path) -> None:
    market.answers["GetProducts"] = {"PriceList": ["{ this is no JSON"]}
    seen = await one_round(source(tmp_path, prices=True))
    assert health(seen).missing == ("on-demand prices in us-east-1: the answer makes no sense (JSONDecodeError)",)
    assert {price.kind for price in prices(seen)} == {PriceKind.SPOT_MARKET}


async def test_a_market_without_offers_is_said_not_silent(market: Double, tmp_path: Path) -> None:
    market.answers["DescribeSpotPriceHistory"] = {"SpotPriceHistory": []}
    seen = await one_round(source(tmp_path, prices=True))
    assert health(seen).missing == ("spot prices in us-east-1: AWS answered no prices at all",)


async def test_prices_are_asked_of_one_account_alone(market: Double, tmp_path: Path) -> None:
    keys = {"AccessKeyId": "ASIAQQQQQQQQQQQQQQQQ", "SecretAccessKey": "s", "SessionToken": "t"}
    market.answers["AssumeRole"] = {"Credentials": {**keys, "Expiration": datetime(2026, 11, 21, tzinfo=UTC)}}
    accounts = [{"name": "main"}, {"name": "other", "role_arn": "arn:aws:iam::222222222222:role/x"}]
    await one_round(source(tmp_path, prices=True, accounts=accounts))
    assert market.counts["DescribeSpotPriceHistory"] == 1
