"""One Kubernetes API server as actions see it: what it answers, and what a refusal means in words.

The connection is handed in by the composition root: this package knows neither kubeconfigs nor credentials.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Protocol

from finops_tui.actions.objects import Document, Ref, text
from finops_tui.actions.words import plain
from finops_tui.errors import ActionError

MANAGER = "finops-tui"
"""By this name Kubernetes notes in `managedFields` what this program wrote."""
JSON = "application/json"
DRY_RUN: Mapping[str, str] = {"dryRun": "All"}
ROLE = "`finops-tui permissions --kubernetes` prints the role that it takes."


class Calls(Protocol):
    """Requests to one API server."""

    async def send(
        self, method: str, path: str, body: object = None, *, query: Mapping[str, str] | None = None, accept: str = JSON
    ) -> tuple[int, Any]:
        """Return the HTTP status and the answer as plain JSON, of a failure too; a PATCH is a JSON merge patch.

        A DELETE has DeleteOptions as its body. Raises ConnectionError: nothing was sent; TimeoutError: no answer came,
        it may have been done.
        """


class CallError(ActionError):
    """The API server did not do what was asked of it."""

    def __init__(self, title: str, detail: str, hint: str = "", *, status: int = 0, done: bool | None = False) -> None:
        super().__init__(title, detail, hint)
        self.status = status
        """HTTP status; 0 without an answer."""
        self.done = done
        """False: nothing is different. None: nobody knows."""


class KubeClient:
    def __init__(self, cluster: str, calls: Calls) -> None:
        self.cluster = cluster
        self._calls = calls
        self._versions: dict[str, tuple[str, ...]] = {}
        """By group; what a cluster serves does not change while somebody looks at it."""

    async def read(self, ref: Ref) -> Document:
        """Return one object. Raises CallError."""
        return _document(await self._answer("GET", ref.path, about=ref.shown), ref.shown)

    async def get(self, path: str, about: str, accept: str = JSON) -> Document:
        """Return whatever stands at a path. Raises CallError."""
        return _document(await self._answer("GET", path, about=about, accept=accept), about)

    async def listed(self, ref: Ref, **selectors: str) -> tuple[Document, ...]:
        """Return all objects beside `ref`, without a namespace those of all; none where the kind is not served.

        `selectors` are `fieldSelector` and `labelSelector`. Raises CallError.
        """
        try:
            return await self.all_listed(ref, **selectors)
        except CallError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return ()

    async def all_listed(self, ref: Ref, **selectors: str) -> tuple[Document, ...]:
        """Return the same where none may only mean that there are none. Raises CallError, also for half an answer."""
        answer = await self._answer("GET", ref.collection, about=ref.plural, query=selectors)
        items = answer.get("items") if isinstance(answer, Mapping) else None
        if not isinstance(items, list) or text(answer, "metadata", "continue"):
            raise CallError(f"The answer about {ref.plural} is not complete", "it is no list of all", "Try again.")
        return tuple(item for item in items if isinstance(item, Mapping))

    async def patch(self, ref: Ref, body: Mapping[str, Any], *, dry_run: bool, subresource: str = "") -> Document:
        """Merge into one object, or its `/status`, or try whether that would be accepted. Raises CallError."""
        query = _written_by(dry_run=dry_run)
        return _document(
            await self._answer("PATCH", ref.path + subresource, body, about=ref.shown, query=query), ref.shown
        )

    async def create(self, path: str, body: Mapping[str, Any], about: str, *, dry_run: bool = False) -> Document:
        """Post a new object and return it as it was made, or try whether it would be. Raises CallError."""
        return _document(await self._answer("POST", path, body, about=about, query=_written_by(dry_run=dry_run)), about)

    async def delete(self, ref: Ref, uid: str, version: str = "", *, dry_run: bool = False) -> None:
        """Delete one object if it is still that one, and that version where one is given. Raises CallError."""
        preconditions = {"uid": uid} | ({"resourceVersion": version} if version else {})
        # With options in its body an API server ignores those of the address, `dryRun` too: it would be no trial.
        trial = {"dryRun": ["All"]} if dry_run else {}
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": preconditions, **trial}
        await self._answer("DELETE", ref.path, options, about=ref.shown)

    async def evict(self, ref: Ref, uid: str, *, dry_run: bool = False) -> None:
        """Ask for a pod to be ended, as its disruption budget allows. Raises CallError: 429 where that holds it."""
        eviction = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": ref.name, "namespace": ref.namespace},
            "deleteOptions": {"preconditions": {"uid": uid}},
        }
        query = DRY_RUN if dry_run else {}
        await self._answer("POST", f"{ref.path}/eviction", eviction, about=ref.shown, query=query)

    async def served_version(self, group: str, versions: Sequence[str]) -> str:
        """Return the first of these versions of a group that is served. Raises CallError, ActionError for none."""
        if len(versions) == 1:
            return versions[0]
        if group not in self._versions:
            told = (await self.get(f"/apis/{group}", group)).get("versions") or ()
            self._versions[group] = tuple(str(version.get("version")) for version in told)
        served = next((version for version in versions if version in self._versions[group]), None)
        if served is None:
            raise ActionError(
                f"{self.cluster} serves no version of {group} that is known here",
                f"it serves {', '.join(map(plain, self._versions[group]))}, known are {', '.join(versions)}",
            )
        return served

    async def _answer(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        about: str,
        query: Mapping[str, str] | None = None,
        accept: str = JSON,
    ) -> Any:
        writing = method != "GET"
        try:
            status, answer = await self._calls.send(method, path, body, query=query, accept=accept)
        except ConnectionError as error:
            raise CallError(f"{self.cluster} cannot be reached", f"{plain(error)}; nothing was sent") from error
        except TimeoutError as error:
            raise CallError(
                f"{self.cluster} did not answer",
                f"{plain(error)}; it may have happened" if writing else plain(error),
                "Look at it again before doing anything more." if writing else "Try again.",
                done=None if writing else False,
            ) from error
        if status < HTTPStatus.BAD_REQUEST:
            return answer
        raise self._refusal(status, answer, about, writing=writing)

    def _refusal(self, status: int, answer: object, about: str, *, writing: bool) -> CallError:
        told = answer if isinstance(answer, Mapping) else {}
        detail = f"{status} {plain(told.get('message') or '', 400)}".strip()
        title, hint = f"{self.cluster} refused", "Nothing is different."
        done: bool | None = False
        match status:
            case HTTPStatus.UNAUTHORIZED:
                title, hint = f"{self.cluster} does not know you", "Log in again."
            case HTTPStatus.FORBIDDEN:
                title, hint = f"You may not do this to {about}", ROLE
            case HTTPStatus.NOT_FOUND:
                title, hint = f"{about} is not there", "It was deleted, or its kind is not served."
            case HTTPStatus.CONFLICT:
                title, hint = f"{about} has been changed meanwhile", "Nothing is different. Plan it again."
            case HTTPStatus.UNPROCESSABLE_ENTITY | HTTPStatus.BAD_REQUEST:
                title = f"{self.cluster} does not accept the change of {about}"
            case HTTPStatus.TOO_MANY_REQUESTS:
                seconds = told.get("retryAfterSeconds")
                wait = f"in {seconds:.0f} s" if isinstance(seconds, int | float) else "in a minute"
                title, hint = f"{self.cluster} is overloaded", f"Nothing is different. Try again {wait}."
            case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR and writing:
                # A server that fails while it writes may have written: its store's time-out comes as a 500.
                title, hint, done = f"{self.cluster} failed", "It may have happened: look at it again.", None
            case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                title, hint = f"{self.cluster} failed", "Try again."
        return CallError(title, detail, hint, status=status, done=done)


def _written_by(*, dry_run: bool) -> Mapping[str, str]:
    return {"fieldManager": MANAGER, **(DRY_RUN if dry_run else {})}


def _document(answer: object, about: str) -> Document:
    if not isinstance(answer, Mapping):
        raise CallError(f"The answer about {about} makes no sense", "it is no JSON object", "Try again.", done=None)
    return answer
