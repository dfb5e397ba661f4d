"""How the promises of service are kept, over windows from five minutes to thirty days."""

from __future__ import annotations

from collections.abc import Iterator

from finops_tui.model.slo import SliReading, Slo
from finops_tui.simulation.queueing import FIRST_TOKEN_SHARE, slow_share, stretch
from finops_tui.simulation.serving import Service
from finops_tui.simulation.tenants import SloPlan

WINDOWS = (300, 1800, 3600, 7200, 21_600, 86_400, 259_200, 2_592_000)
PIECES = 15
"""A window slides in steps of its length divided by this."""
GATHERED_SECONDS = WINDOWS[1] // PIECES
"""All windows but the shortest hear of so much time at once: pieces of each are made of such spans."""
_GOLDEN = 0.6180339887


class Window:
    """Sums over the last `seconds`, in pieces."""

    __slots__ = ("_at", "_bad", "_bads", "_total", "_totals", "piece_seconds", "seconds")

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        self.piece_seconds = seconds // PIECES
        self._bads = [0.0] * PIECES
        self._totals = [0.0] * PIECES
        self._bad = 0.0
        self._total = 0.0
        self._at = 0

    def add(self, now: int, bad: float, total: float) -> None:
        piece = now // self.piece_seconds
        while self._at < piece:
            self._at = max(self._at + 1, piece - PIECES)
            place = self._at % PIECES
            self._bads[place] = self._totals[place] = 0.0
            self._bad, self._total = sum(self._bads), sum(self._totals)
        place = piece % PIECES
        self._bads[place] += bad
        self._totals[place] += total
        self._bad += bad
        self._total += total

    @property
    def error_ratio(self) -> float | None:
        return min(max(self._bad / self._total, 0.0), 1.0) if self._total > 0.0 else None

    @property
    def events(self) -> float:
        return self._total


class Objective:
    def __init__(self, plan: SloPlan, service: Service) -> None:
        self.plan = plan
        self.service = service
        self.bad = 0.0
        """Bad events since the start; only ever grows."""
        self.total = 0.0
        self._windows = [Window(seconds) for seconds in WINDOWS]
        self._gathered = (0, 0.0, 0.0)
        """Since when, how many bad events and how many at all, of which the longer windows have not heard."""
        self._primed_at: int | None = None
        """When the windows were to hold the past, until somebody asks for them: it takes a while to work out."""
        self.slo = Slo(
            id=f"{service.cluster}/{service.namespace}/{plan.name.replace(' ', '-')}",
            name=plan.name,
            cluster=service.cluster,
            service=service.name,
            objective=plan.objective,
            period_seconds=WINDOWS[-1],
            origin="simulation",
            namespace=service.namespace,
            workload=f"{service.kind}/{service.name}",
        )

    def bad_share(self, now: float, load: float, waiting: float, turned_away: float) -> float:
        """Return the share of requests that break the promise at such a load (ratio) and wait (seconds)."""
        plan = self.plan
        luck = self.service.luck(now)
        service = self.service
        if plan.kind == "availability":
            return min((1.0 - plan.objective) * plan.failures * luck + turned_away + service.failing_share, 1.0)
        median = service.plan.seconds * stretch(load) * luck**0.15
        if plan.kind == "ttft":
            median *= FIRST_TOKEN_SHARE
        slow = slow_share(plan.threshold, median, waiting)
        if service.amiss:
            slow += service.amiss * (slow_share(plan.threshold, median * service.slower, waiting) - slow)
        return turned_away + (1.0 - turned_away) * slow

    def step(self, now: int, seconds: float) -> None:
        service = self.service
        total = service.rate * seconds
        bad = total * self.bad_share(now, service.load, service.waiting, service.turned_away)
        self.bad += bad
        self.total += total
        if self._primed_at is not None:
            self._fill()
        self._windows[0].add(now, bad, total)
        since, bad_before, total_before = self._gathered
        if now // GATHERED_SECONDS != since // GATHERED_SECONDS:
            self._hand_on()
            since, bad_before, total_before = now, 0.0, 0.0
        self._gathered = since, bad_before + bad, total_before + total

    def usual(self, now: float) -> tuple[float, float]:
        """Return the bad share and the rate (events/s) at any moment, if the autoscaler kept up."""
        service = self.service
        plan = service.plan
        rate = service.traffic.rate(now)
        load = rate / (service.settled_replicas(rate) * plan.capacity)
        return self.bad_share(now, load, 0.0, 0.0), rate

    def prime(self, now: int) -> None:
        """Let the windows hold the past."""
        self._primed_at = now

    @property
    def windows(self) -> list[Window]:
        """The windows, the shortest first."""
        if self._primed_at is not None:
            self._fill()
        self._hand_on()
        return self._windows

    def _hand_on(self) -> None:
        """Tell the longer windows what has gathered."""
        since, bad, total = self._gathered
        for window in self._windows[1:]:
            window.add(since, bad, total)
        self._gathered = since, 0.0, 0.0

    def _fill(self) -> None:
        """Fill in the past. Long pieces are sampled at moments that spread over all hours of the day."""
        now, self._primed_at = self._primed_at, None
        assert now is not None, "somebody asks for them, and they were not filled in"
        for window in self._windows:
            for place, start in enumerate(_pieces(window, now)):
                share, rate = self.usual(start + (place * _GOLDEN % 1.0) * window.piece_seconds)
                total = rate * min(window.piece_seconds, now - start)
                window.add(start, share * total, total)

    def readings(self) -> Iterator[SliReading]:
        for window in self.windows:
            yield SliReading(
                slo_id=self.slo.id,
                window_seconds=window.seconds,
                error_ratio=window.error_ratio,
                events=round(window.events, 1),
            )


def _pieces(window: Window, now: int) -> Iterator[int]:
    """Return where the pieces of the window that ends now begin, oldest first."""
    last = now // window.piece_seconds * window.piece_seconds
    first = last - (PIECES - 1) * window.piece_seconds
    return iter(range(first, min(last + 1, now), window.piece_seconds))
