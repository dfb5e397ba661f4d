"""The Kubernetes Event after an action: where it stands, what it says, and what is said where there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from finops_tui.actions.events import REASONS
from finops_tui.actions.nodes import Cordon
from finops_tui.actions.pause import Pause
from finops_tui.actions.planning import Hands
from finops_tui.actions.registry import kubernetes_actions
from finops_tui.actions.undo import UNDO
from finops_tui.model.plan import Outcome
from tests.actions.make import hands, node_target, target
from tests.actions.patch_double import PatchDouble, fails, patch_double
from tests.actions.real import plan

JOB = "/apis/batch/v1/namespaces/nlp/jobs/train"
OF = target("Job", "nlp", "train")


@pytest.fixture
def double() -> Iterator[PatchDouble]:
    with patch_double() as running:
        running.put(JOB, {"spec": {"suspend": False}})
        running.put("/api/v1/nodes/gpu-1", {"spec": {}})
        yield running


@pytest.fixture
def ana(double: PatchDouble, tmp_path: Path) -> Hands:
    return hands(double.kubeconfig(tmp_path))


def events(double: PatchDouble) -> list[dict[str, Any]]:
    return [each for path, each in double.objects.items() if path.startswith("/apis/events.k8s.io/v1/")]


async def test_what_was_done_stands_on_the_object_as_an_event(double: PatchDouble, ana: Hands) -> None:
    pause = Pause(ana)
    made = await plan(pause, OF)
    assert events(double) == []
    assert (await pause.apply(made)).words == "prod took it."
    (event,) = events(double)
    assert event["metadata"]["namespace"] == "nlp"
    assert (event["reason"], event["action"], event["type"]) == ("FinopsPaused", "pause", "Normal")
    assert event["note"] == "Pause train, by ana"
    assert event["eventTime"] == "2026-03-10T12:00:00.000000Z"
    assert event["regarding"] == {
        "apiVersion": "batch/v1", "kind": "Job", "name": "train", "namespace": "nlp", "uid": "uid-1",
    }  # fmt: skip
    assert (await pause.apply(made)).words == "job/train was done already."
    assert len(events(double)) == 1


async def test_the_event_of_a_node_stands_in_the_default_namespace(double: PatchDouble, ana: Hands) -> None:
    cordon = Cordon(ana)
    await cordon.apply(await plan(cordon, node_target("gpu-1")))
    (event,) = events(double)
    assert (event["metadata"]["namespace"], event["regarding"]["namespace"]) == ("default", "")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (fails(403), "prod took it. No Kubernetes event tells of it: you may not create events in nlp."),
        (fails(500), "prod took it. No Kubernetes event tells of it: prod failed."),
    ],
)
async def test_without_an_event_the_action_is_done_all_the_same(
    double: PatchDouble, ana: Hands, fault: Any, words: str
) -> None:
    pause = Pause(ana)
    made = await plan(pause, OF)
    double.faults["POST"] = [fault]
    result = await pause.apply(made)
    assert (result.outcome, result.words) == (Outcome.APPLIED, words)


async def test_what_was_not_done_has_no_event(double: PatchDouble, ana: Hands) -> None:
    pause = Pause(ana)
    made = await plan(pause, OF)
    double.faults["PATCH"] = [fails(403)]
    assert (await pause.apply(made)).outcome is Outcome.FAILED
    assert events(double) == []


def test_every_action_has_a_reason(ana: Hands) -> None:
    assert REASONS.keys() == {action.id for action in kubernetes_actions(ana)} | {UNDO}
    assert all(re.fullmatch("Finops[A-Z][A-Za-z]+", reason) for reason in REASONS.values())
