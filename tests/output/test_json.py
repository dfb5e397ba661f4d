from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from finops_tui.model.snapshot import Snapshot
from finops_tui.output import schema
from finops_tui.output.json import write
from finops_tui.wiring import headless
from tests.output.samples import HOSTILE, full_snapshot
from tests.samples import empty_snapshot

PUBLISHED = Path(__file__).parents[2] / "docs" / "snapshot.schema.json"


def written(snapshot: Snapshot) -> Any:
    return json.loads(write(snapshot))


def problems(snapshot: Snapshot) -> list[str]:
    validator = Draft202012Validator(schema.schema(), format_checker=FormatChecker())
    return [error.message for error in validator.iter_errors(written(snapshot))]


def test_the_published_schema_is_the_models() -> None:
    assert PUBLISHED.read_text("utf-8") == schema.text(), "run: python -m finops_tui.output.schema > docs/..."


def test_the_schema_is_a_schema_and_says_what_fields_mean() -> None:
    Draft202012Validator.check_schema(schema.schema())
    headline = schema.schema()["$defs"]["Headline"]
    assert "one sample a minute" in headline["properties"]["strip"]["description"]
    assert "strip" in headline["required"]


def test_snapshots_are_valid() -> None:
    assert problems(empty_snapshot()) == []
    assert problems(full_snapshot()) == []
    assert problems(headless.demo_snapshot(seed=7, seconds=300, speed=float("inf"))) == []


def test_a_wrong_snapshot_is_not_valid() -> None:
    broken = written(empty_snapshot())
    del broken["headline"]["gpus"]
    broken["mode"] = "dream"
    assert len(list(Draft202012Validator(schema.schema()).iter_errors(broken))) == 2


def test_times_figures_and_gaps() -> None:
    value = written(full_snapshot())
    assert value["version"] == 2
    assert value["at"] == "2026-03-10T12:00:00Z"
    assert value["headline"]["strip"] == [1.0, None]
    assert value["pools"][0]["utilization"] is None, "NaN is not known"
    assert value["spend"]["workload"][3]["usd_per_hour"] is None
    assert value["spend"]["workload"][3]["missing"] == "no price known for x1"


def test_findings_come_with_what_was_decided_and_their_causes() -> None:
    page, ticket = written(full_snapshot())["findings"]
    assert (page["severity"], page["state"], page["triage"]) == ("page", "open", None)
    assert page["since"] == "2026-03-10T10:45:00Z"
    assert page["scope"] == {"kind": "workload", "name": "prod-us/Job/nlp/job/retrain"}
    assert page["causes"][0]["what"] == "workers 1→9"
    assert ticket["excess_usd_per_hour"] is None, "it is not about dollars"
    assert (ticket["triage"]["by"], ticket["triage"]["state"]) == ("ana", "acknowledged")


def test_the_schema_says_what_a_finding_is() -> None:
    finding = schema.schema()["$defs"]["Finding"]
    assert finding["properties"]["since"]["format"] == "date-time"
    assert finding["properties"]["seen_at"]["description"] == "When it was last so."
    assert {"why", "since", "state", "causes", "triage"} <= set(finding["required"])


def test_hostile_names_come_through_whole_and_harmless() -> None:
    text = write(full_snapshot())
    assert written(full_snapshot())["spend"]["workload"][1]["name"] == HOSTILE
    assert all(each.isprintable() or each == "\n" for each in text)
