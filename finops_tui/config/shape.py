"""What the models say about a place in the config: which model it is, which field, whether it is secret."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from finops_tui.config.document import Path


def model_at(model: type[BaseModel], path: Path, values: Any) -> type[BaseModel] | None:
    """Return the model that describes what stands at `path`, None where no model does.

    `values` is what stands at the top; it decides between the members of a union by their `type`.
    """
    return _model(*_at(model, path, values))


def field_at(model: type[BaseModel], path: Path, values: Any) -> FieldInfo | None:
    """Return the field that `path` names, or the nearest field around it."""
    found: FieldInfo | None = None
    for length in range(len(path)):
        owner = model_at(model, path[:length], values)
        if owner is not None and path[length] in owner.model_fields:
            found = owner.model_fields[str(path[length])]
    return found


def is_secret(annotation: Any) -> bool:
    """Tell whether a type keeps its value to itself."""
    return annotation is SecretStr or any(is_secret(part) for part in get_args(annotation))


def keeps_secrets(model: type[BaseModel], path: Path, values: Any) -> bool:
    """Tell whether what belongs at `path` is secret, or has a secret somewhere in it."""
    return _has_secrets(_at(model, path, values)[0])


def members(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield every model that a type mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from members(part)


def _at(annotation: Any, path: Path, values: Any) -> tuple[Any, Any]:
    """Return the type of what belongs at `path`, None where nothing does, and what stands there."""
    for step in path:
        annotation = _inside(annotation, step, values)
        values = _child(values, step)
    return annotation, values


def _has_secrets(annotation: Any) -> bool:
    fields = (field for member in members(annotation) for field in member.model_fields.values())
    return is_secret(annotation) or any(_has_secrets(field.annotation) for field in fields)


def _inside(annotation: Any, step: str | int, values: Any) -> Any:
    owner = _model(annotation, values)
    if owner is not None and isinstance(step, str):
        field = owner.model_fields.get(step)
        return field.annotation if field else None
    annotation = _bare(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(step, int) and origin in (tuple, list):
        return arguments[0]
    if isinstance(step, str) and isinstance(origin, type) and issubclass(origin, Mapping):
        return arguments[1]
    return None


def _model(annotation: Any, values: Any) -> type[BaseModel] | None:
    annotation = _bare(annotation)
    if isinstance(annotation, type):
        return annotation if issubclass(annotation, BaseModel) else None
    if get_origin(annotation) not in (Union, types.UnionType):
        return None
    candidates = [each for part in get_args(annotation) if (each := _model(part, values)) is not None]
    if len(candidates) == 1:
        return candidates[0]
    kind = values.get("type") if isinstance(values, dict) else None
    if kind is None:  # as the union itself does, where one of its members says so
        return next((each for each in candidates if getattr(each, "usual", False)), None)
    return next((each for each in candidates if tag(each) == kind), None)


def tag(model: type[BaseModel]) -> str | None:
    """Return the value of `type` that chooses this model."""
    field = model.model_fields.get("type")
    arguments = get_args(field.annotation) if field else ()
    return str(arguments[0]) if arguments else None


def _bare(annotation: Any) -> Any:
    """Return the type without `Annotated` and without `None`."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
            continue
        parts = [part for part in get_args(annotation) if part is not types.NoneType]
        if get_origin(annotation) in (Union, types.UnionType) and len(parts) == 1:
            annotation = parts[0]
            continue
        return annotation


def _child(values: Any, step: str | int) -> Any:
    try:
        return values[step]
    except (KeyError, IndexError, TypeError):
        return None
