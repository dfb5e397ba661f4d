from __future__ import annotations

import asyncio
import dataclasses
import inspect
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import finops_tui
from finops_tui.actions.base import Result
from finops_tui.engine.arming import DISARMED
from finops_tui.engine.desk import Desk
from finops_tui.engine.journal import Journal
from finops_tui.engine.policy import Policy
from finops_tui.engine.proposal import Answer, Carried, Proposal, Redo, Reduce, Request, Undo, UndoAll
from finops_tui.errors import ActionError, Refused
from finops_tui.model.inventory import Node, Placement, Workload
from finops_tui.model.observations import ArmingSeen, NodesSeen, WorkloadsSeen
from finops_tui.model.plan import Decision, Outcome
from finops_tui.model.snapshot import BurnWindow, SloRow
from tests.engine.desks import DONE, TAKEN, WAITS, Office, Scripted, pool
from tests.engine.plans import ANA, OPEN, target
from tests.samples import NOON

PAUSE = Request(action="pause", targets=(target(),))
YES = Answer(reason="INC-12")


async def paused(office: Office, wish: Request = PAUSE, answer: Answer = YES) -> Carried:
    return await office.desk.confirm(await office.desk.propose(wish), answer)


def nine_nodes(office: Office) -> None:
    """Let the usual target run on the nine nodes of one pool."""
    names = [f"n{number}" for number in range(9)]
    nodes = tuple(Node(cluster="prod-us", name=name, uid=name, pool="h100", gpus=8) for name in names)
    job = Workload(
        cluster="prod-us", kind="Job", namespace="nlp-train", name="retrain-v7", uid="u-1",
        placements=tuple(Placement(name, 1, 8.0) for name in names),
    )  # fmt: skip
    office.tell(NodesSeen(at=NOON, source="k8s", cluster="prod-us", nodes=nodes, complete=True))
    office.tell(WorkloadsSeen(at=NOON, source="k8s", cluster="prod-us", workloads=(job,), complete=True))
    office.pools = (pool(420.0),)


def slo(burn: float) -> SloRow:
    return SloRow(
        key="chat", name="chat availability", cluster="prod-us", service="chat", objective=0.999,
        windows=(BurnWindow(seconds=300, error_ratio=None, burn_rate=burn),), budget_left=None,
        exhausted_in_seconds=None, pool="prod-us/h100",
    )  # fmt: skip


def test_what_is_confirmed_is_written_down_carried_out_and_watched_until_its_effect_is_seen(tmp_path: Path) -> None:
    office = Office(tmp_path)

    async def script(at: Office) -> Carried:
        carried = await paused(at)
        await at.pass_time(60)
        return carried

    carried = office.work(script)
    assert [entry.outcome for entry in carried.entries] == [Outcome.APPLIED]
    assert office.outcomes == ["planned", "applied", "done"]
    entry = Journal(tmp_path).entries()[0]
    assert (entry.outcome, entry.who, entry.reason) == (Outcome.DONE, ANA, "INC-12")


def test_the_intent_is_on_disk_before_the_first_request(tmp_path: Path) -> None:
    office = Office(tmp_path)
    seen: list[Outcome] = []
    office.action.during_apply = lambda: seen.extend(entry.outcome for entry in Journal(tmp_path).entries())
    office.work(paused)
    assert seen == [Outcome.PLANNED]


def test_what_cannot_be_written_down_is_not_sent(tmp_path: Path) -> None:
    in_the_way = tmp_path / "state"
    in_the_way.write_text("a file where the folder should be")
    office = Office(in_the_way)
    with pytest.raises(ActionError):
        office.work(paused)
    assert office.action.calls == []


@pytest.mark.parametrize(
    ("policy", "given", "reason"),
    [(Policy(), {}, "read-only"), (OPEN, {"armed": DISARMED}, "not armed")],
)
def test_what_the_guard_refuses_is_not_sent_and_not_written_down(
    tmp_path: Path, policy: Policy, given: dict[str, Any], reason: str
) -> None:
    office = Office(tmp_path, policy=policy, **given)

    async def script(at: Office) -> tuple[Proposal, Carried]:
        proposal = await at.desk.propose(PAUSE)
        return proposal, await at.desk.confirm(proposal, YES)

    proposal, carried = office.work(script)
    assert proposal.decision is Decision.REFUSE
    assert reason in proposal.planned[0].judgement.reason
    assert [type(each.trouble) for each in carried.refused] == [Refused]
    assert (office.action.calls, Journal(tmp_path).entries()) == ([], ())


