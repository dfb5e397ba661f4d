"""The config in force, as YAML: each value with where it comes from, secrets masked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import Enum
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel, SecretStr

from finops_tui.config.document import Document, Path
from finops_tui.config.explain import shown
from finops_tui.config.models import Config
from finops_tui.config.redaction import MASK, redact
from finops_tui.config.references import Resolved

COMMENT_COLUMN = 60
DEFAULT = "default"
DERIVED = "from other fields"
"""Of a value that nobody wrote in its place: the user and the password of a URL."""
WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off"})
"""What YAML would not take for text."""


def show(config: Config, document: Document, resolved: Resolved, *, defaults: bool) -> str:
    """Return the config as YAML; with `defaults` also what nobody set, and where each value comes from."""
    writer = _Writer(document, resolved, defaults=defaults)
    lines = [_line(text, origin if defaults else "") for text, origin in writer.model(config, (), 0)]
    return "\n".join(lines) + "\n" if lines else "{}\n"


class _Writer:
    def __init__(self, document: Document, resolved: Resolved, *, defaults: bool) -> None:
        self._document = document
        self._resolved = resolved
        self._defaults = defaults

    def model(self, model: BaseModel, path: Path, indent: int) -> Iterator[tuple[str, str]]:
        for name, field in type(model).model_fields.items():
            here, value = (*path, name), getattr(model, name)
            if self._defaults or here in self._document.marks:
                unset = DEFAULT if value == field.get_default(call_default_factory=True) else DERIVED
                yield from self._entry(name, value, here, indent, unset)

    def _entry(self, name: str, value: Any, path: Path, indent: int, unset: str = DEFAULT) -> Iterator[tuple[str, str]]:
        label = f"{' ' * indent}{_scalar(name)}:"
        if isinstance(value, BaseModel):
            yield label, self._origin(path, nested=True)
            yield from self.model(value, path, indent + 2)
        elif isinstance(value, dict) and value:
            yield label, self._origin(path, nested=True)
            for key, each in value.items():
                yield from self._entry(str(key), each, (*path, key), indent + 2)
        elif isinstance(value, list | tuple) and value:
            if isinstance(value[0], BaseModel):
                yield label, self._origin(path, nested=True)
                for position, each in enumerate(value):
                    yield from self._item(each, (*path, position), indent + 2)
            else:
                items = (self._text(each, (*path, position)) for position, each in enumerate(value))
                yield f"{label} [{', '.join(items)}]", self._origin(path)
        else:
            yield f"{label} {self._text(value, path)}", self._origin(path, unset=unset)

    def _item(self, model: BaseModel, path: Path, indent: int) -> Iterator[tuple[str, str]]:
        for position, (text, origin) in enumerate(self.model(model, path, indent + 2)):
            yield (f"{' ' * indent}- {text.lstrip()}" if position == 0 else text), origin

    def _text(self, value: Any, path: Path) -> str:
        if isinstance(value, SecretStr):
            return _scalar(MASK)
        if isinstance(value, dict | list | tuple):
            return "{}" if isinstance(value, dict) else "[]"
        if isinstance(value, PurePath):  # what is in force does not begin with ~ any more
            value = str(value if self._defaults else self._written(path))
        if isinstance(value, str) and path in self._document.marks:
            return _scalar(shown(path, value, Config, self._resolved, limit=0))
        return _scalar(value)

    def _written(self, path: Path) -> Any:
        value: Any = self._resolved.values
        for step in path:
            value = value[step]
        return value

    def _origin(self, path: Path, *, nested: bool = False, unset: str = DEFAULT) -> str:
        if path in self._resolved.origins:
            return self._resolved.origins[path]
        if path in self._document.marks:
            return f"{self._document.file}:{self._document.mark(path).line}"
        return "" if nested else unset


def _scalar(value: Any) -> str:
    """Return a value as YAML writes it; JSON's way of quoting is YAML too."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    text = redact(str(value))
    plain = text and all(each.isalnum() or each in "-_./" for each in text) and text[0].isalpha()
    return text if plain and text.lower() not in WORDS else json.dumps(text)


def _line(text: str, origin: str) -> str:
    return f"{text.ljust(COMMENT_COLUMN - 1)} # {origin}" if origin else text
