"""The best move against a finding, in one line."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from finops_tui.model.plan import Risk
from finops_tui.ui.panes.best_move import best_move, best_of, moment_of
from tests.ui.deeds import HELPED, REMEDIES
from tests.ui.desk import ARMED
from tests.ui.samples import INCIDENT, at
from tests.ui.screen import shown

PAUSE, SCALE, CORDON, ROLLBACK = REMEDIES


def test_it_says_the_key_the_dollars_the_moment_and_the_risk() -> None:
    fact = best_move(PAUSE, "p")
    assert (fact.label, fact.value) == ("Best", "p pause the job saves ≈$412.0/h from 14:09Z, SLO risk none")
    assert best_move(PAUSE, "", "retrain-v7").value.startswith("pause the job retrain-v7 saves")


@pytest.mark.parametrize("risk", [Risk.NONE, Risk.LOW, Risk.UNKNOWN])
def test_a_milder_move_is_a_plain_recommendation(risk: Risk) -> None:
    assert best_move(replace(PAUSE, slo_risk=risk), "p").value.startswith("p pause the job")


def test_a_high_risk_is_never_a_plain_recommendation() -> None:
    fact = best_move(replace(PAUSE, slo_risk=Risk.HIGH), "p")
    assert fact.value == ("only a high-risk move is left: p pause the job saves ≈$412.0/h from 14:09Z, SLO risk high")


def test_a_move_that_saves_nothing_says_so() -> None:
    assert best_move(CORDON, "C").value == "C cordon h100-3 saves nothing by itself, SLO risk low"


def test_what_cannot_be_undone_says_so() -> None:
    assert best_move(replace(PAUSE, reversible=False), "p").note == "cannot be undone"


def test_what_is_refused_is_never_the_best() -> None:
    assert best_of(replace(HELPED, remedies=(ROLLBACK, SCALE))) is SCALE
    assert best_of(replace(HELPED, remedies=(ROLLBACK,))) is None


def test_the_moment_is_the_one_that_is_known_and_not_one_that_words_happen_to_name() -> None:
    assert moment_of(replace(PAUSE, saves_at=at(14, 20))) == "14:20Z"
    assert moment_of(replace(PAUSE, saves_at=None)) == ""


async def test_below_the_list_of_findings_a_high_risk_is_told_as_all_that_is_left() -> None:
    hard = replace(HELPED, remedies=(replace(PAUSE, slo_risk=Risk.HIGH), ROLLBACK))
    async with shown(replace(INCIDENT, findings=(hard,), armed=ARMED), (80, 24)) as screen:
        line = next(line for line in screen.lines if line.lstrip().startswith("Best"))
        assert "only a high-risk move is left: p pause the job saves" in line