def test_nothing_but_the_desk_calls_apply() -> None:
    root = Path(inspect.getfile(finops_tui)).parent
    callers = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if re.search(r"await [\w.]*\.apply\(", path.read_text(encoding="utf-8")) and path.parent.name != "actions"
    }
    assert callers == {"engine/desk.py"}
    assert inspect.getsource(Desk).count(".apply(") == 1


def test_arming_is_told_and_allows_and_disarming_forbids_again(tmp_path: Path) -> None:
    office = Office(tmp_path, armed=DISARMED)

    async def script(at: Office) -> list[Decision]:
        decisions = []
        for change in (at.desk.disarm, at.desk.arm, at.desk.disarm):
            await change()
            decisions.append((await at.desk.propose(PAUSE)).decision)
        return decisions

    assert office.work(script) == [Decision.REFUSE, Decision.CONFIRM, Decision.REFUSE]
    told = [seen.until for seen in office.told if isinstance(seen, ArmingSeen)]
    assert told == [None, None, NOON + timedelta(minutes=OPEN.arm_minutes), None]


def test_where_everything_is_read_only_there_is_nothing_to_arm(tmp_path: Path) -> None:
    office = Office(tmp_path, policy=Policy())
    with pytest.raises(Refused, match="read-only"):
        office.work(lambda at: at.desk.arm())
    assert [seen.possible for seen in office.told if isinstance(seen, ArmingSeen)] == [False]


def test_of_several_one_that_fails_stops_the_rest_unless_one_wants_to_go_on(tmp_path: Path) -> None:
    several = Request(
        action="pause", targets=tuple(target(key=f"prod-us/Job/ml/{n}", name=f"ml/job/{n}") for n in "abc")
    )
    for go_on, begun, left in ((False, 1, 2), (True, 3, 0)):
        refusing = Scripted(applies=Result(outcome=Outcome.FAILED, words="403 forbidden"))
        office = Office(
            tmp_path / str(go_on), refusing, dataclasses.replace(OPEN, typed_usd_per_hour=None, typed_gpus=None)
        )

        async def script(at: Office, go_on: bool = go_on) -> Carried:
            proposal = await at.desk.propose(several)
            return await at.desk.confirm(proposal, Answer(typed=proposal.type_name, go_on=go_on))

        carried = office.work(script)
        assert (len(carried.entries), len(carried.left)) == (begun, left)


def test_a_target_of_which_no_plan_can_be_made_is_told_beside_those_of_which_one_can(tmp_path: Path) -> None:
    both = Request(action="pause", targets=(target(), target(key="prod-us/Job/ml/x", name="gone/x")))
    proposal = Office(tmp_path).work(lambda at: at.desk.propose(both))
    assert [each.plan.target.key for each in proposal.planned] == [target().key]
    assert [each.trouble.title for each in proposal.unplanned] == ["gone/x is not there"]


def test_undo_takes_back_what_the_journal_holds_and_redo_does_it_again(tmp_path: Path) -> None:
    office = Office(tmp_path)

    async def script(at: Office) -> tuple[str, str]:
        first = (await paused(at)).entries[0]
        undo = await at.desk.confirm(await at.desk.propose(Undo(entry=first.id)), YES)
        again = await at.desk.propose(Redo(entry=undo.entries[0].id))
        return first.id, again.plans[0].title

    first, again = office.work(script)
    assert again == "Pause retrain-v7"
    row = office.fleet.actions[first]
    assert row.undone_by
    assert not row.undoable
    assert office.fleet.actions[row.undone_by].undoes == first


def test_undo_of_a_target_finds_its_last_entry_and_without_one_asks_the_object(tmp_path: Path) -> None:
    office = Office(tmp_path)

    async def script(at: Office) -> tuple[Proposal, Proposal]:
        before = await at.desk.propose(Undo(target=target()))
        await paused(at)
        return before, await at.desk.propose(Undo(target=target()))

    before, after = office.work(script)
    assert "undoes" not in before.plans[0].parameters
    assert after.plans[0].parameters["undoes"] in office.fleet.actions


