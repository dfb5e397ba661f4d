from __future__ import annotations

from finops_tui.ui.palette import Palette
from finops_tui.ui.panes.facts import Fact
from finops_tui.ui.screens.detail import Detail
from finops_tui.ui.screens.page import fact_lines

TIMED = Fact("Taken Sat 15:05Z", "n-1 in us-east-1a", "not replaced")
SHORT = Fact("Cluster", "prod-us")


def written(facts: tuple[Fact, ...], width: int = 80) -> list[str]:
    return ["".join(part for part, _ in line).rstrip() for line in fact_lines(facts, width, Palette({}))]


def test_a_time_in_a_label_is_never_cut_and_moves_no_other_line() -> None:
    assert written((TIMED, SHORT)) == [
        "  Taken Sat 15:05Z n-1 in us-east-1a  not replaced",
        "  Cluster       prod-us",
    ]
    line = Detail._fact(TIMED, 80, Palette({}))
    assert "".join(part for part, _ in line).rstrip() == "    Taken Sat 15:05Z n-1 in us-east-1a not replaced"


def test_a_value_that_goes_on_stands_below_its_beginning() -> None:
    first, second = written((Fact("Restart policy", "OnFailure: pods that fail come back"),), 40)
    assert first == "  Restart policy OnFailure: pods that"
    assert second == f"{'':17}fail come back"


def test_a_label_from_outside_leaves_room_for_its_value() -> None:
    (line,) = written((Fact("x" * 200, "value"),), 60)
    assert line.endswith("x… value")
    assert len(line) < 40
