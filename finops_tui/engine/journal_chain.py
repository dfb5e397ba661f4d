"""Lines that hold on to each other: each carries the SHA-256 of what stands before it, and of itself.

    {"journal":1,"previous":"<SHA-256>","n":12,…,"sha256":"<SHA-256>"}

`previous` is taken over the line before with its end, and over whatever was torn off between: a write that a crash or
a full disk cut short stays where it is, the next line begins right behind it and holds it fast. `sha256` is taken over
the rest of its own line. So any byte that differs is found, also in the last line. What cannot be found is a journal
that somebody wrote anew from some line on, or lines cut off at the very end: note the last `sha256` elsewhere for that.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

START = b'{"journal":1,"previous":"'
"""No value inside a line looks like it: values of mappings are text, and quotes in text are escaped."""
_WHOLE = re.compile(
    rb'(?P<body>\{"journal":1,"previous":"(?P<previous>[0-9a-f]{64})","n":(?P<number>[1-9]\d*),.*)'
    rb',"sha256":"(?P<own>[0-9a-f]{64})"\}',
    re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    number: int
    """From 1, over all files."""
    text: bytes


class BrokenChainError(Exception):
    """Something was changed after it was written; says where."""


class Chain:
    """Takes in the bytes of a journal in order and gives its lines back, each one proven."""

    def __init__(self) -> None:
        self.number = 0
        """Of the last line."""
        self.tip = ""
        """SHA-256 of the last line, as it stands in it."""
        self.absent = 0
        """Lines before the first that was read: they are in files that are not there."""
        self.torn: list[tuple[int, int]] = []
        """Number of the line after, and how many bytes were torn off before it."""
        self._since = hashlib.sha256()
        """Of what stands before the next line; before the very first there is nothing."""
        self._rest = b""

    @property
    def hanging(self) -> int:
        """Bytes at the end that are no line: its writer was cut short, or is still writing."""
        return len(self._rest)

    def feed(self, data: bytes) -> Iterator[Line]:
        """Yield the lines that `data` completes. Raises BrokenChainError."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for raw in lines:
            yield self._line(raw)

    def expect(self, number: int) -> None:
        """Begin in the middle: the lines before `number` are not there any more."""
        self.number = self.absent = number - 1

    def next_line(self, record: bytes) -> bytes:
        """Return a line that holds a JSON object (with at least one field), ready to be appended."""
        since = self._since.copy()
        since.update(self._rest)
        head = START + f'{since.hexdigest()}","n":{self.number + 1},'.encode()
        body = head + record[1:-1]
        return body + f',"sha256":"{_own(body)}"}}\n'.encode()

    def _line(self, raw: bytes) -> Line:
        torn, text = raw[: (at := max(0, raw.rfind(START)))], raw[at:]
        whole = _WHOLE.fullmatch(text)
        if whole is None or _own(whole["body"]) != whole["own"].decode():
            raise BrokenChainError(f"line {self.number + 1} is not as it was written")
        number, beginning = int(whole["number"]), self.absent == self.number
        self._since.update(torn)
        if number != self.number + 1:
            raise BrokenChainError(f"line {self.number + 1} is missing: line {number} follows")
        if not (beginning and self.absent) and whole["previous"].decode() != self._since.hexdigest():
            raise BrokenChainError(f"what stands before line {number} is not what stood there when it was written")
        if torn:
            self.torn.append((number, len(torn)))
        self.number, self.tip = number, whole["own"].decode()
        self._since = hashlib.sha256(text + b"\n")
        return Line(number=number, text=text)


def first_number(data: bytes) -> int:
    """Return the number of the first line in `data`; 1 where that cannot be told."""
    raw = data.partition(b"\n")[0]
    whole = _WHOLE.fullmatch(raw[max(0, raw.rfind(START)) :])
    return int(whole["number"]) if whole else 1


def _own(body: bytes) -> str:
    return hashlib.sha256(body + b"}").hexdigest()
