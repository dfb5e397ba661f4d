"""What stands outside clusters, in reports and in JSON."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from finops_tui.model.cloud_facts import CloudFacts
from finops_tui.model.outside import OutsideKind, OutsideRow
from finops_tui.model.snapshot import Snapshot
from finops_tui.output import json as as_json
from finops_tui.output import markdown, text
from finops_tui.output.outside import outside as outside_table
from tests.output.samples import HOSTILE
from tests.samples import NOON, empty_snapshot

PLACE = "aws/111111111111/us-east-1"
JOB = OutsideRow(
    key=f"{PLACE}/TrainingJob/sagemaker/llm", kind=OutsideKind.TRAINING_JOB, name="llm", cluster=PLACE,
    account="111111111111", region="us-east-1", machines=4, instance_types=("ml.p5.48xlarge",), state="Training",
    usd_per_hour=240.0, checkpoints=False, since=NOON, at=NOON,
)  # fmt: skip
ENVIRONMENT = replace(
    JOB, key=f"{PLACE}/ComputeEnvironment/batch/gpu", kind=OutsideKind.ENVIRONMENT, name="gpu", machines=None, vcpus=96,
    usd_per_hour=None, missing="AWS tells its vCPUs", checkpoints=None, since=None, state="",
)  # fmt: skip
QUEUE = replace(
    ENVIRONMENT, key=f"{PLACE}/JobQueue/batch/sweeps", kind=OutsideKind.QUEUE, name="sweeps", vcpus=None,
    instance_types=(), missing="a queue has none", state="open",
)  # fmt: skip


def outside(*rows: OutsideRow) -> Snapshot:
    return replace(empty_snapshot(), cloud=CloudFacts(outside=rows))


def test_each_thing_is_a_row_and_what_has_no_price_has_a_reason() -> None:
    said = outside_table(outside(JOB, ENVIRONMENT, QUEUE))
    where = "111111111111 us-east-1"
    assert said.rows == [
        ["llm", "TrainingJob", where, "4 × ml.p5.48xlarge", "Training", "240.0", "no", "0s", "0s"],
        ["gpu", "ComputeEnvironment", where, "96 vCPUs", "–", "unpriced", "–", "–", "0s"],
        ["sweeps", "JobQueue", where, "–", "open", "–", "–", "–", "0s"],
    ]
    assert said.notes == ["gpu: AWS tells its vCPUs", "sweeps: a queue has none"]
    for form in (text, markdown):
        assert "sweeps: a queue has none" in form.write(outside(QUEUE))


def test_where_a_pool_stands_its_cluster_is_named() -> None:
    pool = replace(
        JOB, kind=OutsideKind.GROUP, name="h100", cluster="gcp/ml-prod/us-central1/train", account="ml-prod",
        region="us-central1",
    )  # fmt: skip
    ((_, _, where, *_),) = outside_table(outside(pool)).rows
    assert where == "ml-prod us-central1 train"


def test_where_nothing_stands_outside_nothing_is_said_of_it() -> None:
    assert "Outside clusters" not in text.write(outside())


def test_words_from_outside_are_words_in_every_form() -> None:
    hostile = replace(JOB, name=HOSTILE, state=HOSTILE, instance_types=(HOSTILE,), usd_per_hour=None, missing=HOSTILE)
    for form in (text, markdown):
        assert all(line.isprintable() for line in form.write(outside(hostile)).splitlines())


@pytest.mark.parametrize("row", [JOB, ENVIRONMENT], ids=["job", "environment"])
def test_json_has_all_of_it(row: OutsideRow) -> None:
    (told,) = json.loads(as_json.write(outside(row)))["cloud"]["outside"]
    assert told["key"] == row.key
    assert told["usd_per_hour"] == row.usd_per_hour
    assert told["kind"] == row.kind.value
