"""Who would set a workload back, as far as what was seen of it tells."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from finops_tui.engine.known_reverters import known_delays, known_reverters, writers
from finops_tui.model.action import ActionRow
from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.observations import ChangeSeen
from finops_tui.model.plan import Outcome, TargetKind
from tests.engine.fleets import workload
from tests.samples import NOON

CHAT = workload("chat", kind="Deployment")


def wrote(who: str, minutes_ago: float = 10.0, subject: str = CHAT.key) -> ChangeSeen:
    change = Change(id=f"{who}{minutes_ago}", kind=ChangeKind.SCALE, who=who, subject=subject, what="replicas 4→6")
    return ChangeSeen(at=NOON - timedelta(minutes=minutes_ago), source="k8s", cluster="prod", change=change)


def who(action: str, *changes: ChangeSeen, **labels: str) -> list[tuple[str, str]]:
    named = {name.replace("__", "/").replace("_", "."): value for name, value in labels.items()}
    told = workload("chat", kind="Deployment", labels=named)
    return [(each.who, each.words) for each in known_reverters(told, action, writers(changes), NOON)]


def test_an_autoscaler_that_set_a_size_sets_it_again_when_somebody_else_did() -> None:
    assert who("scale", wrote("hpa", 30), wrote("hpa", 10)) == [
        ("hpa", "its HPA set its size at 11:50Z and sets it again")
    ]
    assert [name for name, _ in who("scale", wrote("keda"))] == ["keda"]


def test_an_autoscaler_stands_down_for_a_pause_or_is_held() -> None:
    assert who("pause", wrote("hpa"), wrote("keda")) == []


@pytest.mark.parametrize("action", ["pause", "scale", "rollback"])
def test_a_gitops_tool_sets_back_whatever_is_changed(action: str) -> None:
    assert who(action, wrote("argocd")) == [("argocd", "Argo CD wrote it last at 11:50Z and may set it back")]
    labelled = {"argocd_argoproj_io__instance": "nlp"}
    assert who(action, wrote("argocd"), **labelled) == [("argocd", "Argo CD keeps it as nlp says")]
    labelled = {"kustomize_toolkit_fluxcd_io__name": "apps"}
    assert who(action, **labelled) == [("flux", "Flux keeps it as apps says")]


def test_people_and_what_was_done_to_others_revert_nothing() -> None:
    assert who("scale", wrote("mei"), wrote("hpa", subject="prod/Deployment/ml/other")) == []


def row(**given: Any) -> ActionRow:
    fields: dict[str, Any] = {
        "key": "a1", "at": NOON, "action": "pause", "title": "Pause x", "target": "prod/Job/ml/x",
        "target_kind": TargetKind.WORKLOAD, "name": "x", "cluster": "prod", "who": "ana", "outcome": Outcome.DONE,
        "pools": ("prod/gpu",), "saves_at": NOON + timedelta(minutes=5),
    }  # fmt: skip
    return ActionRow(**(fields | given))


def test_how_long_a_pool_keeps_empty_nodes_is_known_from_what_an_earlier_plan_was_told() -> None:
    assert known_delays([row()]) == {"prod": {"gpu": timedelta(minutes=5)}}
    later = row(saves_at=NOON + timedelta(minutes=7))
    assert known_delays([row(), later]) == {"prod": {"gpu": timedelta(minutes=7)}}, "the newest is the last"


@pytest.mark.parametrize(
    "given",
    [
        {"saves_at": None},
        {"saves_at": NOON - timedelta(minutes=1)},
        {"pools": ("prod/gpu", "prod/cpu")},
        {"pools": ()},
    ],
)
def test_what_tells_nothing_of_one_pool_is_left_out(given: dict[str, Any]) -> None:
    assert known_delays([row(**given)]) == {}
