"""config.example.yaml is documentation that cannot be wrong: it loads, and it names every field that there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from finops_tui.config.load import loads
from finops_tui.config.models import Config
from finops_tui.config.shape import members

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"
COMMENTED_FIELD = re.compile(r"^(\s*)#(?=\S|  )", re.MULTILINE)
"""`#name:` or, deeper, `#  name:`. Prose has one space after the sign."""


def everything() -> str:
    """Return the example with every commented field in force."""
    return COMMENTED_FIELD.sub(r"\1", EXAMPLE.read_text("utf-8"))


def test_the_example_loads_as_it_is() -> None:
    config = loads(EXAMPLE.read_text("utf-8"), "config.example.yaml", {}).config
    assert [source.type for source in config.sources] == ["kubernetes", "prometheus"]


def test_the_example_loads_with_every_field_in_force() -> None:
    config = loads(everything(), "config.example.yaml", {}, themes=("night",)).config
    assert config.sources
    assert config.slos
    assert config.layouts
    assert config.pricing.overrides


def test_the_example_names_every_field_of_every_model() -> None:
    config = loads(everything(), "config.example.yaml", {}).config
    named: dict[type[BaseModel], set[str]] = {}
    for model in _models(config):
        named.setdefault(type(model), set()).update(model.model_fields_set)
    for kind in _kinds(Config, set()):
        assert set(kind.model_fields) - named.get(kind, set()) == set(), f"{kind.__name__} is not told in full"


def test_every_field_of_every_model_says_what_it_is_for() -> None:
    silent = [
        f"{kind.__name__}.{name}"
        for kind in _kinds(Config, set())
        for name, field in kind.model_fields.items()
        if not field.description and not list(members(field.annotation))
    ]
    assert silent == []


def _models(value: Any) -> Iterator[BaseModel]:
    if isinstance(value, BaseModel):
        yield value
        for name in value.model_fields_set:
            yield from _models(getattr(value, name))
    elif isinstance(value, dict):
        for each in value.values():
            yield from _models(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _models(each)


def _kinds(kind: type[BaseModel], seen: set[type[BaseModel]]) -> set[type[BaseModel]]:
    seen.add(kind)
    for field in kind.model_fields.values():
        for inner in members(field.annotation):
            if inner not in seen:
                _kinds(inner, seen)
    return seen
