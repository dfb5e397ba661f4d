"""What pydantic found, said in the words of the person who wrote the file."""

from __future__ import annotations

import difflib
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from finops_tui.config.document import Document, Path, dotted
from finops_tui.config.problem import Problem
from finops_tui.config.redaction import MASK, names_a_secret, redact
from finops_tui.config.references import Resolved
from finops_tui.config.shape import field_at, is_secret, keeps_secrets, members, model_at, tag
from finops_tui.sources.settings import AddressError

LONGEST_VALUE = 60

EXPECTED = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "float_parsing": "a number",
    "float_type": "a number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "text",
    "path_type": "a path",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number of at most {le}",
    "literal_error": "{expected}",
    "enum": "{expected}",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "text of the form {pattern}",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
    "finite_number": "a finite number",
}


def explain(error: ValidationError, model: type[BaseModel], document: Document, resolved: Resolved) -> list[Problem]:
    """Return one problem for each thing that is wrong, leaving out what only follows from a broken reference."""
    problems = []
    details = error.errors(include_url=False)
    for detail in details:
        path = _path(detail["loc"], resolved.values)
        if path not in resolved.broken and not _follows(detail, details):
            problems.append(_problem(detail, path, model, document, resolved))
    return problems


def _follows(detail: ErrorDetails, others: list[ErrorDetails]) -> bool:
    """Tell whether a list is too short only because pydantic does not count what is wrong in it."""
    place = detail["loc"]
    return detail["type"] == "too_short" and any(
        other["loc"][: len(place)] == place for other in others if other is not detail
    )


def hides(path: Path, model: type[BaseModel], resolved: Resolved) -> bool:
    """Tell whether the value at `path` is secret: by its type, by its name, or because it stands in a file.

    What comes from the environment is shown where the model knows the field, and neither the field nor the variable is
    called a secret.
    """
    if any(isinstance(step, str) and names_a_secret(step) for step in path):
        return True
    field = field_at(model, path, resolved.values)
    if field is not None and is_secret(field.annotation):
        return True
    origin = resolved.origins.get(path, "")
    return origin.startswith("file ") or (bool(origin) and (field is None or names_a_secret(origin)))


def shown(path: Path, value: Any, model: type[BaseModel], resolved: Resolved, limit: int = LONGEST_VALUE) -> str:
    """Return a value as it may be shown, secrets masked; a `limit` of 0 cuts off nothing.

    Masked is also what stands where a mapping with secrets belongs, such as a token in place of `auth`.
    """
    if isinstance(value, dict | list | tuple):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None:
        return "nothing"
    if hides(path, model, resolved) or keeps_secrets(model, path, resolved.values):
        return MASK
    text = redact(value) if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return text if not limit or len(text) <= limit else text[: limit - 1] + "…"


def _problem(
    detail: ErrorDetails, path: Path, model: type[BaseModel], document: Document, resolved: Resolved
) -> Problem:
    kind, where = detail["type"], dotted(path)
    if kind == "extra_forbidden":
        owner = model_at(model, path[:-1], resolved.values)
        names = sorted(owner.model_fields) if owner else []
        return Problem(
            mark=document.key_mark(path),
            where=where,
            what="there is no such field here",
            fix=_meant(str(path[-1]), names),
        )
    if kind == "missing":
        field = field_at(model, path, resolved.values)
        about = f" ({field.description})" if field and field.description else ""
        return Problem(mark=document.key_mark(path[:-1]), where=where, what=f"this field is needed{about}")
    if kind.startswith("union_tag"):
        return _unknown_type(detail, path, model, document, resolved)
    value = shown(path, detail["input"], model, resolved)
    if kind == "value_error":
        said = detail.get("ctx", {}).get("error", detail["msg"])
        silent = isinstance(detail["input"], dict | list | tuple) or _may_sign_in(said, detail["input"])
        prefix = "" if silent else f"{value}: "
        return Problem(mark=document.mark(path), where=where, what=prefix + redact(str(said)))
    pattern = EXPECTED.get(kind)
    expected = pattern.format(**detail.get("ctx", {})) if pattern else detail["msg"]
    expected = {"True": "true", "False": "false"}.get(expected, expected)
    fix = "Put it in quotes." if kind == "string_type" and isinstance(detail["input"], int | float) else ""
    if kind in {"literal_error", "enum"}:
        fix = _meant(str(detail["input"]), _quoted(expected))
    return Problem(mark=document.mark(path), where=where, what=f"{value} stands here; expected {expected}", fix=fix)


def _may_sign_in(said: object, address: Any) -> bool:
    """Tell whether a refused address may hold a password or a token, in a place where nothing would recognize it."""
    return isinstance(said, AddressError) and any(mark in str(address) for mark in "@?#")


def _unknown_type(
    detail: ErrorDetails, path: Path, model: type[BaseModel], document: Document, resolved: Resolved
) -> Problem:
    """Explain a member of a union whose `type` is missing or not known."""
    field = field_at(model, path, resolved.values)
    kinds = sorted(filter(None, map(tag, members(field.annotation)))) if field else []
    given = detail["input"].get("type") if isinstance(detail["input"], dict) else None
    expected = "`type` must be one of " + ", ".join(kinds)
    if given is None:
        return Problem(mark=document.key_mark(path), where=dotted(path), what=f"`type` is missing; {expected}")
    inner = (*path, "type")
    what = f"{shown(inner, given, model, resolved)} stands here; {expected}"
    return Problem(mark=document.mark(inner), where=dotted(inner), what=what, fix=_meant(str(given), kinds))


def _path(location: tuple[int | str, ...], values: Any) -> Path:
    """Return where in the file an error is: pydantic's own way there also names the member of a union."""
    path: list[int | str] = []
    for position, step in enumerate(location):
        last = position == len(location) - 1
        if isinstance(values, dict) and step not in values and values.get("type") == step and not last:
            continue
        if step == "[key]":
            continue
        path.append(step)
        try:
            values = values[step]
        except (KeyError, IndexError, TypeError):
            values = None
    return tuple(path)


def _meant(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    if close:
        return f"Did you mean {close[0]}?"
    return "Known here: " + ", ".join(known) + "." if known else ""


def _quoted(expected: str) -> list[str]:
    return [part for position, part in enumerate(expected.split("'")) if position % 2]
