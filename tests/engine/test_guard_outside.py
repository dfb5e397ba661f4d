"""The guard knows how old and how dear is what stands in no cluster: its row tells."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from msgspec.structs import replace

from finops_tui.model.cloud_facts import CloudFacts
from finops_tui.model.outside import OutsideKind, OutsideRow
from finops_tui.model.plan import Decision
from finops_tui.model.snapshot import Snapshot
from tests.engine.plans import OPEN, judged, plan, snapshot, target
from tests.samples import NOON

PLACE = "aws/111111111111/us-east-1"
QUEUE = OutsideRow(
    key=f"{PLACE}/JobQueue/batch/sweeps", kind=OutsideKind.QUEUE, name="sweeps", cluster=PLACE, account="111111111111",
    region="us-east-1", machines=None, state="open", usd_per_hour=None, at=NOON - timedelta(seconds=30),
)  # fmt: skip
CLOSE = plan(
    target=target(key=QUEUE.key, cluster=PLACE, name="batch/sweeps", uid="", environment="research"),
    saves_usd_per_hour=0.0, pods=0, gpus=0.0,
)  # fmt: skip


def seen(*rows: OutsideRow) -> Snapshot:
    return replace(snapshot(), cloud=CloudFacts(outside=rows))


def test_what_stands_outside_clusters_can_be_judged_by_its_own_row() -> None:
    judgement = judged(CLOSE, snapshot=seen(QUEUE))
    assert judgement.decision is Decision.CONFIRM
    assert "data 30s old" in [check.words for check in judgement.checks]


def test_of_what_no_cloud_tells_nobody_knows_how_old_it_is() -> None:
    judgement = judged(CLOSE, snapshot=seen())
    assert judgement.decision is Decision.REFUSE
    assert judgement.reason == "Nobody knows how old the data about batch/sweeps is."


@pytest.mark.parametrize(
    ("seconds", "decision"), [(119, Decision.CONFIRM), (300, Decision.TYPE_NAME), (901, Decision.REFUSE)]
)
def test_older_data_ask_for_more_here_too(seconds: int, decision: Decision) -> None:
    old = replace(QUEUE, at=NOON - timedelta(seconds=seconds))
    assert judged(CLOSE, snapshot=seen(old)).decision is decision


def test_what_is_dear_wants_its_name_typed() -> None:
    dear = replace(QUEUE, usd_per_hour=910.4)
    judgement = judged(CLOSE, dataclasses.replace(OPEN, typed_usd_per_hour=500.0), snapshot=seen(dear))
    assert judgement.decision is Decision.TYPE_NAME
    assert "$910.4/h" in judgement.reason
