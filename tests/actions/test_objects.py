from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.actions.edits import Edit, edits_of, steps, traced
from finops_tui.actions.endings import ending
from finops_tui.actions.kinds import KUEUE, PAUSABLE, SCALABLE, Sign
from finops_tui.actions.managers import by_whom, last_writer
from finops_tui.actions.marks import Mark, read_mark
from finops_tui.actions.objects import differing, merge_patch, parsed_pointer, pointer, shown_path, value
from finops_tui.actions.words import plain
from finops_tui.errors import ActionError
from finops_tui.model.plan import Plan, Target, TargetKind
from tests.actions.patch_double import merge
from tests.samples import NOON

KEYS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6)
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | KEYS
PATHS = st.lists(KEYS, min_size=1, max_size=4).map(tuple)


@given(PATHS)
def test_a_pointer_is_read_as_it_was_written(path: tuple[str, ...]) -> None:
    assert parsed_pointer(pointer(path)) == path


@given(st.dictionaries(KEYS.map(lambda key: ("spec", key)), SCALARS, max_size=4), st.dictionaries(KEYS, SCALARS))
def test_a_patch_sets_its_fields_and_no_others(fields: dict[tuple[str, ...], Any], spec: dict[str, Any]) -> None:
    spec = {key: each for key, each in spec.items() if each is not None}
    before = {"spec": spec, "status": {"x": 1}}
    after = merge(before, merge_patch(fields))
    assert differing(after, fields) == ()
    others: dict[tuple[str, ...], Any] = {
        ("spec", key): each for key, each in spec.items() if ("spec", key) not in fields
    }
    assert differing(after, others) == ()
    assert after["status"] == {"x": 1}
    back = {path: value(before, path) for path in fields}
    assert merge(after, merge_patch(back)) == before, "what was read before takes it back"


@given(
    st.dictionaries(PATHS, SCALARS, min_size=1, max_size=3),
    st.floats(-1e6, 1e6) | st.none(),
    st.lists(KEYS, max_size=2),
)
def test_a_mark_is_read_as_it_was_written(fields: dict[Any, Any], usd: float | None, beside: list[str]) -> None:
    mark = Mark(
        action="pause", plan="p", by="ana", at="2026-03-10T12:00:00Z", uid="u", was=fields, set=fields,
        beside=tuple(beside), usd_per_hour=usd or None, pods=9, gpus=72.0, until="",
    )  # fmt: skip
    assert read_mark(mark.to_json()) == mark


@given(st.text(max_size=40))
def test_whatever_stands_in_an_annotation_it_is_read_or_refused(written: str) -> None:
    with pytest.raises(ActionError, match="cannot be read"):
        read_mark(written)


def test_edits_travel_in_a_plan() -> None:
    ref = KUEUE.ref("v1beta2", "nlp", "train")
    document = {"metadata": {"uid": "u", "resourceVersion": "7"}, "spec": {}}
    mark = Mark(action="pause", plan="p", by="ana", at="", uid="u", was={}, set={})
    bare = traced(ref, document, {("spec", "active"): False}, plan="p", mark=mark)
    made = replace(bare, done=(Sign(("status",), (None, 0)),), clears={("status", "startTime"): "x"})
    plan = Plan(
        id="p", action="pause", title="", target=Target(kind=TargetKind.WORKLOAD, key="", cluster="", name=""),
        made_at=NOON, changes=(), saves_usd_per_hour=None, saves_when="", touches="", undo="", steps=steps([made]),
    )  # fmt: skip
    assert edits_of(plan) == (made,)
    assert [change.path for change in made.changes()] == [
        "spec.active",
        "annotation finops-tui/undo",
        "annotation finops-tui/plan",
        "status.startTime",
    ]
    assert isinstance(made, Edit)


def test_who_wrote_a_field_last_is_the_last_who_holds_it() -> None:
    def wrote(manager: str, at: str, field: str, subresource: str = "") -> dict[str, Any]:
        return {"manager": manager, "time": at, "fieldsV1": {"f:spec": {f"f:{field}": {}}}, "subresource": subresource}

    entries = [
        wrote("kubectl-client-side-apply", "2026-03-10T11:00:00Z", "replicas"),
        wrote("kube-controller-manager", "2026-03-10T11:30:00Z", "replicas", "scale"),
        wrote("argocd-controller", "2026-03-10T11:45:00Z", "template"),
    ]
    document = {"metadata": {"managedFields": entries}}
    assert last_writer(document, ("spec", "replicas")) == ("hpa", "2026-03-10T11:30:00Z")
    assert by_whom(document, ("spec", "template"), NOON) == "by argocd at 11:45Z"
    assert by_whom(document, ("spec", "suspend"), NOON) == ""
    assert by_whom({"metadata": {"managedFields": [None, {"manager": 3}]}}, ("spec",)) == ""


def test_paths_are_shown_as_people_write_them() -> None:
    assert shown_path(("spec", "runPolicy", "suspend")) == "spec.runPolicy.suspend"
    assert shown_path(("metadata", "annotations", "finops-tui/undo")) == "annotation finops-tui/undo"


def test_each_kind_has_one_entry() -> None:
    names = [kind.kind for kind in (*PAUSABLE, *SCALABLE)]
    assert len(names) == len(set(names))
    assert all(kind.plural == kind.plural.lower() for kind in PAUSABLE)


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ({"conditions": [{"type": "Failed", "status": "True"}]}, "failed"),
        ({"conditions": [{"type": "Failed", "status": "False"}]}, ""),
        ({"jobDeploymentStatus": "Complete"}, "completed"),
        ({"phase": "Running"}, ""),
        ({"applicationState": {"state": "COMPLETED"}}, "completed"),
        ({"conditions": "nonsense"}, ""),
    ],
)
def test_what_is_over_says_so_in_the_words_of_its_kind(status: dict[str, Any], word: str) -> None:
    assert ending({"status": status}) == word


def test_foreign_text_in_sentences() -> None:
    assert plain("a\x1b[31m\u202eb\n", 5) == "a[31…"
