"""Answers that take a while to work out, and may be a minute old."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Keeps answers by key for as long as `good_for`, and forgets those that are older."""

    def __init__(self, good_for: timedelta = timedelta(minutes=1)) -> None:
        self._good_for = good_for
        self._answers: dict[str, tuple[datetime, T]] = {}

    def of(self, key: str, now: datetime, work_out: Callable[[], T]) -> T:
        answer = self._answers.get(key)
        if answer is None or not timedelta(0) <= now - answer[0] < self._good_for:
            self._answers = {each: kept for each, kept in self._answers.items() if now - kept[0] < self._good_for}
            answer = self._answers[key] = (now, work_out())
        return answer[1]
