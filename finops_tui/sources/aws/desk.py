"""The one place from which AWS is asked: in bounded threads, counted, and kept on disk where it costs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ParamSpec, TypeVar

from finops_tui.clock import Clock
from finops_tui.sources.aws.allowance import again_at, allowed, so_far
from finops_tui.sources.aws.calls import CALLER, COST_EXPLORER_REQUEST_MICRO_USD, HOME_IN_CHINA, Call
from finops_tui.sources.aws.faults import AwsError, trouble
from finops_tui.sources.aws.sessions import Door
from finops_tui.sources.aws.settings import AwsAccount, AwsSettings
from finops_tui.sources.aws.store import Answer, Store
from finops_tui.threads import DaemonThreads

PAGES = 200
"""More pages than this are not read: a question that large is a mistake."""
CLAIM = timedelta(minutes=3)
"""For so long another process leaves a question to the one that asks it."""
FAILED_FOR = timedelta(minutes=15)
"""So long a program that begins does not ask what costs and has failed: as long as the one that asked waits itself."""
UNFINISHED_FOR = timedelta(hours=1)
"""How long pages that were read before a failure are good to go on from."""


P = ParamSpec("P")
T = TypeVar("T")
Pages = tuple[Mapping[str, Any], ...]
Read = Callable[[Pages], Awaitable[Pages]]
"""Gets an answer where that takes more than asking page by page; is given the answer before, if there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of one account. Its answer stays good for a while, whatever span of time it was asked about."""

    id: str
    """Names it among all questions to the account: `cost by service`."""
    call: Call
    params: Mapping[str, Any] = field(default_factory=dict)
    region: str = ""
    """Where the call has no place of its own."""
    good_for: timedelta = timedelta(0)
    """So long it is not asked again; zero where it is not kept."""
    foremost: bool = False
    """Whether the others have to leave money for it."""
    apart: str = ""
    """What else tells it from an earlier question of the same name: settings that change the answer."""
    pick: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    """Returns what is wanted of a page, with its token, where most of it would only take memory."""

    def about(self, params: Mapping[str, Any]) -> Question:
        """Return the same question about something else, such as another span of time."""
        return replace(self, params=params)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An answer, perhaps an old one."""

    at: datetime
    pages: Pages
    late: str = ""
    """Why it is older than it should be; empty where it is not."""


