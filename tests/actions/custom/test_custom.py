"""Actions of one's own: what fills them, what they run, and what that means."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.actions.custom.action import CustomAction
from finops_tui.actions.custom.filled import filled, shown
from finops_tui.actions.custom.running import run
from finops_tui.actions.custom.spec import Call, Command, CustomSpec, Input, Step, values
from finops_tui.actions.planning import Hands
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome, Plan, TargetKind
from tests.actions.make import fleet, node, snapshot, target, workload
from tests.samples import NOON
from tests.servers.scripted import Reply, scripted

OF = target("Notebook", "lab", "ana-gpu")
URL = "https://platform.example.com/park"


def custom(do: Step, **given: Any) -> CustomAction:
    fields: dict[str, Any] = {"id": "park", "title": "Park", "applies_to": frozenset({TargetKind.WORKLOAD}), "do": do}
    return CustomAction(
        CustomSpec(**(fields | given)), Hands(client=lambda _: pytest.fail("no cluster is asked"), by="ana")
    )


async def planned(action: CustomAction, **parameters: str) -> Plan:
    known = fleet([node("n1")], [workload("Notebook", "lab", "ana-gpu", ["n1"])])
    return await action.plan(OF, parameters, snapshot(known), known, NOON)


def python(code: str, *arguments: str) -> Command:
    return Command(arguments=(sys.executable, "-c", code, *arguments))


async def test_a_command_gets_its_placeholders_as_whole_arguments_and_succeeds(tmp_path: Path) -> None:
    out = tmp_path / "out"
    code = "import sys, json, pathlib; pathlib.Path(sys.argv[1]).write_text(json.dumps(sys.argv[2:])); print('parked')"
    action = custom(
        python(code, str(out), "{cluster}", "{namespace}/{name}", "--grace={grace}"),
        inputs={"grace": Input(whole_number=True, least=0, most=60, default="30")},
    )
    plan = await planned(action, grace="5")
    assert "prod lab/ana-gpu --grace=5" in plan.changes[0].after
    result = await action.apply(plan)
    assert (result.outcome, result.words) == (Outcome.APPLIED, "It ended with status 0: parked")
    assert json.loads(out.read_text()) == ["prod", "lab/ana-gpu", "--grace=5"]


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40))
def test_whatever_fills_it_a_placeholder_is_one_argument_one_path_segment_and_one_json_string(name: str) -> None:
    known = {"name": name}
    command = filled(Command(arguments=("tool", "{name}")), known)
    assert isinstance(command, Command)
    assert command.arguments == ("tool", name)
    call = filled(Call(method="POST", url=f"{URL}/{{name}}", body='{"n": "{name}"}'), known)
    assert isinstance(call, Call)
    assert json.loads(call.body) == {"n": name}
    assert call.url.count("/") == URL.count("/") + 1


async def test_in_a_shell_line_what_fills_it_is_quoted(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    line = Command(arguments=("printf %s {name}",), shell=True)
    step = filled(line, {"name": f"x; touch {marker} $(touch {marker})"})
    ran = await run(step, 10)
    assert ran.ok
    assert not marker.exists()
    assert str(marker) in ran.words


@pytest.mark.parametrize(
    ("given", "trouble"), [({}, "is missing"), ({"grace": "x"}, "whole number"), ({"grace": "99"}, "from 0 to 60")]
)
def test_an_input_that_is_wrong_is_told_before_anything_runs(given: dict[str, str], trouble: str) -> None:
    spec = CustomSpec(
        id="park", title="Park", applies_to=frozenset({TargetKind.WORKLOAD}), do=Command(arguments=("true",)),
        inputs={"grace": Input(whole_number=True, least=0, most=60)},
    )  # fmt: skip
    with pytest.raises(ActionError) as error:
        values(spec, OF, given)
    assert trouble in str(error.value)


async def test_a_text_that_is_not_like_its_pattern_is_refused() -> None:
    action = custom(Command(arguments=("true", "{why}")), inputs={"why": Input(pattern="INC-[0-9]+")})
    with pytest.raises(ActionError, match="why is"):
        await planned(action, why="--force")


async def test_a_program_that_is_not_there_and_one_that_fails_have_failed() -> None:
    for step, words in (
        (Command(arguments=("/nowhere/tool",)), "Nothing was started"),
        (python("raise SystemExit(3)"), "3"),
    ):
        action = custom(step)
        result = await action.apply(await planned(action))
        assert result.outcome is Outcome.FAILED
        assert words in result.words


async def test_what_does_not_end_in_time_is_killed_with_its_children_and_unknown(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    line = Command(arguments=(f"(sleep 1; touch {marker}) & sleep 30",), shell=True)
    action = custom(line, timeout_seconds=0.2)
    result = await action.apply(await planned(action))
    assert result.outcome is Outcome.UNKNOWN
    assert "killed" in result.words
    await run(python("import time; time.sleep(1.2)"), 10)
    assert not marker.exists()


async def test_a_command_does_not_get_the_secrets_of_this_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLATFORM_TOKEN", "hush")
    ran = await run(python("import os; print(os.environ.get('PLATFORM_TOKEN'), bool(os.environ['PATH']))"), 10)
    assert ran.words.endswith("None True")


async def test_hostile_output_is_one_harmless_line() -> None:
    ran = await run(python(r"print('a\x1b[31mb\nlast\x07 line')"), 10)
    assert ran.words == "It ended with status 0: last line"


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(202, b"queued"), Outcome.APPLIED),
        (Reply(403, b"no"), Outcome.FAILED),
        (Reply(302, headers={"Location": "https://elsewhere.example"}), Outcome.FAILED),
        (Reply(502), Outcome.UNKNOWN),
        (Reply(200, delay_seconds=2.0), Outcome.UNKNOWN),
    ],
)
async def test_what_an_answer_means(reply: Reply, outcome: Outcome) -> None:
    with scripted(lambda _: reply) as server:
        call = Call(method="POST", url=f"{server.url}/park/{{name}}", headers={"Authorization": "Bearer hush"})
        action = custom(call, timeout_seconds=0.5)
        plan = await planned(action)
        result = await action.apply(plan)
    assert result.outcome is outcome
    assert [(seen.path, seen.headers["Authorization"]) for seen in server.requests] == [
        ("/park/ana-gpu", "Bearer hush")
    ]
    assert "hush" not in repr(plan) + result.words


async def test_without_a_connection_nothing_was_sent() -> None:
    with scripted(lambda _: Reply()) as server:
        gone = server.url
    action = custom(Call(method="POST", url=gone))
    result = await action.apply(await planned(action))
    assert result.outcome is Outcome.FAILED
    assert "Nothing was sent" in result.words


async def test_undo_runs_the_way_back_with_the_same_values_and_without_one_it_says_so(tmp_path: Path) -> None:
    out = tmp_path / "out"
    code = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(sys.argv[2])"
    action = custom(
        Command(arguments=("true", "{grace}")), undo=python(code, str(out), "{name} {grace}"), inputs={"grace": Input()}
    )
    done = await planned(action, grace="7")
    assert done.reversible
    back = await action.undo_plan(done, snapshot(fleet()), fleet(), NOON)
    await action.apply(back)
    assert out.read_text() == "ana-gpu 7"
    one_way = custom(Command(arguments=("true",)))
    plan = await planned(one_way)
    assert not plan.reversible
    with pytest.raises(ActionError, match="cannot be undone"):
        await one_way.undo_plan(plan, snapshot(fleet()), fleet(), NOON)


async def test_verify_asks_its_step_and_after_a_way_back_expects_the_opposite() -> None:
    there, not_there = Command(arguments=("true",)), Command(arguments=("false",))
    for step, after_do, after_undo in (
        (there, Outcome.DONE, Outcome.APPLIED),
        (not_there, Outcome.APPLIED, Outcome.DONE),
    ):
        action = custom(Command(arguments=("true",)), undo=Command(arguments=("true",)), verify=step)
        plan = await planned(action)
        back = await action.undo_plan(plan, snapshot(fleet()), fleet(), NOON)
        assert (await action.verify(plan)).outcome is after_do
        assert (await action.verify(back)).outcome is after_undo


async def test_the_trial_is_the_verdict_of_the_plan() -> None:
    for step, verdict in ((Command(arguments=("true",)), "accepted"), (Command(arguments=("false",)), "refused")):
        plan = await planned(custom(Command(arguments=("true",)), trial=step))
        assert plan.dry_run.startswith(verdict)


def test_a_step_is_shown_in_one_line_without_headers() -> None:
    call = Call(method="POST", url=URL, headers={"Authorization": "hush"}, body='{"a": 1}')
    assert shown(call) == f'POST {URL} {{"a": 1}}'
    assert shown(Command(arguments=("tool", "two words"))) == "tool 'two words'"
