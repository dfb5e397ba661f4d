"""Changes that Google carries out by and by: begun, remembered by the plan that began them, and waited for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from finops_tui.actions.cloud.faults import CloudCallError, sentences
from finops_tui.actions.cloud.rest import Ask, RestHands
from finops_tui.actions.cloud.things import Ref
from finops_tui.actions.gcp.grants import OPERATIONS, UPDATE
from finops_tui.actions.words import plain

POLL_SECONDS, WAIT_SECONDS = 3.0, 120.0
"""How often an operation is looked at, and how long the second change of a plan waits for the first."""
KEPT = 100


class Ended(NamedTuple):
    """How far an operation has got."""

    ended: bool
    failed: str = ""
    """Why Google gave it up; empty where it did not."""


class Operations:
    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        """Paths by the token that began them, as far as this run has seen them."""

    def keep(self, token: str, path: str) -> None:
        while len(self._known) >= KEPT:
            self._known.pop(next(iter(self._known)))
        self._known[token] = path

    async def send(self, hands: RestHands, ref: Ref, verb: str, body: Mapping[str, Any]) -> str:
        """Begin a change of a node pool; return the path of its operation. Raises CloudCallError."""
        door = hands.door(ref)
        url = f"{door.urls['container']}/v1/{path_of(ref)}:{verb}"
        answer = await door.ask(ref.place, Ask(method="POST", url=url, permission=UPDATE, body=body))
        name = quote(str(answer.body.get("name") or ""), safe="")
        return f"projects/{ref.account}/locations/{ref.region}/operations/{name}" if name else ""

    async def of(self, hands: RestHands, ref: Ref, token: str) -> Ended:
        """Look at the operation that a plan began; one that is not known has ended. Raises CloudCallError."""
        path = self._known.get(token)
        return await self._look(hands, ref, path) if path else Ended(ended=True)

    async def wait(self, hands: RestHands, ref: Ref, path: str) -> str:
        """Wait for an operation; return why not to go on after it. Raises CloudCallError where Google gave it up."""
        begun = hands.clock.now()
        while path:
            try:
                seen = await self._look(hands, ref, path)
            except CloudCallError as error:
                return sentences(error.title, error.detail)
            if seen.failed:
                raise CloudCallError("Google gave its new bounds up", seen.failed)
            if seen.ended:
                return ""
            if (hands.clock.now() - begun).total_seconds() >= WAIT_SECONDS:
                return "Google is still busy with the bounds"
            await hands.clock.sleep(POLL_SECONDS)
        return ""

    async def _look(self, hands: RestHands, ref: Ref, path: str) -> Ended:
        door = hands.door(ref)
        url = f"{door.urls['container']}/v1/{path}"
        try:
            told = (await door.ask(ref.place, Ask(method="GET", url=url, permission=OPERATIONS))).body
        except CloudCallError as error:
            if error.absent or error.denied:
                return Ended(ended=True)  # what came of it tells, too
            raise
        trouble = told.get("error") or {}
        ended = told.get("status") == "DONE"
        return Ended(ended, plain(trouble.get("message") or "it says no more") if ended and trouble else "")


def path_of(ref: Ref) -> str:
    """Return a node pool's name as Google's URLs have it."""
    cluster, _, name = ref.name.partition("/")
    parts = ("projects", ref.account, "locations", ref.region, "clusters", cluster, "nodePools", name)
    return "/".join(quote(part, safe=":") for part in parts)