class Desk:
    """One account, asked. What it gives back is plain JSON data. Raises AwsError."""

    def __init__(
        self, settings: AwsSettings, account: AwsAccount, clock: Clock, store: Store, threads: DaemonThreads
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._store = store
        self._threads = threads
        self._door = Door(settings, account, clock)
        self._named = account.name
        self._tried: set[str] = set()
        """Questions that were asked here: how soon again is for who asks them."""
        self.account = ""
        """Its number, once `sign_in` has asked for it."""
        self.regions: tuple[str, ...] = settings.regions

    @property
    def title(self) -> str:
        """What people call the account."""
        return self._named or self.account or self._door.credentials.role or self._door.credentials.where

    async def sign_in(self) -> None:
        """Find out whose account it is; free. Raises AwsError where the credentials are no good."""
        if not self.regions:
            home = await self._threads.call(self._door.home_region)
            self.regions = (home,) if home else ()
        (page,) = await self._pages(Question(id="caller", call=CALLER))
        self.account = str(page.get("Account", ""))

    def close(self) -> None:
        """Let go of all connections, without waiting for anybody."""
        self._door.close()

    async def aside(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what takes long, such as reading a bill of many pages, where it holds up nobody."""
        return await self._threads.call(work, *args, **kwargs)

    async def answered_at(self, question: Question) -> datetime | None:
        """Return when it was answered last, as far as that is remembered."""
        held = await self._threads.call(self._store.answer, self._key(question))
        return held.at if held is not None else None

    async def remembered(self, question: Question) -> Mapping[str, Any] | None:
        """Return what was kept in place of an answer, however old it is; None where nothing was."""
        held = await self._threads.call(self._store.answer, self._key(question))
        return held.pages[0] if held is not None else None

    async def remember(self, question: Question, page: Mapping[str, Any]) -> None:
        """Keep something for later that is no answer of AWS's."""
        await self._threads.call(self._store.keep, self._key(question), Answer(self._clock.now(), (page,)))

    async def page(self, question: Question) -> Mapping[str, Any] | None:
        """Return the answer to what has one page; None where the thing that it is about is gone by now."""
        try:
            (page,) = (await self.ask(question)).pages
        except AwsError as error:
            if error.gone:
                return None
            raise
        return page

    async def ask(self, question: Question, read: Read | None = None) -> Kept:
        """Return the answer: the one on disk while it is good, and also later where asking again must wait."""
        if not question.good_for:
            return Kept(at=self._clock.now(), pages=await self._pages(question))
        key = self._key(question)
        held = await self._threads.call(self._store.answer, key)
        now = self._clock.now()
        if held is not None and now - held.at < question.good_for:
            return Kept(at=held.at, pages=held.pages)
        try:
            await self._begin(question, key)
            fresh = await self._ask_again(question, key, partial(read, held.pages if held else ()) if read else None)
        except AwsError as error:
            if held is None or error.whole:
                raise
            return Kept(at=held.at, pages=held.pages, late=error.title)
        return Kept(at=fresh.at, pages=fresh.pages)

    async def spent(self) -> tuple[int, str]:
        """Return how many requests were paid this month, and what they cost in words: `$1.20 of $4 this month`."""
        requests, micro_usd = await self._threads.call(self._store.spent, self.account, self._clock.now())
        return requests, so_far(micro_usd, self._settings.cap_micro_usd)

    async def afford(self, operation: str, micro_usd: int = 1, *, foremost: bool = False) -> None:
        """Raise AwsError where so much may not be spent now: the month's money has to last the month."""
        now = self._clock.now()
        _, spent = await self._threads.call(self._store.spent, self.account, now)
        if spent + micro_usd > allowed(now, self._settings.cap_micro_usd, foremost=foremost):
            raise self._refusal(operation, spent, micro_usd, foremost=foremost)

    async def pay(self, operation: str, micro_usd: int) -> None:
        """Count what a request turned out to cost."""
        await self._threads.call(self._store.pay, self.account, operation, micro_usd, self._clock.now())

    async def _begin(self, question: Question, key: str) -> None:
        """Raise what another program was told a moment ago where that was paid: each start would pay for it again."""
        if key in self._tried or not question.call.micro_usd:
            return
        self._tried.add(key)
        failed = await self._threads.call(self._store.answer, f"{key} failed")
        if failed is not None and (ago := self._clock.now() - failed.at) < FAILED_FOR:
            (words,) = failed.pages
            title = f"{words['title']}, {max(1.0, ago / timedelta(minutes=1)):.0f}m ago"
            raise AwsError(title, words["detail"], words["hint"])

    async def _ask_again(self, question: Question, key: str, read: Callable[[], Awaitable[Pages]] | None) -> Answer:
        now = self._clock.now()
        if not await self._threads.call(self._store.claim, key, now, now + CLAIM):
            raise AwsError("another finops-tui is asking", question.id, "Its answer is shared.", soon=True)
        try:
            told = await self._threads.call(self._store.answer, key)
            if told is not None and now - told.at < question.good_for:
                return told  # another had its answer just before this one's turn came
            pages = await (read() if read else self._pages(question, key))
            fresh = Answer(self._clock.now(), pages)
            await self._threads.call(self._store.keep, key, fresh)
            return fresh
        finally:
            await self._threads.call(self._store.release, key)

    async def _pages(self, question: Question, key: str = "") -> Pages:
        """Read all pages. Those read before a failure are kept, where they cost: the next try goes on from there."""
        call, rest = question.call, f"{key} unfinished" if key and question.call.micro_usd else ""
        asked, pages = await self._unfinished(question, rest)
        while True:
            if call.micro_usd:
                await self.afford(call.operation, call.micro_usd, foremost=question.foremost)
            try:
                page = await self._threads.call(self._send, question, asked)
            except AwsError as error:
                if error.restart and rest:
                    await self._threads.call(self._store.forget, rest)
                elif rest and not error.whole:
                    words = {"title": error.title, "detail": error.detail, "hint": error.hint}
                    await self._threads.call(self._store.keep, f"{key} failed", Answer(self._clock.now(), (words,)))
                raise
            pages.append(page)
            token = page.get(call.next_page) if call.next_page else None
            if not token:
                break
            if len(pages) >= PAGES:
                raise AwsError(f"more than {PAGES} pages", question.id, "Ask for fewer days or tags.")
            if rest:
                kept = Answer(self._clock.now(), ({"asked": question.params}, *pages))
                await self._threads.call(self._store.keep, rest, kept)
            asked = {**question.params, call.next_page: token}
        if rest and len(pages) > 1:
            await self._threads.call(self._store.forget, rest)
        return tuple(pages)

    async def _unfinished(self, question: Question, rest: str) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
        held = await self._threads.call(self._store.answer, rest) if rest else None
        if held is not None and self._clock.now() - held.at < UNFINISHED_FOR:
            asked, *pages = held.pages
            if asked.get("asked") == _plain(question.params):
                return {**question.params, question.call.next_page: pages[-1][question.call.next_page]}, pages
        return question.params, []

    def _send(self, question: Question, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """Send one request: the only place where it happens. Runs in a thread."""
        from botocore import xform_name  # type: ignore[import-untyped]  # botocore ships no types

        call = question.call
        sent = self._count if call.micro_usd else None
        try:
            client = self._door.client(call.service, self._home(call.region) or question.region, sent)
            answer = getattr(client, xform_name(call.operation))(**params)
        except Exception as error:
            failure = trouble(error, call, self._door.credentials, self._settings.timeout_seconds)
            if failure.whole:
                self._door.leave()
            raise failure from error
        answer.pop("ResponseMetadata", None)
        plain: Mapping[str, Any] = _plain(question.pick(answer) if question.pick is not None else answer)
        return plain

    def _home(self, region: str) -> str:
        """Return where it is asked in the part of the world that the account is in."""
        china = any(own.startswith("cn-") for own in self.regions)
        return HOME_IN_CHINA if region and china else region

    def _count(self, operation: str) -> None:
        """Write a request down before it leaves, so that one whose answer is lost is counted too."""
        now = self._clock.now()
        cap, price = self._settings.cap_micro_usd, COST_EXPLORER_REQUEST_MICRO_USD
        if not self._store.pay(self.account, operation, price, now, allowed(now, cap, foremost=True)):
            raise self._refusal(operation, self._store.spent(self.account, now)[1], price, foremost=True)

    def _refusal(self, operation: str, spent: int, price: int, *, foremost: bool) -> AwsError:
        cap = self._settings.cap_micro_usd
        again = again_at(self._clock.now(), cap, spent + price, foremost=foremost)
        title = f"request budget: {so_far(spent, cap)}, next request {again:%d %b %H:%M}Z"
        return AwsError(title, operation, "Raise `requests_usd_per_month` to ask more often.")

    def _key(self, question: Question) -> str:
        mark = hashlib.sha256(question.apart.encode()).hexdigest()[:12] if question.apart else ""
        return " ".join(part for part in (self.account, question.region, question.id, mark) if part)


def _plain(data: Any) -> Any:
    return json.loads(json.dumps(data, default=_text))


def _text(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
