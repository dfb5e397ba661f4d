from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.ui.filter import Field, FilterError, Kind, Texts, parse


@dataclass(frozen=True)
class Row:
    name: str
    ns: str = "ml"
    usd: float | None = 1.0
    util: float | None = 0.5
    age: float | None = 60.0


FIELDS: tuple[Field[Row], ...] = (
    Field(("name", "what"), Kind.TEXT, lambda row: row.name),
    Field(("ns", "namespace"), Kind.TEXT, lambda row: row.ns),
    Field(("usd",), Kind.NUMBER, lambda row: row.usd),
    Field(("util",), Kind.PERCENT, lambda row: row.util),
    Field(("age",), Kind.DURATION, lambda row: row.age),
)
ROWS = (
    Row("ml/job/train-v7", "ml", 12.0, 0.94, 7_200),
    Row("ml/job/batch-1", "ml", 2_500.0, 0.03, 90),
    Row("chat/deploy/api", "chat", 5.04, 0.10, 259_200),
    Row("Ünï/job/BATCH", "ml-dev", None, None, None),
)


def names(text: str) -> list[str]:
    return [row.name for row in parse(text, FIELDS).apply(ROWS)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [0, 1, 2, 3]),
        ("   ", [0, 1, 2, 3]),
        ("batch", [1, 3]),
        ("BATCH", [1, 3]),
        ("!batch", [0, 2]),
        ("ns=ml", [0, 1, 3]),
        ('ns="ml"', [0, 1]),
        ('!ns="ml"', [2, 3]),
        ("ns!=ml", [2]),
        ("namespace=chat", [2]),
        ("NS=chat", [2]),
        ("usd>5", [0, 1, 2]),
        ("usd>=12", [0, 1]),
        ("usd<$10", [2]),
        ("usd>2k", [1]),
        ("usd=5.0", [2]),
        ("usd!=5.0", [0, 1]),
        ("!usd>5", []),
        ("util<10", [1]),
        ("util<=10%", [1, 2]),
        ("age>1h", [0, 2]),
        ("age<90", []),
        ("age<=90s", [1]),
        ("age=3d", [2]),
        ("ns=ml usd>5 !batch", [0]),
        ('"job/train"', [0]),
        ('what="ml/job/train-v7"', [0]),
        ("ünï", [3]),
        ('ns=""', []),
    ],
)
def test_what_passes(text: str, expected: list[int]) -> None:
    assert names(text) == [ROWS[index].name for index in expected]


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("nss=ml", 0, "did you mean ns"),
        ("zzz=1", 0, "there are name, ns, usd, util, age"),
        ("batch usd>", 10, "say a value after usd>"),
        ("usd>x", 4, "'x' is not a figure; write 5 or 2.5k"),
        ("usd>nan", 4, "not a figure"),
        ("usd>1_0", 4, "not a figure"),
        ("util>5m", 5, "write 10%"),
        ("age>1y", 4, "write 30m or 2h"),
        ('ns="ml', 3, "the quote is not closed"),
        ("ns>ml", 2, "use = or !="),
        ("batch !", 6, "say after !"),
        ("usd>$", 4, "not a figure"),
    ],
)
def test_a_wrong_filter_says_what_and_where(text: str, position: int, words: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text, FIELDS)
    assert words in str(caught.value)
    assert caught.value.position == position


@given(st.text(max_size=40))
def test_any_text_is_a_filter_or_a_clear_error(text: str) -> None:
    try:
        rows = parse(text, FIELDS).apply(ROWS)
    except FilterError as found:
        error = found
    else:
        assert set(rows) <= set(ROWS)
        return
    assert 0 <= error.position <= len(text)
    assert error.title


@given(st.sampled_from(["batch", "ns=ml", "ns!=ml", 'name="x"', '"a b"']))
def test_a_term_and_its_negation_split_the_rows(term: str) -> None:
    kept, left = names(term), names("!" + term)
    assert sorted(kept + left) == sorted(row.name for row in ROWS)


def test_the_texts_of_a_row_are_read_once_until_they_are_forgotten() -> None:
    read: list[str] = []

    def name(row: Row) -> str:
        read.append(row.name)
        return row.name

    fields = (Field(("name",), Kind.TEXT, name),)
    texts = Texts(fields)
    for typed in ("b", "ba", "bat", "!bat"):
        parse(typed, fields, texts).apply(ROWS)
    assert read == [row.name for row in ROWS]
    texts.forget()
    parse("b", fields, texts).apply(ROWS)
    assert len(read) == 2 * len(ROWS)


@given(st.lists(st.sampled_from(["b", "batch", "!job", "ml", "ns=ml", "ünï", '"api"', "usd>5"])))
def test_texts_that_were_read_before_change_no_answer(typed: list[str]) -> None:
    texts = Texts(FIELDS)
    for text in typed:
        assert parse(text, FIELDS, texts).apply(ROWS) == parse(text, FIELDS).apply(ROWS)


def test_a_word_is_not_found_across_two_texts() -> None:
    assert names("api-1") == []
    assert names("apichat") == []
