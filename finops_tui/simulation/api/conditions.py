"""What a request makes a condition: which object, which version of it, and which of many."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from finops_tui.simulation.api import answers
from finops_tui.simulation.api.answers import Document
from finops_tui.simulation.api.documents import value
from finops_tui.simulation.api.resource import Resource

FOUND = {
    "metadata.name": ("metadata", "name"),
    "metadata.namespace": ("metadata", "namespace"),
    "spec.nodeName": ("spec", "nodeName"),
    "status.phase": ("status", "phase"),
}
"""Fields by which a list may be narrowed down."""


def check(resource: Resource[Any], before: Document, patch: Mapping[str, Any]) -> None:
    """Raise Refused where a patch is meant for another object, or for another version of this one."""
    there = before["metadata"]
    name, uid, version = (value(patch, ("metadata", key)) for key in ("name", "uid", "resourceVersion"))
    if version is not None and version != there["resourceVersion"]:
        why = "the object has been modified; please apply your changes to the latest version and try again"
        raise answers.conflict(resource.full_name, there["name"], why)
    if uid is not None and uid != there["uid"]:
        raise resource.invalid(patch, ("metadata", "uid"), "field is immutable", there["name"])
    if name is not None and name != there["name"]:
        raise answers.bad(f"the name of the object ({name}) does not match the name on the URL ({there['name']})")


def hold(resource: Resource[Any], there: Document, preconditions: object) -> None:
    """Raise Refused where something is meant for another object, or for another version of this one."""
    for key in ("uid", "resourceVersion"):
        asked, now = value(preconditions, (key,)), there["metadata"][key]
        if asked is not None and asked != now:
            why = f"Precondition failed: {key} in precondition: {asked}, {key} in object meta: {now}"
            raise answers.conflict(resource.full_name, there["metadata"]["name"], why)


def wanted(document: Document, query: Mapping[str, str]) -> bool:
    """Tell whether an object is one that a list was asked for."""
    for part in filter(None, query.get("fieldSelector", "").split(",")):
        field, operator, asked = [*re.split(r"(!=|==?)", part, maxsplit=1), "", ""][:3]
        if field not in FOUND or not operator:
            raise answers.bad(f"field label not supported: {field}")
        if ((value(document, FOUND[field]) or "") == asked) is (operator == "!="):
            return False
    labels = document["metadata"].get("labels", {})
    told = [part.partition("=") for part in filter(None, query.get("labelSelector", "").split(","))]
    return all(
        labels.get(name) == label.removeprefix("=") if equals else name in labels for name, equals, label in told
    )
