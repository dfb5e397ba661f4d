"""YAML values that know where they stand, and say what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from finops_tui.sources.clean import one_line
from finops_tui.sources.slo_files.mistakes import Mistakes, Place

NULL = "tag:yaml.org,2002:null"
MERGE = "tag:yaml.org,2002:merge"
NUMBER = re.compile(r"[-+]?([0-9]{1,15}(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,2})?")
DEEPEST_MERGE = 8
LONGEST_SHOWN = 60


class Value:
    """One value of a document. What is not asked for is not looked at: these formats are others'."""

    def __init__(self, node: yaml.Node, file: str, where: str, mistakes: Mistakes) -> None:
        self._node = node
        self._file = file
        self.where = where
        self._mistakes = mistakes

    @property
    def place(self) -> Place:
        mark = self._node.start_mark
        return Place(self._file, mark.line + 1, mark.column + 1)

    @property
    def is_mapping(self) -> bool:
        return isinstance(self._node, yaml.MappingNode)

    @property
    def is_list(self) -> bool:
        return isinstance(self._node, yaml.SequenceNode)

    def wrong(self, what: str, fix: str = "") -> None:
        self._mistakes.add(self.place, self.where, what, fix)

    def get(self, name: str) -> Value | None:
        """Return a field; None where it is not there, or null, or this is no mapping."""
        found = list(_fields(self._node, name, 0))
        if not found or found[0].tag == NULL:
            return None
        value = Value(found[0], self._file, f"{self.where}.{name}" if self.where else name, self._mistakes)
        if len(found) > 1 and not _merges(self._node):
            value.wrong(f"{name} stands here a second time in line {found[1].start_mark.line + 1}", "Remove one.")
        return value

    def need(self, name: str, about: str) -> Value | None:
        """Return a field that must be there; `about` says what it is."""
        value = self.get(name)
        if value is None:
            self._mistakes.add(
                self.place, f"{self.where}.{name}" if self.where else name, f"this field is needed ({about})"
            )
        return value

    def section(self, name: str, about: str) -> Value | None:
        """Return a field that must be there and hold fields."""
        value = self.need(name, about)
        if value is not None and not value.is_mapping:
            value.wrong(f"{value.shown()} stands here; expected a mapping (key: value)")
            return None
        return value

    def items(self, name: str) -> list[Value]:
        """Return the members of a list field; none where it is not there."""
        value = self.get(name)
        if value is None:
            return []
        if not isinstance(value._node, yaml.SequenceNode):  # noqa: SLF001 - another of the same kind
            value.wrong(f"{value.shown()} stands here; expected a list")
            return []
        return value.members()

    def members(self) -> list[Value]:
        return [
            Value(node, self._file, f"{self.where}[{position}]", self._mistakes)
            for position, node in enumerate(self._node.value if self.is_list else ())
        ]

    def text(self) -> str | None:
        """Return what is written here as text; None, and a mistake, where it is no text or empty."""
        if not isinstance(self._node, yaml.ScalarNode):
            self.wrong(f"{self.shown()} stands here; expected text")
            return None
        if not self._node.value.strip():
            self.wrong("nothing stands here; expected text")
            return None
        return str(self._node.value)

    def name(self) -> str | None:
        """Return text that is shown to people: one line without control characters."""
        text = self.text()
        return None if text is None else one_line(text)

    def number(self) -> float | None:
        text = self.text()
        if text is None:
            return None
        if NUMBER.fullmatch(text.strip()) is None:
            self.wrong(f"{self.shown()} stands here; expected a number")
            return None
        return float(text)

    def flag(self) -> bool | None:
        word = self._node.value if isinstance(self._node, yaml.ScalarNode) else ""
        if word.casefold() in {"true", "false"}:
            return bool(word.casefold() == "true")
        self.wrong(f"{self.shown()} stands here; expected true or false")
        return None

    def shown(self) -> str:
        if isinstance(self._node, yaml.ScalarNode):
            return one_line(self._node.value, LONGEST_SHOWN) or "nothing"
        return "a mapping" if self.is_mapping else "a list"


def text_at(value: Value | None, *path: str) -> str:
    """Return what stands at a path of fields, where it is there and is text; never a mistake."""
    for name in path:
        value = value.get(name) if value is not None else None
    node = value._node if value is not None else None  # noqa: SLF001 - of this module
    return one_line(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _fields(node: yaml.Node, name: str, depth: int) -> Iterator[yaml.Node]:
    """Yield the values of a field, a mapping's own before those that are merged into it."""
    if not isinstance(node, yaml.MappingNode) or depth > DEEPEST_MERGE:
        return
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode) and key.value == name:
            yield value
    for key, value in node.value:
        if key.tag == MERGE:
            for merged in value.value if isinstance(value, yaml.SequenceNode) else (value,):
                yield from _fields(merged, name, depth + 1)


def _merges(node: yaml.Node) -> bool:
    return isinstance(node, yaml.MappingNode) and any(key.tag == MERGE for key, _ in node.value)
