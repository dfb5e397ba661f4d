"""What the spot pane tells of one pool."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from finops_tui.model.snapshot import InterruptionRow, Snapshot, SpotRow
from finops_tui.ui.glyphs import MISSING
from finops_tui.ui.panes.spot import SPOT
from finops_tui.ui.panes.spot_facts import INTERRUPTIONS_SHOWN
from tests.ui.samples import INCIDENT, NOW, ago, hostile, spot

POOL = replace(
    spot("a100-spot", 12, 4, 3, 8, 57.7, 7_200),
    leaving=2,
    rate_1h=0.031,
    rate_24h=0.0042,
    evicted_1h=23,
    lost_work_usd=87.0,
)


def taken(seconds: float, **given: object) -> InterruptionRow:
    fields: dict[str, object] = {
        "key": f"i{seconds}", "at": ago(seconds), "cluster": "prod-us", "pool": "a100-spot", "node": "n-1",
        "reason": "aws spot interruption", "zone": "us-east-1a", "gpus": 8,
    }  # fmt: skip
    return InterruptionRow(**(fields | given))  # type: ignore[arg-type]  # test data by name


GOING = taken(46, leaves_at=NOW + timedelta(seconds=74), hit=("prod-us/Job/ml/train-a", "prod-us/Job/ml/train-b"))
SOON = taken(110, leaves_at=NOW + timedelta(seconds=10), lost_work_usd=0.0)
MADE_GOOD = taken(
    3_600,
    hit=("prod-us/Job/ml/train-a",),
    lost_work_usd=12.3,
    replaced_after_seconds=190.0,
    replaced_by="n-9, on-demand",
    surcharge_usd_per_hour=12.7,
)


def told(*interruptions: InterruptionRow, row: SpotRow = POOL) -> dict[str, tuple[str, str]]:
    snapshot = replace(INCIDENT, spot=(row,), interruptions=interruptions)
    return {fact.label: (fact.value, fact.note) for fact in SPOT.facts(row, snapshot, NOW)}


def explained(*interruptions: InterruptionRow, row: SpotRow = POOL) -> dict[str, str]:
    snapshot = replace(INCIDENT, spot=(row,), interruptions=interruptions)
    return {origin.figure: origin.value for origin in SPOT.origins(row, snapshot)}


def test_it_counts_down_while_nodes_are_being_taken() -> None:
    facts = told(GOING, SOON)
    assert facts["Leaving"] == ("2", "nodes that are being taken right now, the next in 10s, the last in 74s")
    assert facts["Taken 14:01Z"][1].startswith("leaves in 74s")
    assert explained(GOING, SOON)["Leaves in"] == "10s"


def test_a_node_whose_time_is_over_has_none_left() -> None:
    late = taken(200, leaves_at=ago(80))
    assert told(late)["Taken 13:59Z"] == ("n-1 in us-east-1a", "leaves in no time · not replaced")


def test_each_node_is_told_with_its_fate() -> None:
    facts = told(GOING, MADE_GOOD)
    assert facts["Taken 14:01Z"] == ("n-1 in us-east-1a", "leaves in 74s · hit train-a and 1 more · not replaced")
    assert facts["Taken 13:02Z"] == (
        "n-1 in us-east-1a",
        "hit train-a · $12.3 of work lost · replaced after 3m by n-9, on-demand, +$12.7/h",
    )


def test_the_figures_of_the_pool() -> None:
    facts = told(GOING, SOON, MADE_GOOD)
    assert facts["Rate"] == ("3.1%", "of its spot nodes taken an hour; 0.4% over 24h")
    assert facts["Jobs hit"][0] == "2"
    assert facts["Lost work"] == ("≈$87.0", "since the last checkpoints, 24h")
    assert facts["Evicted 1h"] == ("23", "pods removed against their will")
    assert facts["Replaced"] == ("after 3m", "typically, 1 of 3 in 24h")
    assert facts["Surcharge"][0] == "≈+$12.7/h"


def test_what_is_not_known_is_missing_and_not_nothing() -> None:
    unknown = replace(POOL, rate_1h=None, rate_24h=None, lost_work_usd=None)
    facts = told(taken(9_000), row=unknown)
    assert facts["Jobs hit"][0] == MISSING
    assert facts["Lost work"] == (MISSING, "no checkpoint of what ran is known")
    assert facts["Rate"][0] == MISSING
    assert facts["Surcharge"][0] == MISSING
    assert facts["Replaced"] == (MISSING, "no node came in place of one")


@pytest.mark.parametrize("of", [{"pool": "other"}, {"cluster": "prod-eu"}])
def test_other_pools_interruptions_are_theirs(of: dict[str, str]) -> None:
    facts = told(taken(60, **of))
    assert not any(label.startswith("Taken") for label in facts)
    assert facts["Replaced"] == (MISSING, "none was lost in 24h")


def test_only_the_last_interruptions_are_listed() -> None:
    snapshot = replace(INCIDENT, interruptions=tuple(taken(60.0 * minute) for minute in range(20)))
    labels = [fact.label for fact in SPOT.facts(POOL, snapshot, NOW)]
    assert sum(label.startswith("Taken") for label in labels) == INTERRUPTIONS_SHOWN


def test_every_figure_is_explained() -> None:
    assert {"Spot", "Lost", "Lost $/h", "Rate", "Leaves in", "Jobs hit", "Lost work", "Evicted", "Replaced",
            "Surcharge"} <= explained(GOING, MADE_GOOD).keys()  # fmt: skip
    assert all(origin.how.endswith(".") for origin in SPOT.origins(POOL, INCIDENT))


def test_hostile_names_are_told_as_they_are_and_cleaned_where_they_are_drawn() -> None:
    snapshot: Snapshot = hostile()
    row = snapshot.spot[0]
    mine = taken(60, cluster=row.cluster, pool=row.name, node=row.name, zone="[bold]", hit=("a/b/c/[/]",))
    assert [fact for fact in SPOT.facts(row, replace(snapshot, interruptions=(mine,)), NOW) if fact.value]
