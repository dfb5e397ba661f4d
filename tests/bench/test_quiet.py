from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bench import quiet
from bench.instrument import Instrument
from bench.plan import Plan, Run
from bench.programs import Program
from bench.quiet import Quiet

PROGRAM = Program(name="top", command=("top",), ready="ready")


@dataclass(frozen=True, slots=True)
class Numbered(Instrument):
    """Says of each run the how many-th it is."""

    plans: list[Plan] = field(default_factory=list)

    def measure(self, programs: Sequence[Program], plan: Plan) -> dict[str, list[Run]]:
        self.plans.append(plan)
        return {program.name: [{"number": float(len(self.plans))}] for program in programs}


def stealing(monkeypatch: pytest.MonkeyPatch, *shares: float) -> None:
    """Let each run last a second, during which the host takes these shares of a processor."""

    def readings() -> Iterator[tuple[float, float]]:
        stolen = 0.0
        for number, share in enumerate(shares):
            yield stolen, float(number)
            stolen += share
            yield stolen, float(number + 1)

    found = list(readings())
    monkeypatch.setattr(quiet, "stolen_seconds", iter([stolen for stolen, _ in found]).__next__)
    monkeypatch.setattr(quiet, "monotonic", iter([at for _, at in found]).__next__)


def test_a_run_that_the_host_disturbed_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stealing(monkeypatch, 0.0, 0.3, 0.005)
    instrument, watch = Numbered(None), Quiet()
    assert watch.measure(instrument, [PROGRAM], Plan(runs=2)) == {"top": [{"number": 1.0}, {"number": 3.0}]}
    assert [(plan.runs, plan.warm_runs) for plan in instrument.plans] == [(1, 1), (1, 0), (1, 0)]
    assert instrument.plans[1] == instrument.plans[2], "the same keys at the same moments"
    assert watch.words() == "runs: 2, made again 1 times because the host took a processor away"
    assert not watch.words(), "it is said once"


def test_the_least_disturbed_is_kept_where_none_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    stealing(monkeypatch, 0.5, 0.2, 0.4, 0.3)
    watch = Quiet()
    assert watch.measure(Numbered(None), [PROGRAM], Plan()) == {"top": [{"number": 2.0}]}
    assert watch.words().endswith("made again 3 times because the host took a processor away; "
                                  "kept all the same: 1, up to 20% of one taken")  # fmt: skip


def test_a_quiet_host_is_not_mentioned(monkeypatch: pytest.MonkeyPatch) -> None:
    stealing(monkeypatch, 0.0)
    watch = Quiet()
    watch.measure(Numbered(None), [PROGRAM], Plan())
    assert not watch.words()


@pytest.mark.skipif(not Path("/proc/stat").exists(), reason="this system counts no stolen time")
def test_what_was_stolen_is_what_the_system_counts() -> None:
    before = quiet.stolen_seconds()
    assert 0 <= before <= quiet.stolen_seconds()


def test_nothing_is_stolen_where_nobody_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(quiet, "Path", lambda _: tmp_path / "nowhere")
    assert quiet.stolen_seconds() == 0
