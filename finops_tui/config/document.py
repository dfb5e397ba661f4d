"""A YAML file as plain values that remember where each of them stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import yaml

from finops_tui.config.problem import Mark, Problem, config_error

LARGEST_FILE = 1_000_000
"""Bytes. A config of a thousand sources is a tenth of it."""
MOST_VALUES = 100_000
DEEPEST = 50

PLAIN_TAGS = frozenset({"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})

Path = tuple[str | int, ...]
"""Way to a value: keys and list positions from the top."""


@dataclass(slots=True)
class Document:
    file: str
    values: dict[str, Any]
    marks: dict[Path, Mark] = field(default_factory=dict)
    """Where each value stands."""
    keys: dict[Path, Mark] = field(default_factory=dict)
    """Where the key of each value stands, or the list item."""

    def mark(self, path: Path) -> Mark:
        """Return where `path` stands, or the nearest thing around it."""
        while path not in self.marks and path:
            path = path[:-1]
        return self.marks.get(path, Mark(1, 1))

    def key_mark(self, path: Path) -> Mark:
        return self.keys.get(path) or self.mark(path)


def parse(text: str, file: str) -> Document:
    """Read YAML; what is not plain data, what stands twice and what would blow up is refused."""
    if len(text.encode()) > LARGEST_FILE:
        what = f"the file is larger than {LARGEST_FILE:,} bytes; this is not a config"
        raise config_error(file, [Problem(mark=Mark(1, 1), where="", what=what)])
    try:
        return _Reader(yaml.SafeLoader(text), Document(file, {})).read()
    except yaml.MarkedYAMLError as error:
        raise config_error(file, [_syntax_problem(error)]) from None
    except RecursionError:
        what = "this is nested too deeply; no field of a config is"
        raise config_error(file, [Problem(mark=Mark(1, 1), where="", what=what)]) from None
    except (yaml.YAMLError, ValueError) as error:
        what = f"this is not YAML ({' '.join(str(error).split())})"
        raise config_error(file, [Problem(mark=Mark(1, 1), where="", what=what)]) from None


class _Reader:
    def __init__(self, loader: yaml.SafeLoader, document: Document) -> None:
        self._loader = loader
        self._document = document
        self._problems: list[Problem] = []
        self._count = 0

    def read(self) -> Document:
        root = self._loader.get_single_node()
        if root is not None and not _is_null(root):
            if not isinstance(root, yaml.MappingNode):
                self._problem(root, (), "the file must hold sections such as `sources:`")
            else:
                self._document.values = self._value(root, ())
        if self._problems:
            raise config_error(self._document.file, self._problems)
        return self._document

    def _value(self, node: yaml.Node, path: Path) -> Any:
        self._count += 1
        self._document.marks[path] = _mark(node)
        if self._count > MOST_VALUES or len(path) > DEEPEST:
            if self._count <= MOST_VALUES + 1:
                self._problem(node, path, "there is too much here, or it refers to itself")
            return None
        if isinstance(node, yaml.CollectionNode) and node.tag not in PLAIN_TAGS:
            self._problem(node, path, f"the tag {node.tag} is not understood; a config holds plain values only")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._item(item, (*path, position)) for position, item in enumerate(node.value)]
        value = self._loader.construct_object(node)
        # a date is written for its looks (a label, a name); what needs a moment parses it
        return node.value if isinstance(value, dt.date) else value

    def _item(self, node: yaml.Node, path: Path) -> Any:
        self._document.keys[path] = _mark(node)
        return self._value(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == "tag:yaml.org,2002:merge":
                self._problem(key_node, path, "a key must be plain text; merge keys (<<) are not understood")
                continue
            key = str(key_node.value)
            if key in values:
                first = self._document.keys[(*path, key)]
                self._problem(key_node, (*path, key), f"this key already stands in line {first.line}", "Remove one.")
                continue
            self._document.keys[(*path, key)] = _mark(key_node)
            values[key] = self._value(value_node, (*path, key))
        return values

    def _problem(self, node: yaml.Node, path: Path, what: str, fix: str = "") -> None:
        self._problems.append(Problem(mark=_mark(node), where=dotted(path), what=what, fix=fix))


def dotted(path: Path) -> str:
    """Return a path as a person writes it: `sources[0].url`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _mark(node: yaml.Node) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _syntax_problem(error: yaml.MarkedYAMLError) -> Problem:
    place = error.problem_mark or error.context_mark
    mark = Mark(place.line + 1, place.column + 1) if place else Mark(1, 1)
    parts = (error.context, error.problem)
    what = "this is not YAML (" + ", ".join(part for part in parts if part) + ")"
    fix = "Indent with spaces; tabs are not allowed." if "'\\t'" in what else ""
    return Problem(mark=mark, where="", what=what, fix=fix)