def test_what_is_taken_back_already_is_refused_in_words(tmp_path: Path) -> None:
    async def script(at: Office) -> None:
        first = (await paused(at)).entries[0]
        await at.desk.confirm(await at.desk.propose(Undo(entry=first.id)), YES)
        await at.desk.propose(Undo(entry=first.id))

    with pytest.raises(ActionError, match="Pause retrain-v7: undone"):
        Office(tmp_path).work(script)


def test_what_an_earlier_run_left_open_is_looked_into_at_the_next_start(tmp_path: Path) -> None:
    Office(tmp_path, Scripted(verifies=(WAITS,))).work(paused)
    assert Journal(tmp_path).entries()[0].outcome is Outcome.APPLIED
    later = Office(tmp_path, Scripted(verifies=(DONE,)))
    later.work(lambda at: at.pass_time(30))
    assert later.action.calls[0] == "verify plan-1"
    assert not any(call.startswith("apply") for call in later.action.calls)
    assert Journal(tmp_path).entries()[0].outcome is Outcome.DONE


def test_without_an_answer_not_done_is_the_last_word_only_after_a_minute(tmp_path: Path) -> None:
    silent = Result(outcome=Outcome.UNKNOWN, words="prod-us did not answer")
    not_done = Result(outcome=Outcome.FAILED, words="It was not done.")
    office = Office(tmp_path, Scripted(applies=silent, verifies=(not_done,)))

    async def script(at: Office) -> tuple[Outcome, Outcome]:
        await paused(at)
        await at.pass_time(40)
        early = at.fleet.actions["plan-1"].outcome
        await at.pass_time(60)
        return early, at.fleet.actions["plan-1"].outcome

    assert office.work(script) == (Outcome.UNKNOWN, Outcome.FAILED)


def test_who_sets_it_back_is_told_although_it_had_taken_effect(tmp_path: Path) -> None:
    reverted = Result(outcome=Outcome.FAILED, words="spec.suspend is false again, set by argocd.")
    office = Office(tmp_path, Scripted(verifies=(DONE, DONE, reverted)))

    async def script(at: Office) -> None:
        await paused(at)
        await at.pass_time(300)

    office.work(script)
    row = office.fleet.actions["plan-1"]
    assert (row.outcome, row.bad) == (Outcome.DONE, True)
    assert "argocd" in row.words
    assert "argocd" in Journal(tmp_path).entries()[0].words


def test_what_a_colleague_takes_back_with_this_program_is_told_and_nothing_to_look_into(tmp_path: Path) -> None:
    back = Result(outcome=Outcome.FAILED, words="spec.suspend was set to false by finops-tui at 14:08Z.")
    office = Office(tmp_path, Scripted(verifies=(DONE, DONE, back)))

    async def script(at: Office) -> None:
        await paused(at)
        await at.pass_time(300)

    office.work(script)
    row = office.fleet.actions["plan-1"]
    assert (row.outcome, row.bad) == (Outcome.DONE, False)
    assert "14:08Z" in row.words


def test_what_asks_somebodys_own_tool_is_not_asked_again_once_it_is_done(tmp_path: Path) -> None:
    action = Scripted(verifies=(WAITS, DONE))
    action.lasts = False
    office = Office(tmp_path, action)

    async def script(at: Office) -> None:
        await paused(at)
        await at.pass_time(600)

    office.work(script)
    assert [call for call in action.calls if call.startswith("verify")] == ["verify plan-1"] * 2


def test_a_bill_that_something_else_moved_more_is_not_this_changes_saving(tmp_path: Path) -> None:
    office = Office(tmp_path)

    async def script(at: Office) -> None:
        nine_nodes(at)
        at.see()
        await paused(at)
        at.pools = (pool(900.0),)
        await at.pass_time(3000)

    office.work(script)
    assert office.fleet.actions["plan-1"].saved_usd_per_hour is None


def test_dollars_are_measured_on_the_pools_it_ran_on(tmp_path: Path) -> None:
    office = Office(tmp_path)

    async def script(at: Office) -> None:
        nine_nodes(at)
        at.see()
        await paused(at)
        await at.pass_time(30)
        assert at.fleet.actions["plan-1"].saved_usd_per_hour is None, "pods are gone, their nodes are not"
        at.pools = (pool(14.0),)
        await at.pass_time(30)

    office.work(script)
    assert office.fleet.actions["plan-1"].saved_usd_per_hour == pytest.approx(406.0)


