from __future__ import annotations

from collections.abc import Callable
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.detectors.base import Detector, Scene
from finops_tui.detectors.gpu_errors import GpuErrorRules, GpuErrors
from finops_tui.detectors.idle_gpu import IdleGpu, IdleGpuRules
from finops_tui.detectors.quantities import positive
from finops_tui.detectors.queue_backlog import QueueBacklog, QueueBacklogRules
from finops_tui.detectors.restart_loop import RestartLoop, RestartLoopRules
from finops_tui.detectors.thrash import Thrash, ThrashRules
from finops_tui.detectors.unallocated import Unallocated, UnallocatedRules
from finops_tui.detectors.unowned import Unowned, UnownedRules
from finops_tui.detectors.waste import split
from finops_tui.detectors.zombie import Zombie, ZombieRules
from tests.detectors.scenes import garbage

EAGER: dict[str, Callable[[], Detector]] = {
    "idle": lambda: IdleGpu(IdleGpuRules(minutes=0)),
    "unallocated": lambda: Unallocated(UnallocatedRules(minutes=0, headroom_ratio=0, headroom_nodes=0)),
    "zombie": lambda: Zombie(ZombieRules(minutes=0, waiting_minutes=0)),
    "queue": lambda: QueueBacklog(QueueBacklogRules(minutes=0)),
    "restarts": lambda: RestartLoop(RestartLoopRules(restarts=1, launches=1)),
    "thrash": lambda: Thrash(ThrashRules(turns=1, share_ratio=0.01)),
    "xid": lambda: GpuErrors(GpuErrorRules(often=1)),
    "unowned": lambda: Unowned(UnownedRules(minutes=0)),
}
"""Set so that they speak of nearly everything."""


@pytest.mark.parametrize("kind", EAGER)
@given(scenes=st.lists(garbage(), min_size=1, max_size=6))
def test_garbage_in_any_order_gives_signals_with_true_figures(kind: str, scenes: list[Scene]) -> None:
    detector = EAGER[kind]()
    for scene in scenes:
        signals = list(detector.judge(scene))
        assert len({signal.key for signal in signals}) == len(signals)
        for signal in signals:
            assert signal.kind == detector.id == kind
            assert signal.why.endswith(".")
            assert all(each.words.endswith(".") for each in signal.evidence)
            assert signal.usd_per_hour is None or isfinite(signal.usd_per_hour)
            for figure in (signal.normal_usd_per_hour, signal.excess_usd_per_hour, signal.burned_usd):
                assert figure is None or (isfinite(figure) and figure >= 0)
            usd, normal, excess = signal.usd_per_hour, signal.normal_usd_per_hour, signal.excess_usd_per_hour
            if usd is not None and normal is not None and excess is not None:
                assert excess <= max(usd, 0.0)
                assert normal + excess == pytest.approx(positive(usd))


@pytest.mark.parametrize("kind", EAGER)
@given(scenes=st.lists(garbage(), min_size=1, max_size=4))
def test_a_scene_that_is_judged_twice_says_the_same_twice(kind: str, scenes: list[Scene]) -> None:
    detector = EAGER[kind]()
    scenes.sort(key=lambda scene: scene.now)
    for scene in scenes:
        assert list(detector.judge(scene)) == list(detector.judge(scene))


@pytest.mark.parametrize(("usd", "excess"), [(29.34, 3 * 9.78), (29.34 + 4e-15, 29.34), (22.8, 22.799999999999997)])
def test_where_all_is_wasted_nothing_would_do(usd: float, excess: float) -> None:
    """Sums of floating point leave 3.6e-15 $/h, which is no money."""
    assert split(usd, excess) == (0.0, usd)
