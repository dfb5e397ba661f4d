from __future__ import annotations

import pytest
from msgspec.structs import replace

from finops_tui.commands.arguments import duration
from finops_tui.engine.deeds import deed
from finops_tui.engine.naming import target_named
from finops_tui.errors import UsageError
from finops_tui.model.plan import TargetKind
from finops_tui.model.scope import ScopeKind
from tests.engine.plans import snapshot, spend_row

ROW = replace(spend_row(), name="nlp-train/job/retrain-v7", namespace="nlp-train")
POOL = spend_row(ScopeKind.POOL, "prod-us/h100-train")


def test_a_change_is_read_with_its_target_parameters_and_time() -> None:
    found = deed("scale rerank/rerank-eu replicas=2 reason=INC-1 @1h30m", duration)
    assert (found.verb, found.target, found.at_seconds) == ("scale", "rerank/rerank-eu", 5400.0)
    assert dict(found.parameters) == {"replicas": "2", "reason": "INC-1"}
    assert deed("pause a/b", duration).at_seconds == 0.0
    assert str(found) == "scale rerank/rerank-eu replicas=2 reason=INC-1"


@pytest.mark.parametrize("written", ["", "pause", "@20m pause a/b", "pause a/b @20m @30m", "PAUSE a/b"])
def test_what_is_no_change_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(UsageError, match="no change") as error:
        deed(written, duration)
    assert "pause namespace/name @20m" in error.value.hint


@pytest.mark.parametrize("written", ["nlp-train/job/retrain-v7", "nlp-train/retrain-v7", ROW.key])
def test_a_workload_may_be_called_as_shown_by_namespace_and_name_or_by_its_key(written: str) -> None:
    found = target_named(written, snapshot(ROW, POOL))
    assert (found.kind, found.key) == (TargetKind.WORKLOAD, ROW.key)


def test_a_pool_is_called_with_its_cluster() -> None:
    assert target_named("prod-us/h100-train", snapshot(ROW, POOL)).kind is TargetKind.POOL


def test_a_node_is_called_by_its_cluster_and_name() -> None:
    found = target_named("node/prod-us/ip-10-0-0-1", snapshot(ROW))
    assert (found.kind, found.key, found.cluster) == (TargetKind.NODE, "prod-us/ip-10-0-0-1", "prod-us")


def test_who_is_not_there_and_who_is_there_twice_are_refused_with_what_is_meant() -> None:
    other = replace(ROW, key="prod-eu/Job/nlp-train/retrain-v7")
    with pytest.raises(UsageError, match="may mean prod-us/Job/nlp-train/retrain-v7 or prod-eu"):
        target_named("nlp-train/retrain-v7", snapshot(ROW, other))
    with pytest.raises(UsageError, match="Nothing is called ml/retrain-v7") as error:
        target_named("ml/retrain-v7", snapshot(ROW))
    assert ROW.key in error.value.hint
