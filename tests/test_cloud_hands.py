"""The groups behind a cluster's pools, from the config to a client of AWS; over a real moto server."""

from __future__ import annotations

import pytest

from finops_tui.actions.kube_client import KubeClient
from finops_tui.clock import SimulatedClock
from finops_tui.cloud_hands import _Doors, pool_actions
from finops_tui.config.actions import CloudSettings
from tests.samples import NOON
from tests.servers.moto_server import Moto, moto_fixture

__all__ = ["moto_fixture"]
CLOUD = CloudSettings(cluster="prod-us", region="us-east-1")


def nobody(cluster: str) -> KubeClient:
    pytest.fail(f"{cluster} is asked for nothing")


def test_where_no_cloud_is_named_nothing_of_a_cloud_is_offered() -> None:
    assert pool_actions((), SimulatedClock(NOON), nobody, "ana") == ()


def test_a_cloud_that_is_named_offers_the_size_of_pools() -> None:
    (resize,) = pool_actions((CLOUD,), SimulatedClock(NOON), nobody, "ana")
    assert resize.id == "resize"


def test_the_account_is_the_one_that_the_credentials_are_in(moto: Moto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    doors = _Doors((CLOUD,), SimulatedClock(NOON))
    place = doors.place("prod-us")
    assert place is not None
    assert (len(place.account), place.region) == (12, "us-east-1")
    assert doors.place("elsewhere") is None
    groups = doors.clients(place)("autoscaling").describe_auto_scaling_groups()
    assert groups["AutoScalingGroups"] == []
