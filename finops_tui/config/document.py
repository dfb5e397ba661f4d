"""A YAML file as plain values that remember where each of them stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from finops_tui.config.problem import Mark, Problem, config_error

LARGEST_FILE = 1_000_000
"""Bytes. A config of a thousand sources is a tenth of it."""
MOST_VALUES = 100_000
DEEPEST = 50

YAML = "tag:yaml.org,2002:"
AS_WRITTEN = frozenset(YAML + name for name in ("str", "timestamp", "value", "merge"))
"""A date is written for its looks (a label, a name), what needs a moment parses it; `=` and `<<` are text too."""
PLAIN_SCALARS = AS_WRITTEN.union(YAML + name for name in ("null", "bool", "int", "float"))
PLAIN_COLLECTIONS = frozenset(YAML + name for name in ("map", "seq"))

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
        if node.tag not in (PLAIN_COLLECTIONS if isinstance(node, yaml.CollectionNode) else PLAIN_SCALARS):
            self._problem(node, path, f"the tag {node.tag} is not understood; a config holds plain values only")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._item(item, (*path, position)) for position, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        if node.tag in AS_WRITTEN:
            return str(node.value)
        try:
            value = self._loader.construct_object(node)
            str(value)  # Python reads hexadecimal numbers that it then refuses to write
        except (LookupError, ValueError):
            kind = "true or false" if node.tag == YAML + "bool" else "a number"
            self._problem(node, path, f"this cannot be read as {kind}", "Put it in quotes if it is text.")
            return None
        return value

    def _item(self, node: yaml.Node, path: Path) -> Any:
        self._document.keys[path] = _mark(node)
        return self._value(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == YAML + "merge":
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
    return isinstance(node, yaml.ScalarNode) and node.tag == YAML + "null"


def _syntax_problem(error: yaml.MarkedYAMLError) -> Problem:
    place = error.problem_mark or error.context_mark
    mark = Mark(place.line + 1, place.column + 1) if place else Mark(1, 1)
    parts = (error.context, error.problem)
    what = "this is not YAML (" + ", ".join(part for part in parts if part) + ")"
    fix = "Indent with spaces; tabs are not allowed." if "'\\t'" in what else ""
    if place and place.buffer and place.pointer and place.buffer[place.pointer - 1] == "$":
        fix = 'Within { } and [ ] a reference is put in quotes: "${NAME}".'
    return Problem(mark=mark, where="", what=what, fix=fix)
