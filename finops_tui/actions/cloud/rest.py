"""How a cloud's REST API is asked: once, with a token, and what each answer means for a change."""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from finops_tui.actions.cloud.faults import CloudCallError, masked, unanswered
from finops_tui.actions.cloud.places import Place, no_cluster, plan_id
from finops_tui.actions.cloud.things import Ref
from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.words import plain
from finops_tui.clock import Clock, WallClock
from finops_tui.errors import FinopsError
from finops_tui.retry_after import retry_after_seconds

if TYPE_CHECKING:
    import httpx

BUSY_WORDS = ("rateLimitExceeded", "quotaExceeded", "RESOURCE_EXHAUSTED", "SubscriptionRequestsThrottled")
"""Google says with status 403 too that it is busy."""


class Answer(NamedTuple):
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    """Their names in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request."""

    method: str
    url: str
    permission: str
    """What it takes, as the cloud names it: `container.clusters.update`."""
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def writes(self) -> bool:
        return self.method != "GET"


def default_client() -> httpx.AsyncClient:
    import httpx

    return httpx.AsyncClient(timeout=httpx.Timeout(20.0), follow_redirects=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One's own way into a cloud."""

    token: Callable[[], Awaitable[str]]
    """May raise FinopsError."""
    urls: Mapping[str, str]
    """Where its services answer, by name: `https://container.googleapis.com`. The token is sent nowhere else."""
    policy: str
    """The command that prints what it takes."""
    connect: Callable[[], httpx.AsyncClient] = default_client
    clock: Clock = field(default_factory=WallClock)

    async def ask(self, place: Place, ask: Ask) -> Answer:
        """Raise CloudCallError, which says whether anything is different."""
        import httpx

        try:
            token = await self.token()
        except FinopsError as error:
            raise CloudCallError(error.title, error.detail, error.hint) from error
        headers = {"Authorization": f"Bearer {token}", **ask.headers}
        try:
            async with self.connect() as client:
                answer = await client.request(ask.method, ask.url, json=ask.body, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            words = f"{masked(error) or type(error).__name__}; nothing was sent"
            raise CloudCallError(f"{place} cannot be asked", words, "Check the network.") from error
        except httpx.HTTPError as error:
            words = masked(error) or type(error).__name__
            raise unanswered(str(place), words, writing=ask.writes) from error
        if not answer.is_success:
            wait = retry_after_seconds(answer.headers.get("retry-after", ""), self.clock.now())
            raise refusal(Said(answer.status_code, answer.text.replace(token, "***"), wait), place, ask, self.policy)
        return Answer(_parsed(answer.text, place, ask), {name.lower(): each for name, each in answer.headers.items()})


class Seat(NamedTuple):
    """Where a cluster is at its cloud, and the way there."""

    place: Place
    name: str
    """Of the cluster, as its cloud calls it."""
    door: Door


@dataclass(frozen=True, slots=True, kw_only=True)
class RestHands:
    """What actions reach a cloud with. Doors are handed in: this package knows no credentials."""

    seats: Mapping[str, Seat]
    """By cluster, as the sources call it."""
    kube: Callable[[str], KubeClient] = no_cluster
    """A cluster, which says what machines its nodes are. May raise FinopsError."""
    by: str
    """Whom the tags on things name."""
    new_id: Callable[[], str] = plan_id
    clock: Clock = field(default_factory=WallClock)

    def door(self, ref: Ref) -> Door:
        """Return the way to something of a cluster. Raises CloudCallError."""
        name = ref.name.partition("/")[0]
        for seat in self.seats.values():
            if seat.place == ref.place and seat.name == name:
                return seat.door
        raise CloudCallError(
            f"{ref.place} cannot be asked", f"the config does not name cluster {name} there", "Add it under clouds:."
        )


class Said(NamedTuple):
    """An answer that is not yes."""

    status: int
    text: str
    wait_seconds: float
    """How long it asks to be left alone; 0 where it does not."""


def refusal(said: Said, place: Place, ask: Ask, policy: str) -> CloudCallError:  # noqa: PLR0911 - one for each kind
    """Return what it means that a request was answered with anything but yes."""
    status, text, wait = said
    where, code = str(place), str(status)
    reason, words = told(text)
    detail = f"{reason}: {words}" if reason and words else reason or words or code
    if status == HTTPStatus.TOO_MANY_REQUESTS or (
        status == HTTPStatus.FORBIDDEN and any(word in text for word in BUSY_WORDS)
    ):
        hint = f"Try again in {math.ceil(wait)} s." if wait else "Try again in a minute."
        return CloudCallError(f"{where} is asked too much", detail, hint, code=str(int(HTTPStatus.TOO_MANY_REQUESTS)))
    if status == HTTPStatus.UNAUTHORIZED:
        return CloudCallError(f"{where} does not let you in", detail, "Sign in again.", code=code)
    if status == HTTPStatus.FORBIDDEN:
        hint = f"`{policy}` prints what it takes."
        return CloudCallError(f"You may not do {ask.permission} in {where}", detail, hint, code=code)
    if status == HTTPStatus.NOT_FOUND:
        return CloudCallError("It is not there", detail, "Was it deleted? Is it elsewhere?", code=code)
    if status == HTTPStatus.CONFLICT:
        return CloudCallError("Another change of it is under way", detail, "Try again once that is over.", code=code)
    if status == HTTPStatus.PRECONDITION_FAILED:
        return CloudCallError("It has changed since it was looked at", detail, "Plan it again.", code=code)
    if reason == "FAILED_PRECONDITION":
        return CloudCallError("It cannot be changed now", words or detail, "Try again later.", code=code)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        done = None if ask.writes else False
        return CloudCallError(f"{where} failed", f"{code} {detail}", "Look at it again.", code=code, done=done)
    return CloudCallError(f"{where} refused", f"{code} {detail}", code=code)


def told(text: str) -> tuple[str, str]:
    """Return code and words of an error, as Google (`error.status`) and Azure (`error.code`, or on top) give them."""
    try:
        body = json.loads(text)
        body = body.get("error", body)
        if isinstance(body, str):
            return "", masked(body)
        reason = body.get("status") or body.get("code") or ""
        return plain(reason, 80), masked(body.get("message") or "")
    except (ValueError, AttributeError):
        return "", ""


def _parsed(text: str, place: Place, ask: Ask) -> Mapping[str, Any]:
    """Return the body of a yes; what was changed is changed, whatever the answer looks like."""
    try:
        body = json.loads(text) if text else {}
    except ValueError:
        body = None
    if isinstance(body, dict):
        return body
    if ask.writes:
        return {}
    raise CloudCallError(f"The answer of {place} makes no sense", "it is no JSON object", "Try again.")