def test_a_promise_that_was_not_kept_is_measured_all_the_same(tmp_path: Path) -> None:
    office = Office(tmp_path)

    async def script(at: Office) -> None:
        nine_nodes(at)
        at.see()
        await paused(at)
        at.pools = (pool(400.0),)
        await at.pass_time(1500)

    office.work(script)
    assert office.fleet.actions["plan-1"].saved_usd_per_hour == pytest.approx(20.0)


@pytest.mark.parametrize("roll_back", [False, True])
def test_a_burn_that_begins_with_a_change_is_told_and_by_policy_answered(tmp_path: Path, *, roll_back: bool) -> None:
    office = Office(tmp_path, Scripted(verifies=(DONE,)), dataclasses.replace(OPEN, roll_back=roll_back))

    async def script(at: Office) -> None:
        nine_nodes(at)
        at.slos = (slo(0.4),)
        at.see()
        await paused(at)
        await at.pass_time(20)
        at.slos = (slo(18.0),)
        await at.pass_time(60)

    office.work(script)
    row = office.fleet.actions["plan-1"]
    undone = bool(row.undone_by)
    assert undone is roll_back
    if not roll_back:
        assert "chat availability burns 18.0 times as fast" in row.words
        assert row.bad


def test_a_burn_that_was_there_before_is_not_blamed_on_it(tmp_path: Path) -> None:
    office = Office(tmp_path, Scripted(verifies=(DONE,)), dataclasses.replace(OPEN, roll_back=True))

    async def script(at: Office) -> None:
        nine_nodes(at)
        at.slos = (slo(20.0),)
        at.see()
        await paused(at)
        await at.pass_time(60)

    office.work(script)
    assert not office.fleet.actions["plan-1"].bad


def test_a_key_that_one_may_not_use_names_the_verb_that_is_missing(tmp_path: Path) -> None:
    class Nothing:
        async def missing(self, cluster: str, permissions: object, now: object) -> tuple[object, ...]:  # noqa: ARG002
            return tuple(permissions)  # type: ignore[arg-type]  # an iterable of permissions

    office = Office(tmp_path, access=Nothing())
    found = office.work(lambda at: at.desk.missing(target()))
    assert {name: [str(each) for each in lacking] for name, lacking in found.items()} == {
        "pause": ["patch batch/jobs in ml"]
    }


def test_the_screen_asks_from_its_own_thread_and_nobody_answers_once_the_desk_is_gone(tmp_path: Path) -> None:
    office = Office(tmp_path)

    async def script(at: Office) -> Proposal:
        future = await asyncio.to_thread(at.feed.ask, lambda desk: desk.propose(PAUSE))
        assert future is not None
        return await asyncio.wrap_future(future)

    assert office.work(script).plans[0].title == "Pause retrain-v7"
    assert office.feed.ask(lambda desk: desk.propose(PAUSE)) is None


def test_the_journal_that_is_full_after_the_change_leaves_it_unknown_and_says_so(tmp_path: Path) -> None:
    office = Office(tmp_path)

    async def script(at: Office) -> None:
        def full(*_: object) -> None:
            raise ActionError("The journal cannot be written (No space left on device).")

        at.action.during_apply = lambda: setattr(at.desk._journal, "outcome", full)  # a disk fills up now
        await paused(at)

    office.work(script)
    row = office.fleet.actions["plan-1"]
    assert row.outcome is Outcome.UNKNOWN
    assert "No space left" in row.words
    assert TAKEN.words in row.words


def test_two_changes_of_one_pool_share_what_it_saves(tmp_path: Path) -> None:
    office = Office(
        tmp_path, Scripted(verifies=(DONE,)), dataclasses.replace(OPEN, typed_usd_per_hour=None, typed_gpus=None)
    )
    other = target(key="prod-us/Job/nlp-train/b", name="nlp-train/job/b", uid="u-2")

    async def script(at: Office) -> None:
        nine_nodes(at)
        twin = Workload(
            cluster="prod-us", kind="Job", namespace="nlp-train", name="b", uid="u-2",
            placements=(Placement("n0", 1, 8.0),),
        )  # fmt: skip
        at.tell(WorkloadsSeen(at=NOON, source="k8s", cluster="prod-us", workloads=(twin,)))
        at.pools = (pool(1000.0),)
        at.see()
        await paused(at, Request(action="pause", targets=(target(), other)))
        at.pools = (pool(176.0),)
        await at.pass_time(60)

    office.work(script)
    saved = [row.saved_usd_per_hour for row in office.fleet.actions.values()]
    assert saved == [pytest.approx(412.0), pytest.approx(412.0)]
    shared = "What is saved is shared out among 2 changes of its pools, by what each promised."
    assert all(shared in row.words for row in office.fleet.actions.values()), "that is an estimate, and says so"


