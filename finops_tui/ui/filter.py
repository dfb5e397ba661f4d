"""The filter language: `ns=ml usd>5 gpu<10 !batch`.

Terms stand side by side and all must hold; `!` in front turns one round. A bare word is looked for in every text of
the row. `field=text` looks for the text in that field, `field="text"` wants exactly it; figures compare with
`= != > >= < <=`. Case never matters. A figure that is not known matches no comparison.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from finops_tui.errors import UsageError

R = TypeVar("R")
Value = str | float | None


class Kind(StrEnum):
    """How a field's value is written in a filter."""

    TEXT = "text"
    NUMBER = "number"
    PERCENT = "percent"
    """A ratio in the row, per cent in the filter: `util<10` and `util<10%` say the same."""
    DURATION = "duration"
    """Seconds in the row; `90s`, `14m`, `2h`, `3d` in the filter, a bare number is seconds."""


class Field(NamedTuple, Generic[R]):
    """Something to filter by, under one or more names."""

    names: tuple[str, ...]
    kind: Kind
    value: Callable[[R], Value]


class FilterError(UsageError):
    """The text is not a filter. `position` counts characters from 0, and so does `begins`: there its term does."""

    begins = 0

    def __init__(self, title: str, position: int, *, unfinished: bool = False) -> None:
        """`unfinished` says that the text may just go on: there is no mistake in it so far."""
        super().__init__(title)
        self.position = position
        self.unfinished = unfinished


OPERATORS = ("!=", ">=", "<=", "=", ">", "<")  # longer ones first
FACTORS: Mapping[Kind, Mapping[str, float]] = {
    Kind.NUMBER: {"": 1.0, "k": 1e3, "m": 1e6},
    Kind.PERCENT: {"": 0.01, "%": 0.01},
    Kind.DURATION: {"": 1.0, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0},
}
EXAMPLES = {Kind.NUMBER: "5 or 2.5k", Kind.PERCENT: "10%", Kind.DURATION: "30m or 2h"}

FIGURE = re.compile(r"[-+]?[0-9]{1,15}(\.[0-9]{0,9})?")
FIGURE_BEGUN = ("$", "-", "+")

Test = Callable[[R], bool]

BETWEEN_TEXTS = "\0"
"""What nobody can type: a word is never found across two texts."""


class Texts(Generic[R]):
    """All texts of each row in one, without case. They are kept: a bare word is looked for at every letter typed."""

    def __init__(self, fields: Sequence[Field[R]]) -> None:
        self._getters = tuple(field.value for field in fields if field.kind is Kind.TEXT)
        self.known: dict[int, str] = {}
        """By the identity of the row."""
        self._rows: list[R] = []
        """The same rows: while they are kept, no other row has the identity of one of them."""

    def read(self, row: R) -> str:
        """Put the texts of a row together."""
        text = self.known[id(row)] = BETWEEN_TEXTS.join([str(get(row)) for get in self._getters]).casefold()
        self._rows.append(row)
        return text

    def forget(self) -> None:
        """Let go of all rows: there are newer ones."""
        self.known.clear()
        self._rows.clear()


class Filter(NamedTuple, Generic[R]):
    """A text that has been understood. The empty text lets every row pass."""

    text: str
    tests: tuple[Test[R], ...]

    def apply(self, rows: Sequence[R]) -> Sequence[R]:
        """Return the rows that pass, in their order."""
        for test in self.tests:
            rows = list(filter(test, rows))
        return rows


def parse(text: str, fields: Sequence[Field[R]], texts: Texts[R] | None = None) -> Filter[R]:
    """Understand `text`, or raise FilterError that says what is wrong and where.

    `texts` are those that an earlier filter upon the same fields has put together already.
    """
    texts = texts or Texts(fields)
    by_name = {name: field for field in fields for name in field.names}
    tests: list[Test[R]] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        try:
            test, at = _term(text, at, by_name, fields, texts)
        except FilterError as error:
            error.begins = at
            raise
        tests.append(test)
    return Filter(text.strip(), tuple(tests))


