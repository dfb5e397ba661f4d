"""Lists of Compute Engine over all zones and regions of a project, of which some may not answer.

https://cloud.google.com/compute/docs/reference/rest/v1/instanceGroupManagers/aggregatedList
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from finops_tui.errors import SourceError
from finops_tui.sources.billing.calls import Calls, Query
from finops_tui.sources.clean import one_line
from finops_tui.sources.gcp.settings import GcpSettings

PAGES = 50
PAGE_SIZE = 500
_ZONE = re.compile(r"([a-z]+-[a-z]+\d+)-[a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    items: tuple[Mapping[str, Any], ...]
    silent: frozenset[str]
    """Regions that did not answer for all of their zones."""


async def listed(calls: Calls, settings: GcpSettings, project: str, what: str, fields: str) -> Listed:
    """Return all `what` of a project, of each only some fields: a template also holds what its machines keep secret.

    Raises SourceError, and others where the answer is of another shape.
    """
    address = f"{settings.compute_url}/compute/v1/projects/{quote(project, safe=':')}/aggregated/{what}"
    asked: Query = (
        ("maxResults", str(PAGE_SIZE)),
        ("returnPartialSuccess", "true"),
        ("fields", f"items/*/{what}({fields}),items/*/warning/code,unreachables,nextPageToken"),
    )
    items: list[Mapping[str, Any]] = []
    silent: set[str] = set()
    token = ""
    for _ in range(PAGES):
        more = (("pageToken", token),) if token else ()
        page = await calls.get(address, (*asked, *more)) or {}
        for place, told in (page.get("items") or {}).items():
            items += told.get(what) or ()
            if (told.get("warning") or {}).get("code") == "UNREACHABLE":
                silent.add(region(place))
        silent.update(region(place) for place in page.get("unreachables") or ())
        token = str(page.get("nextPageToken") or "")
        if not token:
            return Listed(items=tuple(items), silent=frozenset(silent))
    raise SourceError(f"there are more than {PAGES * PAGE_SIZE:,} of them", "", "Leave the project out of `groups`.")


def path(link: object) -> str:
    """Return what a link is to, whatever host it names: `ml-prod/zones/us-central1-a/instanceGroupManagers/gpu`."""
    return str(link or "").partition("/projects/")[2]


def region(place: object) -> str:
    """Return the region of a zone or region, told by its name or by a link."""
    name = one_line(str(place).rpartition("/")[2], 60)
    found = _ZONE.fullmatch(name)
    return found[1] if found else name
