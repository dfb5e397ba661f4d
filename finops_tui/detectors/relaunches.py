"""Jobs that are started again and again under a new name, or the same one."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from finops_tui.model.inventory import Workload

JOB_KINDS = frozenset({"Job", "JobSet", "MPIJob", "Pod", "PyTorchJob", "RayJob", "TFJob", "TrainJob", "Workflow"})
MOST = 64
"""Launches kept of one job."""
_NUMBER = re.compile(r"(?:[-_.](?:try|retry|attempt|run)?[-_.]?\d+|[-_.][bcdfghjklmnpqrstvwxz2456789]{5})+$")
"""`-3`, `-retry-2`, `-1712000400`, and the five letters that Kubernetes puts behind a name. `-v7` is another job."""


class Relaunched(NamedTuple):
    key: str
    """Of the workload that runs now."""
    name: str
    """Without what tells the launches apart."""
    times: int
    since: datetime


class _Launches:
    __slots__ = ("at", "live", "uids")

    def __init__(self) -> None:
        self.at: deque[datetime] = deque(maxlen=MOST)
        self.live = ""
        """Key of the one that runs, or ran last."""
        self.uids: deque[str] = deque(maxlen=MOST)


class Relaunches:
    """Counts, by name without its number, jobs of which each came after the one before had gone.

    Several that run side by side are a sweep, and what completed may well be followed by the next.
    """

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self._known: dict[str, _Launches] = {}

    def saw(self, workload: Workload, workloads: Mapping[str, Workload], completed: bool, now: datetime) -> None:
        """Take in a job that is new. `completed`: the one before it did what it should."""
        if workload.kind not in JOB_KINDS or workload.finished_at is not None:
            return
        launches = self._known.setdefault(_stem_key(workload), _Launches())
        uid = workload.uid or workload.key
        if uid in launches.uids:
            return
        before = workloads.get(launches.live) if launches.live != workload.key else None
        beside = before is not None and before.finished_at is None and not before.failing
        if completed or beside:
            launches.at.clear()
        launches.uids.append(uid)
        launches.at.append(min(workload.created_at or now, now))
        launches.live = workload.key

    def before(self, workload: Workload) -> str:
        """Return the key of the job that was launched before this one; empty for the first."""
        launches = self._known.get(_stem_key(workload))
        return launches.live if launches is not None else ""

    def often(self, least: int, now: datetime) -> list[Relaunched]:
        """Return what was launched at least so often within the window, and forget what was not launched in it."""
        found = []
        for key, launches in list(self._known.items()):
            if not launches.at or now - launches.at[-1] > self._window:
                del self._known[key]
                continue
            recent = [at for at in launches.at if now - at <= self._window]
            if len(recent) >= least:
                found.append(Relaunched(launches.live, key.rpartition("/")[2], len(launches.at), launches.at[0]))
        return found


def stem(name: str) -> str:
    """Return a job's name without what tells its launches apart: `retrain-v7-3` is `retrain-v7`."""
    return _NUMBER.sub("", name) or name


def _stem_key(workload: Workload) -> str:
    return f"{workload.cluster}/{workload.kind}/{workload.namespace}/{stem(workload.name)}"
