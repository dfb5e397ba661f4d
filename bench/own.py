"""Our own look at a program in a terminal, for machines without ptybench. Names as in `bench.instrument`."""

from __future__ import annotations

import bisect
import random
import re
from collections.abc import Sequence

from bench.plan import Plan, Run
from bench.programs import Program
from bench.stats import percentile
from bench.terminal import Terminal, bursts, clock, keys_of

QUIET_SECONDS = 0.4
"""Silence that means: it has drawn what it wanted to draw."""
FRAME_GAP_SECONDS = 0.03
"""Silence that ends the answer to one key."""
ANSWER_LIMIT_SECONDS = 2.0
HOLD_KEYS_PER_SECOND = 30
HOLD_SECONDS = 3.0


def measure(programs: Sequence[Program], plan: Plan) -> dict[str, list[Run]]:
    for program in programs:
        for _ in range(plan.warm_runs):
            with Terminal(program.command, plan.size, plan.nice) as terminal:
                start(terminal, program, plan)
    runs: dict[str, list[Run]] = {program.name: [] for program in programs}
    for _ in range(plan.runs):
        for program in programs:
            runs[program.name].append(_run(program, plan))
    return runs


def _run(program: Program, plan: Plan) -> Run:
    with Terminal(program.command, plan.size, plan.nice) as terminal:
        found = start(terminal, program, plan)
        if "ready_ms" not in found:
            return found
        for key in keys_of(program.setup):
            terminal.send(key)
            terminal.watch_until_quiet(0.25, ANSWER_LIMIT_SECONDS)
        terminal.watch(plan.settle_seconds)
        if plan.steady_seconds:
            found |= steady(terminal, plan.steady_seconds)
        if plan.keys:
            found |= press(terminal, plan)
        if plan.hold:
            found |= hold(terminal, keys_of(plan.hold)[0])
        return found


def start(terminal: Terminal, program: Program, plan: Plan) -> Run:
    """Wait until it is ready and quiet."""
    found: Run = {}
    pattern = re.compile(program.ready)
    end = terminal.started + plan.timeout_seconds
    while clock() < end and "ready_ms" not in found and terminal.alive():
        if not terminal.pump(min(end, clock() + 0.1)):
            continue
        at_ms = (terminal.chunks[-1].at - terminal.started) * 1000
        if terminal.seen.strip():
            found.setdefault("first_text_ms", at_ms)
        if pattern.search(terminal.seen):
            found["ready_ms"] = at_ms
    terminal.watch_until_quiet(QUIET_SECONDS, ANSWER_LIMIT_SECONDS)
    return found


def steady(terminal: Terminal, seconds: float) -> Run:
    first, began, before = len(terminal.chunks), clock(), terminal.usage()
    terminal.watch(seconds)
    after, took = terminal.usage(), clock() - began
    return {
        "bytes_per_s": sum(len(chunk.data) for chunk in terminal.chunks[first:]) / took,
        "cpu_s_per_min": (after.cpu_seconds - before.cpu_seconds) / took * 60,
        "rss_mib": after.rss_mib,
    }


def press(terminal: Terminal, plan: Plan) -> Run:
    randomly = random.Random(plan.seed)  # noqa: S311 - a schedule, not a secret
    first = len(terminal.chunks)
    sent: list[float] = []
    for key in keys_of(plan.keys):
        sent.append(terminal.send(key))
        terminal.watch(plan.key_interval * randomly.uniform(0.5, 1.5))
    terminal.watch_until_quiet(QUIET_SECONDS, ANSWER_LIMIT_SECONDS)
    latencies = answers(sent, [chunk.at for chunk in terminal.chunks[first:]])
    found: Run = {"keys_sent": len(sent), "keys_missed": len(sent) - len(latencies)}
    if latencies:
        for label, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0)):
            found[f"key_end_{label}_ms"] = percentile(latencies, share) * 1000
    return found


def answers(sent: Sequence[float], written: Sequence[float]) -> list[float]:
    """Return, for each key that was answered, the seconds to the end of the burst of output that followed it."""
    latencies = []
    for index, at in enumerate(sent):
        following = sent[index + 1] if index + 1 < len(sent) else float("inf")
        position = bisect.bisect_right(written, at)
        if position == len(written) or written[position] - at > ANSWER_LIMIT_SECONDS:
            continue
        begin = written[position]
        burst = [moment for moment in written[position:] if moment <= max(following, begin)]
        latencies.append(bursts(burst, FRAME_GAP_SECONDS)[0][1] - at)
    return latencies


def hold(terminal: Terminal, key: str) -> Run:
    """Hold one key down as a keyboard repeats it; see for how long the program goes on drawing after the release."""
    start_at = clock()
    for number in range(int(HOLD_KEYS_PER_SECOND * HOLD_SECONDS)):
        terminal.send(key)
        terminal.watch(start_at + (number + 1) / HOLD_KEYS_PER_SECOND - clock())
    released, first = clock(), len(terminal.chunks)
    busy = terminal.usage().cpu_seconds
    lag = 0.0
    while clock() - released < 10 * ANSWER_LIMIT_SECONDS:
        terminal.watch(0.1)
        now = terminal.usage().cpu_seconds
        if now - busy < 0.05:  # noqa: PLR2004 - half of the time is work, less is a program at rest
            break
        busy, lag = now, clock() - released
    drawn = [chunk.at - released for chunk in terminal.chunks[first:] if chunk.at - released <= max(lag, 0.1)]
    return {"hold_drain_ms": max(drawn, default=0.0) * 1000}