def test_a_reduction_holds_no_more_than_may_still_be_confirmed(tmp_path: Path) -> None:
    office = Office(
        tmp_path, Scripted(), dataclasses.replace(OPEN, rate_actions=1, typed_usd_per_hour=None, typed_gpus=None)
    )

    async def script(at: Office) -> None:
        nine_nodes(at)
        at.see()
        await paused(at)
        assert at.desk._snapshot is not None
        dear = replace(at.desk._snapshot.headline.usd_per_hour, value=900.0)
        at.desk.see(replace(at.desk._snapshot, headline=replace(at.desk._snapshot.headline, usd_per_hour=dear)))
        with pytest.raises(ActionError, match="As many changes as the policy allows") as refused:
            await at.desk.propose(Reduce(usd_per_hour=100.0))
        assert refused.value.hint == "The next may be at 12:10Z."

    office.work(script)


def test_a_reduction_that_does_not_reach_what_was_asked_says_how_far_it_gets_and_why_no_further(
    tmp_path: Path,
) -> None:
    office = Office(tmp_path, Scripted(), dataclasses.replace(OPEN, typed_usd_per_hour=None, typed_gpus=None))

    async def script(at: Office) -> None:
        nine_nodes(at)
        at.see()
        assert at.desk._snapshot is not None
        spent = replace(at.desk._snapshot.headline.usd_per_hour, value=900.0)
        at.desk.see(replace(at.desk._snapshot, headline=replace(at.desk._snapshot.headline, usd_per_hour=spent)))
        some = await at.desk.propose(Reduce(usd_per_hour=700.0))
        assert some.short == ""
        assert some.saves_usd_per_hour == pytest.approx(420.0)
        far = await at.desk.propose(Reduce(usd_per_hour=100.0))
        assert far.short == (
            "It reaches ≈$480.0/h, not the $100.0/h asked; nothing else may be paused because nothing else spends."
        )

    office.work(script)


def test_a_record_that_was_changed_by_others_or_cannot_be_read_is_told_at_the_start(tmp_path: Path) -> None:
    office = Office(tmp_path / "state")

    async def script(office: Office) -> list[str]:
        await paused(office)
        await asyncio.sleep(1)
        return [seen.journal for seen in office.told if isinstance(seen, ArmingSeen)]

    assert set(office.work(script)) == {""}
    path = tmp_path / "state" / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b"INC-12", b"INC-13"))

    async def look(office: Office) -> str:
        await asyncio.sleep(1)
        return [seen.journal for seen in office.told if isinstance(seen, ArmingSeen)][-1]

    said = Office(tmp_path / "state").work(look)
    assert "line 1 is not as it was written. No line of it can be trusted." in said
    (tmp_path / "file").write_text("")
    assert Office(tmp_path / "file").work(look).startswith("The journal cannot be read (Not a directory).")


JOBS = tuple(
    target(key=f"prod-us/Job/nlp-train/{name}", name=f"nlp-train/job/{name}", uid=f"u-{name}") for name in "abc"
)
WIDE = dataclasses.replace(OPEN, typed_usd_per_hour=None, typed_gpus=None, typed_pods=None)


async def several_paused(at: Office) -> Carried:
    at.jobs = JOBS
    at.see()
    return await paused(at, Request(action="pause", targets=JOBS))


