"""Steps with their placeholders filled: as they are run, and as they are shown."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from finops_tui.actions.custom.spec import PLACEHOLDER, Call, Command, Step


def filled(step: Step, values: Mapping[str, str]) -> Step:
    """Return the step for one target: quoted for a shell line and a URL, whole for an argument and a JSON string."""
    if isinstance(step, Command):
        fill = shlex.quote if step.shell else str
        return Command(arguments=tuple(_fill(each, values, fill) for each in step.arguments), shell=step.shell)
    body = json.dumps(_in_strings(json.loads(step.body), values)) if step.body else ""
    url = _fill(step.url, values, lambda value: quote(value, safe=""))
    return Call(method=step.method, url=url, headers=step.headers, body=body)


def shown(step: Step) -> str:
    """Return a filled step in one line, without headers."""
    if isinstance(step, Command):
        return step.arguments[0] if step.shell else shlex.join(step.arguments)
    return " ".join(filter(None, (step.method, step.url, step.body)))


def _in_strings(body: Any, values: Mapping[str, str]) -> Any:
    if isinstance(body, str):
        return _fill(body, values, str)
    if isinstance(body, list):
        return [_in_strings(each, values) for each in body]
    if isinstance(body, dict):
        return {name: _in_strings(each, values) for name, each in body.items()}
    return body


def _fill(text: str, values: Mapping[str, str], quoted: Any) -> str:
    return PLACEHOLDER.sub(lambda found: quoted(values[found[1]]), text)
