from __future__ import annotations

from finops_tui.engine.feed import Feed
from tests.samples import empty_snapshot


def test_reader_sees_the_newest_and_is_woken_for_each() -> None:
    assert Feed().snapshot is None
    feed = Feed()
    woken: list[object] = []
    feed.publish(first := empty_snapshot(minute=0))
    assert feed.snapshot is first
    feed.subscribe(lambda: woken.append(feed.snapshot))
    feed.publish(empty_snapshot(minute=1))
    feed.publish(third := empty_snapshot(minute=2))
    assert feed.snapshot is third
    assert len(woken) == 2
    feed.subscribe(None)
    feed.publish(empty_snapshot(minute=3))
    assert len(woken) == 2


def test_refresh_without_an_engine_does_nothing_and_with_one_asks_it() -> None:
    feed = Feed()
    feed.refresh()
    asked: list[bool] = []
    feed.on_refresh(lambda: asked.append(True))
    feed.refresh()
    assert asked == [True]
