"""How growth of traffic and volumes is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from finops_tui.detectors.sizes import known_bytes, size
from finops_tui.model.finding import Evidence
from finops_tui.model.snapshot import UsageRow
from finops_tui.phrases import percent, rate, span


def egress_why(row: UsageRow, usd: float, normal: float, words: str, lasts: timedelta) -> str:
    sent = known_bytes(row.egress_bytes_per_second)
    usual = f"{size(_before(sent, usd, normal))}/s"
    if not row.egress_told_apart:
        return (
            f"{row.namespace} sends {size(sent)}/s for {span(lasts)}, {usual} {words}: at most {rate(usd)} if all of "
            "it left the cloud. Where it goes is not measured."
        )
    return (
        f"{row.namespace} sends {size(sent)}/s out of its zone for {span(lasts)}, {usual} {words}: "
        f"{rate(usd)}, {rate(usd - normal)} more than normal."
    )


def egress_evidence(row: UsageRow, usd: float, normal: float, words: str) -> Iterator[Evidence]:
    bound = "" if row.egress_told_apart else "at most "
    yield Evidence(label="Egress", words=f"{bound}{rate(usd)} now, {rate(normal)} {words}.")
    for name, sent in row.senders[:3]:
        yield Evidence(label="Sender", words=f"{name} {size(sent)}/s.")
    if row.egress_told_apart:
        yield Evidence(label="Priced by", words=f"{row.priced_by}; beside what its nodes cost.")
    else:
        yield Evidence(
            label="What to do",
            words="run OpenCost's network costs daemonset: cAdvisor counts traffic within the cluster too.",
        )


def storage_why(row: UsageRow, usd: float, normal: float, words: str, _lasts: timedelta) -> str:
    now = known_bytes(row.storage_bytes)
    return (
        f"Volumes of {row.namespace} are {size(now)}, {size(_before(now, usd, normal))} {words}: "
        f"{rate(usd)}, {rate(usd - normal)} more than then."
    )


def storage_evidence(row: UsageRow, usd: float, normal: float, words: str) -> Iterator[Evidence]:
    yield Evidence(label="Volumes", words=f"{rate(usd)} now, {rate(normal)} {words}.")
    used, whole = row.storage_used_bytes, known_bytes(row.storage_bytes)
    if used is not None and whole:
        yield Evidence(label="Used", words=f"{size(used)} of {size(whole)}, {percent(known_bytes(used) / whole)}.")
    yield Evidence(label="Priced by", words=f"{row.priced_by}; beside what its nodes cost.")


def _before(now: float, usd: float, normal: float) -> float:
    """Return how many bytes `normal` stands for, at what a byte costs now."""
    return now * normal / usd if usd > 0 else 0.0