def _term(
    text: str, at: int, by_name: Mapping[str, Field[R]], fields: Sequence[Field[R]], texts: Texts[R]
) -> tuple[Test[R], int]:
    """Understand the term at `at`; return its test and where the next one may begin."""
    negated = text[at] == "!"
    if negated:
        at += 1
        if at == len(text) or text[at].isspace():
            raise FilterError("say after ! what must not match", at - 1, unfinished=at == len(text))
    if text[at] == '"':
        word, end = _quoted(text, at)
        return _any_text(word, texts, negated=negated), end
    name = _until(text, at, "=<>!")
    sign_at = at + len(name)
    operator = next((sign for sign in OPERATORS if text.startswith(sign, sign_at)), "")
    if not operator:
        word = _until(text, at)
        return _any_text(word, texts, negated=negated), at + len(word)
    field = by_name.get(name.casefold())
    if field is None:
        raise FilterError(_unknown(name.casefold(), by_name, fields), at)
    return _comparison(text, sign_at + len(operator), field, operator, negated=negated)


def _comparison(text: str, at: int, field: Field[R], operator: str, *, negated: bool) -> tuple[Test[R], int]:
    """Understand the value at `at`, behind a field and an operator."""
    exact = text.startswith('"', at)
    if exact:
        value, end = _quoted(text, at)
    else:
        value = _until(text, at)
        end = at + len(value)
    if not value and not exact:
        raise FilterError(f"say a value after {field.names[0]}{operator}", at, unfinished=at == len(text))
    if field.kind is Kind.TEXT:
        return _text_test(field, operator, value, at, exact=exact, negated=negated), end
    try:
        return _figure_test(field, operator, value, at, negated=negated), end
    except FilterError as error:
        error.unfinished = end == len(text) and value in FIGURE_BEGUN
        raise


def _until(text: str, at: int, signs: str = "") -> str:
    """Return what stands at `at`, up to a blank or one of the signs."""
    end = at
    while end < len(text) and not text[end].isspace() and text[end] not in signs:
        end += 1
    return text[at:end]


def _unknown(name: str, by_name: Mapping[str, Field[R]], fields: Sequence[Field[R]]) -> str:
    near = difflib.get_close_matches(name, by_name, n=1)
    known = f"did you mean {near[0]}" if near else "there are " + ", ".join(one.names[0] for one in fields)
    return f"no field {name!r}; {known}"


def _quoted(text: str, at: int) -> tuple[str, int]:
    end = text.find('"', at + 1)
    if end < 0:
        raise FilterError("the quote is not closed", at, unfinished=True)
    return text[at + 1 : end], end + 1


def _any_text(word: str, texts: Texts[R], *, negated: bool) -> Test[R]:
    needle = word.casefold()
    known, read = texts.known.get, texts.read
    return lambda row: (needle in (known(id(row)) or read(row))) is not negated


def _text_test(field: Field[R], operator: str, value: str, at: int, *, exact: bool, negated: bool) -> Test[R]:
    if operator not in ("=", "!="):
        raise FilterError(f"{field.names[0]} is a text: use = or !=", at - len(operator))
    wanted = (operator == "=") is not negated
    needle = value.casefold()
    get = field.value
    if exact:
        return lambda row: (str(get(row) or "").casefold() == needle) is wanted
    return lambda row: (needle in str(get(row) or "").casefold()) is wanted


def _figure_test(field: Field[R], operator: str, value: str, at: int, *, negated: bool) -> Test[R]:
    bound, tolerance = _figure(field, value, at)
    get = field.value
    compare: dict[str, Callable[[float], bool]] = {
        "=": lambda figure: abs(figure - bound) <= tolerance,
        "!=": lambda figure: abs(figure - bound) > tolerance,
        ">": lambda figure: figure > bound,
        ">=": lambda figure: figure >= bound,
        "<": lambda figure: figure < bound,
        "<=": lambda figure: figure <= bound,
    }
    holds = compare[operator]

    def test(row: R) -> bool:
        figure = get(row)
        return isinstance(figure, (int, float)) and holds(figure) is not negated

    return test


def _figure(field: Field[R], value: str, at: int) -> tuple[float, float]:
    """Return the figure and half of its last written place: 5 equals whatever is shown as 5."""
    factors = FACTORS[field.kind]
    text = value.casefold().removeprefix("$")
    suffix = max((one for one in factors if text.endswith(one)), key=len)
    digits = text.removesuffix(suffix) if suffix else text
    if not FIGURE.fullmatch(digits):
        raise FilterError(f"{value!r} is not a figure; write {EXAMPLES[field.kind]}", at)
    figure = float(digits)
    places = len(digits.partition(".")[2])
    return figure * factors[suffix], 0.5 * 10.0**-places * factors[suffix]
