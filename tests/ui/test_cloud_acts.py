"""What `R` asks, and what is made of the answer."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from finops_tui.commands.live import acts
from finops_tui.config.clouds import GcpCloud
from finops_tui.config.models import Config
from finops_tui.engine.proposal import Request
from finops_tui.errors import UsageError
from finops_tui.model.plan import TargetKind
from finops_tui.sources.aws.settings import AwsSettings
from finops_tui.ui.cloud_acts import FEEDBACK, RESIZE
from tests.actions.make import fleet, node, pool_target, snapshot
from tests.ui.desk import ARMED, DeskDouble, at_the_desk
from tests.ui.samples import INCIDENT
from tests.ui.screen import shown

OF = fleet([node("n0"), node("n1")])
READY = replace(INCIDENT, armed=ARMED)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ("4", {"nodes": "4"}),
        (" 0 ", {"nodes": "0"}),
        ("min=1 max=4", {"min": "1", "max": "4"}),
        ("min=1,max=4", {"min": "1", "max": "4"}),
        ("3 group=Zone-B", {"nodes": "3", "group": "Zone-B"}),
        ("nodes=2 price=55.04", {"nodes": "2", "price": "55.04"}),
    ],
)
def test_a_number_bounds_and_more_are_read(answer: str, asked: dict[str, str]) -> None:
    assert RESIZE.asks is not None
    assert RESIZE.asks.read(answer) == asked


@pytest.mark.parametrize("answer", ["", "many", "4 5", "max=1 max=2", "size=3", "group=b", "price=5", "-1"])
def test_nonsense_is_told_with_what_would_do(answer: str) -> None:
    assert RESIZE.asks is not None
    with pytest.raises(UsageError) as error:
        RESIZE.asks.read(answer)
    assert "min=1 max=4" in error.value.hint


def test_what_it_has_now_is_offered_where_that_is_known() -> None:
    assert RESIZE.asks is not None
    known = snapshot(OF)
    assert RESIZE.asks.now(pool_target("h100"), known) == "2"
    assert RESIZE.asks.now(pool_target("h100"), replace(known, pools=())) == ""
    assert RESIZE.asks.words("h100", "2") == "Resize h100 from 2 to"
    assert RESIZE.asks.words("h100", "") == "Resize h100 to"


def test_it_is_offered_where_something_at_a_cloud_can_be_seen_or_named() -> None:
    assert acts(Config()) == ()
    google = GcpCloud(cluster="eu", project="ml", location="x1")
    assert acts(Config(clouds=(google,))) == (RESIZE,)
    assert acts(Config(sources=(AwsSettings(),))) == (RESIZE, FEEDBACK)  # no other source tells of anomalies


async def test_the_key_asks_on_a_pool_and_makes_a_wish_of_the_answer() -> None:
    async with shown(READY, acts=(RESIZE,)) as screen:
        desk = at_the_desk(screen, DeskDouble())
        await screen.press("4", "R")
        assert "Resize " in screen.text
        await screen.press("ctrl+u", *"3 group=b", "enter")
        (wish,) = desk.wishes
        assert isinstance(wish, Request)
        assert (wish.action, dict(wish.parameters)) == ("resize", {"nodes": "3", "group": "b"})
        assert [each.kind for each in wish.targets] == [TargetKind.POOL]
