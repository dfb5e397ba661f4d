"""What was changed and until when, read from annotations that anybody may have written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.actions.marks_read import KEY, LONGEST, ends_at, mark_in
from finops_tui.actions.pause import Pause
from tests.actions.make import hands, later, target
from tests.actions.patch_double import patch_double
from tests.actions.real import plan

JOB = "/apis/batch/v1/namespaces/nlp/jobs/train"


async def annotations_after_a_pause(folder: Path, **parameters: str) -> Mapping[str, str]:
    with patch_double() as double:
        double.put(JOB, {"spec": {"suspend": False}})
        pause = Pause(hands(double.kubeconfig(folder)))
        await pause.apply(await plan(pause, target("Job", "nlp", "train"), None, **parameters))
        written: Mapping[str, str] = double.objects[JOB]["metadata"]["annotations"]
        return written


async def test_a_change_with_an_end_says_when_it_should_be_taken_back(tmp_path: Path) -> None:
    written = await annotations_after_a_pause(tmp_path, until="2026-03-10T12:30:00Z")
    mark = mark_in(written)
    assert mark is not None
    assert (mark.action, mark.by, ends_at(mark)) == ("pause", "ana", later(30))


async def test_a_change_without_an_end_may_stay(tmp_path: Path) -> None:
    written = await annotations_after_a_pause(tmp_path)
    mark = mark_in(written)
    assert mark is not None
    assert (mark.action, ends_at(mark)) == ("pause", None)
    assert mark_in({}) is None


@pytest.mark.parametrize("until", ["soon", "2026-03-10T12:30:00", "2026-03-10T25:00:00Z"])
async def test_an_end_that_is_no_time_is_none(tmp_path: Path, until: str) -> None:
    written = await annotations_after_a_pause(tmp_path, until="2026-03-10T12:30:00Z")
    forged = {KEY: written[KEY].replace("2026-03-10T12:30:00Z", until)}
    mark = mark_in(forged)
    assert mark is not None
    assert ends_at(mark) is None


@given(st.text(max_size=60).map(lambda text: f'{{"until"{text}') | st.text(max_size=60))
def test_whatever_stands_there_nothing_breaks(written: str) -> None:
    assert mark_in({KEY: written}) is None


async def test_a_recipe_that_is_too_long_to_be_ours_is_not_read(tmp_path: Path) -> None:
    written = await annotations_after_a_pause(tmp_path)
    assert mark_in({KEY: written[KEY] + " " * LONGEST}) is None
