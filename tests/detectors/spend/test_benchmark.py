from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.detbench import SpendDetector
from bench.instrument import Instrument
from bench.sections import detbench
from bench.setting import Setting
from bench.targets import LIMITS
from tests.detectors.spend.made import DAY, HOUR, MONDAY, flat, plus


@dataclass
class Meta:
    unit: str
    interval_s: float = 300.0


def test_the_adaptor_watches_money_and_what_is_not() -> None:
    money, other = SpendDetector(Meta("usd_per_hour")), SpendDetector(Meta("value"))
    story = plus(flat, 3 * DAY, 1, 300.0)
    for number in range(4 * 288):
        hour = number / 12
        usd, value = (watch.update(MONDAY + hour * HOUR, story(hour)) for watch in (money, other))
        assert usd.page == (3 * DAY < hour < 3 * DAY + 1.5)
        assert not value.page  # the week had one value: there is no span to be outside of


def test_every_figure_is_promised_and_says_how_far_it_is_from_perfect() -> None:
    cost = {
        "f1": 0.9, "precision": 1.0, "recall": 0.8, "false_pages_per_series_week": 0.1, "delay_median_min": 10.0,
        "burned_mean": 0.1, "us_per_point": 20.0,
    }  # fmt: skip
    found = detbench.told({"cost": cost, "nab": {"standard": {"own_pages": 60.0}}})
    assert {figure.id for figure in found} == {name for name in LIMITS if name.startswith("detbench.")}
    assert {figure.id: figure.verdict for figure in found}["detbench.missed"] == "missed"
    assert next(figure for figure in found if figure.id == "detbench.nab.short").median == 40.0


def test_without_the_benchmark_nothing_is_measured_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(detbench, "NEIGHBOUR", Path("nowhere/score.py"))
    monkeypatch.delenv("FINOPS_DETBENCH", raising=False)
    assert detbench.figures(Setting(instrument=Instrument(None))) == []
    assert "nothing is measured" in capsys.readouterr().out


def test_a_benchmark_that_fails_leaves_the_other_sections_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "score.py"
    script.write_text("raise SystemExit(3)\n", encoding="utf-8")
    monkeypatch.setenv("FINOPS_DETBENCH", str(script))
    assert detbench.figures(Setting(instrument=Instrument(None))) == []
    assert "ended with status 3: nothing is measured" in capsys.readouterr().out
