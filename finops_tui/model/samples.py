"""Figures over time, held close: weeks of every namespace are hundreds of thousands of samples."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import overload


class Samples(Sequence[tuple[float, float]]):
    """Pairs of unix seconds and a value, in the order given. Immutable; 16 bytes a pair instead of 128."""

    __slots__ = ("_flat",)

    def __init__(self, pairs: Iterable[tuple[float, float]] = ()) -> None:
        self._flat = array("d", chain.from_iterable(pairs))

    def __len__(self) -> int:
        return len(self._flat) // 2

    def __iter__(self) -> Iterator[tuple[float, float]]:
        figures = iter(self._flat)
        return zip(figures, figures, strict=True)

    @overload
    def __getitem__(self, place: int) -> tuple[float, float]: ...
    @overload
    def __getitem__(self, place: slice) -> Samples: ...
    def __getitem__(self, place: int | slice) -> tuple[float, float] | Samples:
        if isinstance(place, slice):
            return Samples([self[each] for each in range(*place.indices(len(self)))])
        at = range(len(self))[place]  # counts from the end, and refuses what is beyond
        return self._flat[2 * at], self._flat[2 * at + 1]

    def __eq__(self, other: object) -> bool:
        return self._flat == other._flat if isinstance(other, Samples) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self._flat))

    def __repr__(self) -> str:
        return f"Samples({list(self)})"
