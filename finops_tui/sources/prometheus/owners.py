"""From a pod's direct controller to the topmost one, as far as metrics tell."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from finops_tui.sources.prometheus.catalogue import BY_ID
from finops_tui.sources.prometheus.desk import Desk

EVERY = timedelta(minutes=1)
# What the Deployment controller appends to its name: a hash spelled with these letters only, so that it is no word.
_TEMPLATE_HASH = re.compile(r"(.+)-[bcdfghjklmnpqrstvwxz2456789]{1,10}")


class Owners:
    def __init__(self) -> None:
        self._jobs: dict[tuple[str, str], tuple[str, str]] = {}
        self._asked_at: datetime | None = None

    async def refresh(self, desk: Desk, at: datetime) -> None:
        """Ask who owns the Jobs, if that is some time ago."""
        if self._asked_at is not None and at - self._asked_at < EVERY:
            return
        answer = await desk.ask(BY_ID["workload.job_owners"])
        if answer is not None:
            self._asked_at = at
            self._jobs = {
                (sample.label("namespace"), sample.label("job_name")): (kind, name)
                for sample in answer.samples
                if (kind := sample.label("owner_kind")) and (name := sample.label("owner_name"))
            }

    def topmost(self, namespace: str, kind: str, name: str) -> tuple[str, str]:
        """Return kind and name of what finally controls the pods of this controller."""
        if kind == "ReplicaSet" and (match := _TEMPLATE_HASH.fullmatch(name)):
            return "Deployment", match[1]
        if kind == "Job":
            return self._jobs.get((namespace, name), (kind, name))
        return kind, name
