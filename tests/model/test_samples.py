from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.model.samples import Samples

pairs = st.lists(st.tuples(st.floats(allow_nan=False), st.floats(allow_nan=False)), max_size=9)


@given(pairs, st.slices(9))
def test_they_are_the_pairs_that_were_given(given: list[tuple[float, float]], part: slice) -> None:
    samples = Samples(iter(given))
    assert list(samples) == given
    assert len(samples) == len(given)
    assert [samples[place] for place in range(-len(given), len(given))] == given * 2
    assert list(samples[part]) == given[part]
    assert bool(samples) == bool(given)


@given(pairs, pairs)
def test_two_are_the_same_where_their_pairs_are(
    one: list[tuple[float, float]], other: list[tuple[float, float]]
) -> None:
    assert (Samples(one) == Samples(other)) == (one == other)
    assert hash(Samples(one)) == hash(Samples(one))
    assert Samples(one) != one


def test_there_is_none_beyond_the_last() -> None:
    with pytest.raises(IndexError):
        Samples([(0.0, 1.0)])[1]
    with pytest.raises(IndexError):
        Samples()[-1]


def test_whoever_looks_sees_the_pairs() -> None:
    assert repr(Samples([(0, inf)])) == "Samples([(0.0, inf)])"