def test_what_one_key_confirmed_is_taken_back_and_done_again_by_one_key_with_a_word_on_each(tmp_path: Path) -> None:
    office = Office(tmp_path, Scripted(verifies=(DONE,)), WIDE)

    async def script(at: Office) -> None:
        keys = [entry.id for entry in (await several_paused(at)).entries]
        rows = [at.fleet.actions[key] for key in keys]
        assert [row.bulk for row in rows] == [keys[0]] * 3
        alone = (await paused(at, dataclasses.replace(PAUSE, targets=(target(),)))).entries[0]
        assert at.fleet.actions[alone.id].bulk == ""
        back = await at.desk.propose(UndoAll(entries=tuple(keys)))
        assert [each.plan.target.key for each in back.planned] == [each.key for each in JOBS]
        assert [each.judgement.decision for each in back.planned] == [Decision.CONFIRM] * 3
        done = await at.desk.confirm(back, YES)
        assert [entry.undoes for entry in done.entries] == keys
        assert not any(at.fleet.actions[key].undoable for key in keys)
        assert at.fleet.actions[alone.id].undoable
        again = await at.desk.propose(Redo(entry=done.entries[-1].id))
        assert [plan.target.key for plan in again.plans] == [each.key for each in JOBS]

    office.work(script)


def test_of_several_that_are_taken_back_what_cannot_be_is_told_and_the_rest_is_planned(tmp_path: Path) -> None:
    office = Office(tmp_path, Scripted(verifies=(DONE,)), WIDE)

    async def script(at: Office) -> None:
        keys = [entry.id for entry in (await several_paused(at)).entries]
        await at.desk.confirm(await at.desk.propose(Undo(entry=keys[1])), YES)
        back = await at.desk.propose(UndoAll(entries=tuple(keys)))
        assert [each.plan.target.name for each in back.planned] == [JOBS[0].name, JOBS[2].name]
        (left,) = back.unplanned
        assert (left.target.name, left.trouble.title) == (JOBS[1].name, "Pause b: undone.")

    office.work(script)


def test_a_bulk_is_known_again_by_whoever_starts_next(tmp_path: Path) -> None:
    Office(tmp_path, Scripted(verifies=(DONE,)), WIDE).work(several_paused)
    later = Office(tmp_path, Scripted(verifies=(DONE,)), WIDE)

    async def look(_: Office) -> None:
        await asyncio.sleep(1)

    later.work(look)
    assert len({row.bulk for row in later.fleet.actions.values()}) == 1
    assert len(later.fleet.actions) == 3


@pytest.mark.parametrize("go_on", [False, True])
def test_a_reduction_of_which_one_move_fails_stops_there_unless_one_wants_to_go_on(
    tmp_path: Path, *, go_on: bool
) -> None:
    action = Scripted(verifies=(DONE,))
    refused = Result(outcome=Outcome.FAILED, words="prod-us refused it: 422 no.")

    def second_is_refused() -> None:
        action.applies = refused if len(action.calls) == 2 else TAKEN

    action.during_apply = second_is_refused
    office = Office(tmp_path, action, WIDE)

    async def script(at: Office) -> None:
        names = [f"n{number}" for number in range(3)]
        nodes = tuple(Node(cluster="prod-us", name=name, uid=name, pool="h100", gpus=8) for name in names)
        jobs = tuple(
            Workload(
                cluster="prod-us", kind="Job", namespace="nlp-train", name=job.key[-1], uid=job.uid,
                placements=(Placement(name, 1, 8.0),),
            )
            for job, name in zip(JOBS, names, strict=True)
        )  # fmt: skip
        at.tell(NodesSeen(at=NOON, source="k8s", cluster="prod-us", nodes=nodes, complete=True))
        at.tell(WorkloadsSeen(at=NOON, source="k8s", cluster="prod-us", workloads=jobs, complete=True))
        at.pools, at.jobs = (replace(pool(300.0), nodes=3),), JOBS
        at.see()
        assert at.desk._snapshot is not None
        spent = replace(at.desk._snapshot.headline.usd_per_hour, value=300.0)
        at.desk.see(replace(at.desk._snapshot, headline=replace(at.desk._snapshot.headline, usd_per_hour=spent)))
        proposal = await at.desk.propose(Reduce(usd_per_hour=50.0))
        assert len(proposal.plans) == 3
        carried = await at.desk.confirm(proposal, Answer(typed=proposal.type_name, go_on=go_on))
        outcomes = [entry.outcome for entry in carried.entries]
        if go_on:
            assert outcomes == [Outcome.APPLIED, Outcome.FAILED, Outcome.APPLIED]
            assert carried.left == ()
        else:
            assert outcomes == [Outcome.APPLIED, Outcome.FAILED]
            assert [plan.target.key for plan in carried.left] == [proposal.plans[2].target.key]
        assert at.fleet.actions[carried.entries[1].id].undoable is False

    office.work(script)
