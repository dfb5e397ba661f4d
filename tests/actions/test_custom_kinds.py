"""Kinds from a config: read, refused in words, and paused like any other."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.actions.custom_kinds import OPTIONAL, REQUIRED, custom_kind, with_custom_kinds
from finops_tui.actions.objects import merge_patch
from finops_tui.actions.pause import Pause, Resume
from finops_tui.actions.registry import kubernetes_actions
from finops_tui.actions.resolve import KINDS
from finops_tui.errors import ConfigError
from tests.actions.make import hands, target
from tests.actions.patch_double import patch_double
from tests.actions.real import plan

TRAINER = {"kind": "Trainer", "group": "ml.example.test", "plural": "trainers", "path": "spec.suspend", "paused": True}


def test_a_kind_needs_no_more_than_where_it_is_suspended() -> None:
    kind = custom_kind(TRAINER)
    assert (kind.path, kind.paused, kind.running, kind.versions) == (("spec", "suspend"), True, False, ("v1",))
    assert (kind.namespaced, kind.frees, kind.keeps_work) == (True, True, True)


def test_a_kind_may_be_suspended_by_an_annotation_and_say_more() -> None:
    told = TRAINER | {
        "path": "/metadata/annotations/ml.example.test~1stop", "paused": "yes", "versions": ["v2", "v1beta1"],
        "keeps_work": False, "how": "its pods go",
    }  # fmt: skip
    kind = custom_kind(told)
    assert kind.path == ("metadata", "annotations", "ml.example.test/stop")
    assert (kind.running, kind.versions, kind.keeps_work, kind.how) == (None, ("v2", "v1beta1"), False, "its pods go")


@pytest.mark.parametrize("written", ["spec.nodes.name=worker.paused", "/spec/nodes/name=worker/paused"])
def test_a_kind_may_be_suspended_by_an_item_of_a_list_that_is_named_by_a_field_of_its_own(written: str) -> None:
    path = custom_kind(TRAINER | {"path": written}).path
    nodes = [{"name": "head", "paused": False}, {"name": "worker", "paused": False}]
    patch = merge_patch({path: True}, {"spec": {"nodes": nodes}})
    assert patch == {"spec": {"nodes": [nodes[0], {"name": "worker", "paused": True}]}}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"kind": "trainer"}, "kind is 'trainer'"),
        ({"plural": "Trainers"}, "plural is 'Trainers'"),
        ({"group": "ML!"}, "group is 'ML!'"),
        ({"group": 7}, "group is 7"),
        ({"versions": []}, r"versions is \[\]"),
        ({"version": "1.0"}, "'1.0' is no version"),
        ({"path": "status.phase"}, "status.phase is no field of spec"),
        ({"path": "spec"}, "spec is no field of spec"),
        ({"path": "spec..suspend"}, "is no field of spec"),
        ({"path": "/metadata/labels/x"}, "is no field of spec"),
        ({"path": ["spec", "suspend"]}, "path is"),
        ({"path": "spec.nodes[0].paused"}, "an item of a list is not named by its number"),
        ({"path": "/spec/nodes/0/paused"}, "an item of a list is not named by its number"),
        ({"path": "/spec/nodes/-"}, "an item of a list is not named by its number"),
        ({"path": "/spec/nodes/name=worker"}, "an item of a list is no field"),
        ({"path": "/spec/groups/name=a/nodes/name=b/paused"}, "it leads through two lists"),
        ({"path": "spec.annotations.example.com/stop"}, "com/stop is no name between dots"),
        ({"paused": [1]}, r"paused is \[1\]"),
        ({"paused": None}, "paused and running are the same"),
        ({"paused": "x", "running": "x"}, "paused and running are the same"),
        ({"frees": "yes"}, "frees is 'yes'"),
        ({"suspend": True}, "suspend is not known"),
    ],
)
def test_a_kind_that_is_none_is_refused_with_what_it_takes(more: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        custom_kind(TRAINER | more)
    assert refused.value.title.startswith("Kind ")
    assert refused.value.hint
    assert re.search(words, refused.value.detail)


@pytest.mark.parametrize("key", REQUIRED)
def test_what_a_kind_cannot_do_without_is_named(key: str) -> None:
    with pytest.raises(ConfigError) as refused:
        custom_kind({name: each for name, each in TRAINER.items() if name != key})
    assert refused.value.detail == f"it has no {key}."


@pytest.mark.parametrize("kind", ["Job", "DaemonSet", "Pod"])
def test_a_kind_that_is_known_is_not_told_anew(kind: str) -> None:
    with pytest.raises(ConfigError, match=f"The kind {kind} is known already"):
        with_custom_kinds([TRAINER | {"kind": kind}])
    with pytest.raises(ConfigError, match="The kind Trainer is known already"):
        with_custom_kinds([TRAINER, TRAINER])


@given(st.dictionaries(st.sampled_from((*REQUIRED, *OPTIONAL)), st.none() | st.booleans() | st.integers() | st.text()))
def test_whatever_a_config_says_it_is_read_or_refused(told: dict[str, Any]) -> None:
    with suppress(ConfigError):
        assert custom_kind(told).kind == told["kind"]


async def test_a_kind_of_the_config_is_paused_and_resumed_like_any_other(tmp_path: Path) -> None:
    with patch_double() as double:
        path = "/apis/ml.example.test/v1/namespaces/nlp/trainers/x"
        double.put(path, {"spec": {"suspend": False}})
        kinds = with_custom_kinds([TRAINER])
        assert kinds.keys() == {*KINDS, "Trainer"}
        ana, of = hands(double.kubeconfig(tmp_path)), target("Trainer", "nlp", "x")
        pause, resume = Pause(ana, kinds), Resume(ana, kinds)
        await pause.apply(await plan(pause, of))
        assert double.objects[path]["spec"]["suspend"] is True
        await resume.apply(await plan(resume, of))
        assert double.objects[path]["spec"]["suspend"] is False
        granted = {each.resource for action in kubernetes_actions(ana, kinds) for each in action.grants()}
        assert "trainers" in granted
