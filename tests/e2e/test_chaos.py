"""Two hundred changes over HTTP by processes that are killed at any point: what is left tells the truth."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from finops_tui.engine.journal import Journal
from finops_tui.engine.journal_entry import FINAL
from finops_tui.model.plan import Outcome
from tests.actions.patch_double import PatchDouble, Reply, Seen, patch_double

ROOT = Path(__file__).parents[2]
JOBS = 200
KILLS = 12
REQUESTS_A_JOB = 6
"""About as many requests each change takes; the kills are spread over all of them."""
PLAN = "finops-tui/plan"


class Killing(PatchDouble):
    """Kills whoever asks at certain requests: before they are heard, or after they were carried out."""

    def __init__(self, moments: dict[int, bool]) -> None:
        super().__init__()
        self.moments = moments
        self.count = 0
        self.child: subprocess.Popen[bytes] | None = None
        self.one = threading.Lock()
        self.carried_out: list[tuple[str, str]] = []
        """Plan and path of each write that was carried out."""

    def answer(self, seen: Seen) -> Reply:
        with self.one:
            self.count += 1
            carried_out_first = self.moments.get(self.count)
            if carried_out_first is False:
                self._kill()
                return 0, {}
            code, reply = super().answer(seen)
            if code == 200 and seen.method == "PATCH" and "dryRun" not in seen.query and PLAN in json.dumps(seen.body):
                self.carried_out.append((seen.body["metadata"]["annotations"][PLAN], seen.path))
            if carried_out_first:
                self._kill()
                return 0, {}
            return code, reply

    def _kill(self) -> None:
        if self.child is not None:
            self.child.kill()


def test_after_kills_at_any_point_journal_and_objects_tell_the_truth_and_nothing_was_done_twice(tmp_path: Path) -> None:
    chance = random.Random(7)
    moments = {chance.randrange(1, JOBS * REQUESTS_A_JOB): chance.random() < 0.5 for _ in range(KILLS)}
    double = Killing(moments)
    folder = tmp_path / "state"
    killed = 0
    with patch_double(double):
        for number in range(JOBS):
            suspended = {"type": "Suspended", "status": "True"}
            double.put(
                f"/apis/batch/v1/namespaces/ml/jobs/job-{number}",
                {"spec": {"suspend": False}, "status": {"conditions": [suspended]}},
                uid=f"uid-{number}",
            )
        for attempt in range(KILLS + 3):
            words = [str(double.kubeconfig(tmp_path)), str(folder), str(JOBS), str(attempt * 100_000)]
            double.child = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.chaos_child", *words], cwd=ROOT, stderr=subprocess.PIPE
            )
            _, trouble = double.child.communicate(timeout=300)
            if double.child.returncode == 0:
                break
            assert double.child.returncode == -9, trouble.decode()
            killed += 1
    assert killed >= KILLS / 2, "it was hardly ever killed"

    journal = Journal(folder)
    assert journal.verify().trouble == ""
    entries = {entry.id: entry for entry in journal.entries()}
    assert {entry.outcome for entry in entries.values()} <= FINAL
    for plan, path in double.carried_out:
        assert plan in entries, f"{path} was changed and no intent stands before it"
    assert len(double.carried_out) == len(set(double.carried_out)), "something was done twice"
    done = {plan for plan, _ in double.carried_out}
    for entry in entries.values():
        name = entry.plan.target.key.rpartition("/")[2]
        there = double.objects[f"/apis/batch/v1/namespaces/ml/jobs/{name}"]
        by_this = there["metadata"].get("annotations", {}).get(PLAN) == entry.id
        assert (entry.outcome is Outcome.DONE) == (entry.id in done) == (by_this and there["spec"]["suspend"]), entry
    assert len({entry.plan.target.key for entry in entries.values()}) == JOBS


class KillingAtTheChange(Killing):
    """Kills whoever asks at the one request that changes something: before it is heard, or once it was carried out."""

    def __init__(self, *, carried_out: bool) -> None:
        super().__init__({})
        self._carried_out = carried_out
        self._killed = False

    def answer(self, seen: Seen) -> Reply:
        if seen.method == "PATCH" and not seen.on_trial and not self._killed:
            self._killed = True
            self.moments = {self.count + 1: self._carried_out}
        return super().answer(seen)


@pytest.mark.parametrize("carried_out", [True, False])
def test_killed_during_the_change_itself_the_next_start_finds_out_and_does_not_do_it_again(
    tmp_path: Path, *, carried_out: bool
) -> None:
    path = "/apis/batch/v1/namespaces/ml/jobs/job-0"
    double = KillingAtTheChange(carried_out=carried_out)
    statuses = []
    with patch_double(double):
        suspended = {"conditions": [{"type": "Suspended", "status": "True"}]}
        double.put(path, {"spec": {"suspend": False}, "status": suspended}, uid="uid-0")
        for start in range(2):
            words = [str(double.kubeconfig(tmp_path)), str(tmp_path / "state"), "1", str(start * 100_000)]
            double.child = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.chaos_child", *words], cwd=ROOT, stderr=subprocess.PIPE
            )
            double.child.communicate(timeout=120)
            statuses.append(double.child.returncode)
    assert statuses == [-9, 0]
    (entry,) = Journal(tmp_path / "state").entries()
    assert entry.outcome is (Outcome.DONE if carried_out else Outcome.FAILED)
    assert double.objects[path]["spec"]["suspend"] is carried_out
    assert double.carried_out == ([(entry.id, path)] if carried_out else [])
    changes = [seen for seen in double.seen if seen.method == "PATCH" and not seen.on_trial]
    assert len(changes) == 1, "what nobody knows the outcome of is looked at, never sent again"
