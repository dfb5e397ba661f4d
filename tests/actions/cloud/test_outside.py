"""What stands in no cluster is worth what its row says, split over its machines where it is a group."""

from __future__ import annotations

from msgspec.structs import replace

from finops_tui.actions.aws.registry import aws_actions
from finops_tui.actions.cloud.outside import usd_each
from finops_tui.actions.cloud.sizes import Sizes
from finops_tui.model.cloud_facts import CloudFacts
from finops_tui.model.outside import OutsideKind, OutsideRow
from finops_tui.model.snapshot import Snapshot
from tests.actions.aws.cloud import ACCOUNT, PLACE, REGION, group_target
from tests.actions.aws.test_laws import OneGroup, hands
from tests.actions.make import fleet, snapshot
from tests.samples import NOON

TARGET = group_target("gpu")


def row(usd: float | None, machines: int | None) -> OutsideRow:
    return OutsideRow(
        key=TARGET.key, kind=OutsideKind.GROUP, name="gpu", cluster=PLACE.cluster, account=ACCOUNT, region=REGION,
        machines=machines, state="", usd_per_hour=usd, at=NOON,
    )  # fmt: skip


def seen(*rows: OutsideRow) -> Snapshot:
    return replace(snapshot(fleet()), cloud=CloudFacts(outside=rows))


class Four(OneGroup):
    """Of four machines, as many as it should have."""

    def describe_auto_scaling_groups(self, **asked: object) -> dict[str, list[dict[str, object]]]:
        told: dict[str, list[dict[str, object]]] = super().describe_auto_scaling_groups(**asked)
        told["AutoScalingGroups"][0]["Instances"] = [{"LifecycleState": "InService"}] * 4
        return told


async def test_a_group_saves_what_each_of_its_machines_costs() -> None:
    *_, resize = aws_actions(hands(Four(Sizes(0, 8, 4), {})))
    for known, saves in ((seen(row(200.0, 4)), 150.0), (seen(row(None, 4)), None), (seen(), None)):
        plan = await resize.plan(TARGET, {"nodes": "1"}, known, fleet(), NOON)
        assert plan.saves_usd_per_hour == saves
    given = await resize.plan(TARGET, {"nodes": "1", "price": "10"}, seen(row(200.0, 4)), fleet(), NOON)
    assert given.saves_usd_per_hour == 30.0


def test_what_is_not_known_is_no_zero() -> None:
    assert usd_each(row(200.0, 4)) == 50.0
    assert usd_each(row(200.0, 0)) is usd_each(row(200.0, None)) is usd_each(None) is None
