"""The incident screen: one finding, followed from snapshot to snapshot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from finops_tui.engine.proposal import Request
from finops_tui.errors import ActionError
from finops_tui.model.finding import Evidence, Finding, FindingState, Severity
from finops_tui.model.plan import Risk
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.ui.screens.incident import IncidentScreen
from finops_tui.ui.screens.row_pages import DetailsPage, ExplainPage, RowPage
from finops_tui.ui.screens.timeline import TimelineScreen
from tests.ui.deeds import HELPED, REMEDIES
from tests.ui.desk import ARMED, RETRAIN_TARGET, DeskDouble, at_the_desk
from tests.ui.samples import (
    A100_SPOT,
    FINDINGS,
    HOSTILE_TEXTS,
    INCIDENT,
    NOW,
    RESOLVED,
    RETRAIN,
    STALE,
    finding,
    hostile,
    triaged,
)
from tests.ui.screen import Screen, shown
from tests.ui.widgets.harness import painted

SIZES = [(40, 10), (60, 15), (70, 20), (80, 24), (100, 28), (120, 33), (120, 40), (160, 50), (200, 60), (300, 80)]
BURN = replace(
    finding(
        "chat-api ttft p95",
        Severity.PAGE,
        "chat",
        None,
        None,
        600,
        kind="burn",
        scope=Scope(ScopeKind.WORKLOAD, "prod-us/deploy/chat/chat-api-70b"),
        why="15.1× for an hour and 16.2× for five minutes.",
        related=("prod-us/chat-api ttft p95",),
    ),
    minutes=(),
    minutes_normal=(),
)
WHOLE = finding("everything", Severity.TICKET, "", 1_284.0, 812.0, 840, scope=TOTAL, cluster="", why="More of all.")


def with_findings(*findings: Finding, resolved: tuple[Finding, ...] = ()) -> Snapshot:
    return replace(INCIDENT, findings=findings, resolved=resolved)


@asynccontextmanager
async def incident(
    about: Finding = RETRAIN,
    snapshot: Snapshot | None = INCIDENT,
    size: tuple[int, int] = (120, 40),
    *,
    desk: DeskDouble | None = None,
    **settings: Any,
) -> AsyncIterator[Screen]:
    """Open the page; `desk` answers what it asks as soon as it stands."""
    async with shown(snapshot, size, **settings) as screen:
        if desk is not None:
            at_the_desk(screen, desk)
        opened = IncidentScreen(screen.app.settings, about.key)
        opened.snapshot = snapshot
        await screen.app.push_screen(opened)
        await screen.pilot.pause()
        yield screen


def page(screen: Screen) -> IncidentScreen:
    assert isinstance(screen.app.screen, IncidentScreen)
    return screen.app.screen


def cursor(screen: Screen) -> str:
    return page(screen)._sheet.cursor


# What it says


async def test_an_incident() -> None:
    async with incident() as screen:
        assert "≈$1,284/h" in screen.lines[2]
        assert screen.lines[4].startswith(" ▲ PAGE   nlp-train/job/retrain-v7 prod-us   owner nlp")
        assert "open 14m since 13:48Z   not acknowledged" in screen.lines[4]
        assert (
            "≈$412.0/h   normal $38.0   +$374.0/h   burned $87.3   if nothing changes $8,976 a day" in screen.lines[5]
        )
        assert "Why  10.8× normal for a Friday 14:00Z" in screen.lines[6]
        assert "── 1 Cost against normal  $/h, 11:03Z to now ──" in screen.lines[8]
        assert screen.lines[18].endswith(" now")
        assert "━━ 2 What changed  ranked ━━" in screen.lines[20]
        assert "── 3 Contributors  what it runs on ──" in screen.lines[20]
        assert "▌ C 13:47:00Z workers 1→9  argocd, mei" in screen.lines[22]
        assert "same job, 40 s before the onset, asks for 64 GPUs" in screen.lines[25]
        assert "5 SLOs near it  1 named by the finding" in screen.text
        assert "batch deadline" in screen.text
        assert "more lines below" not in screen.text


async def test_the_letters_of_the_changes_stand_below_the_chart() -> None:
    async with incident() as screen:
        axis = screen.lines[18]
        assert axis.index("A") < axis.index("B") < axis.index("C")
        assert screen.lines[9][axis.index("C")] == "┊"


async def test_the_detail_is_that_of_the_change_under_the_cursor() -> None:
    async with incident() as screen:
        await screen.press("j")
        assert "B same job, 21 min before the onset" in screen.text
        assert "asks for 64 GPUs" not in screen.text


async def test_a_wider_scope_lists_the_workloads_that_add_most() -> None:
    async with incident(WHOLE, with_findings(WHOLE)) as screen:
        assert "3 Contributors  4 of 8 workloads by Δ$/h" in screen.text
        rows = [line for line in screen.lines if "+374.0" in line or "+19.0" in line]
        assert ["retrain-v7" in rows[0], "rerank-eu" in rows[1]] == [True, True]
        assert "No change is known that fits what began at 13:48Z." in screen.text


async def test_pods_that_wait_are_counted() -> None:
    waiting = tuple(replace(row, pods_pending=3) for row in INCIDENT.spend[ScopeKind.WORKLOAD])
    async with incident(RETRAIN, replace(INCIDENT, spend={ScopeKind.WORKLOAD: waiting})) as screen:
        assert "3 pods of it waiting for a node." in screen.text


async def test_a_pool_says_what_runs_on_it_is_not_known() -> None:
    async with incident(A100_SPOT) as screen:
        assert "a100-spot" in screen.text
        assert "Which workloads run on it is not reported." in screen.text


async def test_an_objective_shows_its_burn_and_never_an_empty_chart() -> None:
    async with incident(BURN, with_findings(BURN)) as screen:
        assert "── 1 Error budget burn  14.4× pages, 6× is a ticket" in screen.text
        assert "1h     2.4×   ━━━━━──" in screen.text
        assert "It is about an SLO, not about dollars. What serves it costs an amount that is not known." in screen.text
        assert "target 99.0%   48% of the error budget left" in screen.text
        assert "Cost against normal" not in screen.text


async def test_an_objective_with_a_cost_shows_what_serves_it() -> None:
    costs = replace(BURN, minutes=(181.0,) * 180, minutes_normal=(186.0,) * 180)
    async with incident(costs, with_findings(costs)) as screen:
        assert "── 1 What serves it costs  $/h, 11:03Z to now" in screen.text


async def test_without_minutes_the_chart_says_why_in_words() -> None:
    new = replace(RETRAIN, minutes=(), minutes_normal=())
    async with incident(new, with_findings(new)) as screen:
        assert "Its cost has not been seen yet." in screen.text


async def test_without_normal_the_chart_says_so() -> None:
    learning = replace(RETRAIN, minutes_normal=(None,) * 180, normal_usd_per_hour=None, excess_usd_per_hour=None)
    async with incident(learning, with_findings(learning)) as screen:
        assert "normal is not known yet" in screen.lines[5]
        assert "$/h, 11:03Z to now · normal is not known yet" in screen.lines[8]


async def test_evidence_is_wrapped_and_its_label_stands_once() -> None:
    long = replace(RETRAIN, evidence=(Evidence(label="Checkpoint", words="written at 13:58Z " * 20),))
    async with incident(long, with_findings(long), size=(120, 60)) as screen:
        assert screen.text.count("Checkpoint ") == 1
        assert " ".join(screen.text.split()).count("written at 13:58Z") == 20


async def test_nothing_is_a_hole() -> None:
    bare = replace(RETRAIN, evidence=(), causes=(), related=(), why="", minutes=(), minutes_normal=())
    async with incident(bare, replace(with_findings(bare), spend={}, pools=(), slos=())) as screen:
        for words in (
            "Why  –",
            "Its cost has not been seen yet.",
            "No change is known that fits",
            "It spends nothing now: no pod of it is known.",
            "Nothing was seen but the figures above.",
            "No SLO is known to be served by it",
        ):
            assert words in screen.text
        assert cursor(screen) == ""


async def test_what_is_planned_and_who_acknowledged_it() -> None:
    known = replace(triaged(RETRAIN, FindingState.ACKNOWLEDGED), planned="quarterly retraining until 18:00Z")
    async with incident(known, with_findings(known)) as screen:
        assert "acknowledged by ana 14:01Z (investigating)" in screen.text
        assert "Planned: quarterly retraining until 18:00Z" in screen.text


async def test_old_figures_say_so() -> None:
    async with incident(RETRAIN, STALE) as screen:
        assert "~ ≈$412.0/h  6m old" in screen.lines[5]
        assert "11:03Z to 13:56Z" in screen.lines[8]
        assert "Prometheus prod-us has not answered" in screen.lines[1]


async def test_before_the_first_snapshot_it_waits() -> None:
    async with incident(RETRAIN, None) as screen:
        assert "Waiting for the first answer from prometheus prod-us" in screen.text
        await screen.publish(INCIDENT)
        assert "▲ PAGE" in screen.text


# What it follows


async def test_it_follows_the_finding() -> None:
    async with incident() as screen:
        more = replace(RETRAIN, usd_per_hour=480.0, excess_usd_per_hour=442.0, minutes=(*RETRAIN.minutes[1:], 480.0))
        await screen.publish(with_findings(more))
        assert "≈$480.0/h" in screen.lines[5]


async def test_when_it_is_over_it_says_so_and_stays_readable() -> None:
    async with incident() as screen:
        over = replace(RETRAIN, state=FindingState.RESOLVED, resolved_at=NOW, burned_usd=92.0)
        await screen.publish(with_findings(resolved=(over,)))
        assert "✓ OVER" in screen.lines[4]
        assert "✓ Over since 14:02Z. It lasted 14m and burned $92.0." in screen.text
        assert "Cost against normal" in screen.text


async def test_one_that_ended_earlier_can_be_looked_at() -> None:
    async with incident(RESOLVED) as screen:
        assert "✓ Over since 09:41Z. It lasted 1h24m and burned $12.4." in screen.text


async def test_when_it_is_no_longer_listed_it_says_so_and_keeps_its_figures() -> None:
    async with incident() as screen:
        await screen.publish(replace(with_findings(), at=NOW + timedelta(seconds=39)))
        words = "No longer listed since 14:03:10Z. These are its figures of 14:02:31Z."
        assert words in screen.text
        await screen.publish(replace(with_findings(), at=NOW + timedelta(seconds=99)))
        assert words in screen.text
        assert "≈$412.0/h" in screen.text
        await screen.publish(INCIDENT)
        assert "No longer listed" not in screen.text


async def test_one_that_was_never_there() -> None:
    async with incident(replace(RETRAIN, key="spend/team/nobody")) as screen:
        assert "It is no longer listed (spend/team/nobody). esc goes back." in screen.text


async def test_a_tick_paints_only_what_changed() -> None:
    moment = NOW
    async with incident(now=lambda: moment) as screen:
        sheet = page(screen)._sheet
        moment = NOW + timedelta(seconds=1)
        screen.app.paint()
        assert painted(sheet) == []
        moment = NOW + timedelta(seconds=60)
        screen.app.paint()
        assert [y for y, _, _ in painted(sheet)] == [0], "its age stands in the first sentence"


async def test_the_cursor_stays_on_its_change_when_the_ranks_change() -> None:
    async with incident() as screen:
        await screen.press("j")
        turned = replace(RETRAIN, causes=(RETRAIN.causes[2], RETRAIN.causes[0], RETRAIN.causes[1]))
        await screen.publish(with_findings(turned, *FINDINGS[1:]))
        assert cursor(screen) == "cause/change-2"
        assert "▌ B" in screen.text


# Keys


@pytest.mark.parametrize(
    ("key", "part"),
    [
        ("2", "━━ 2 What changed"),
        ("3", "━━ 3 Contributors"),
        ("5", "━━ 5 SLOs near it"),
    ],
)
async def test_a_number_goes_to_its_part(key: str, part: str) -> None:
    async with incident(size=(80, 24)) as screen:
        await screen.press(key)
        assert part in screen.text


@pytest.mark.parametrize(("key", "part"), [("1", "1 Cost against normal"), ("4", "4 Remedies"), ("6", "6 Evidence")])
async def test_a_part_without_a_list_is_shown_too(key: str, part: str) -> None:
    async with incident(size=(60, 15)) as screen:
        await screen.press("G", key)
        assert part in screen.text


async def test_tab_goes_from_list_to_list() -> None:
    async with incident() as screen:
        seen = []
        for key in ("tab", "tab", "tab", "shift+tab"):
            await screen.press(key)
            seen.append(cursor(screen).partition("/")[0])
        assert seen == ["spend:prod-us", "slo:prod-us", "cause", "slo:prod-us"]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (("3",), "nlp-train/job/retrain-v7"),
        (("3", "j"), "h100-train"),
        (("5",), "batch deadline"),
    ],
)
async def test_enter_opens_the_details(keys: tuple[str, ...], words: str) -> None:
    async with incident() as screen:
        await screen.press(*keys, "enter")
        assert type(screen.app.screen) is DetailsPage
        assert words in screen.lines[2]
        await screen.press("escape")
        assert page(screen).finding_key == RETRAIN.key


async def test_enter_on_a_change_opens_it_where_it_is_reported() -> None:
    reported = replace(INCIDENT.activity[1], key="change/change-3")
    async with incident(RETRAIN, replace(INCIDENT, activity=(reported,))) as screen:
        await screen.press("j", "enter")
        assert isinstance(screen.app.screen, IncidentScreen), "that change is not in the activity"
        await screen.press("k", "enter")
        assert reported.what in screen.lines[2]


async def test_the_timeline_opens_for_this_finding() -> None:
    async with incident() as screen:
        await screen.press("T")
        assert isinstance(screen.app.screen, TimelineScreen)
        assert "Timeline  13:18Z to now, 44m · nlp-train/job/retrain-v7" in screen.text


@pytest.mark.parametrize(
    ("key", "kind", "words"), [("X", ExplainPage, "How the figures of"), ("d", DetailsPage, "Why")]
)
async def test_the_pages_of_the_finding_open_here(key: str, kind: type[RowPage], words: str) -> None:
    async with incident() as screen:
        assert "X why" in screen.lines[39]
        await screen.press(key)
        assert type(screen.app.screen) is kind
        assert words in screen.text
        assert "nlp-train/job/retrain-v7" in screen.lines[2]
        await screen.press("escape")
        assert page(screen).finding_key == RETRAIN.key


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("", "How the figures of nlp-train/job/retrain-v7 came to be"),
        ("2", "workers 1→9 · fit 0.96"),
        ("3", "Price per hour of each node, divided by its GPUs"),
        ("5", "Share of bad events in the window, divided by the error budget"),
        (
            "4",
            "What the nodes that it leaves empty cost, each at the mean of its pool. Once 9 h100-train nodes are gone",
        ),
    ],
)
async def test_every_figure_is_explained_by_the_key_for_it(keys: str, words: str) -> None:
    async with incident(HELPED, helped(), size=(200, 80)) as screen:
        await screen.press(*keys, "X")
        assert isinstance(screen.app.screen, ExplainPage)
        assert words in screen.text


async def test_a_page_of_explanations_names_every_figure_of_the_finding() -> None:
    async with incident(HELPED, helped(), size=(200, 80)) as screen:
        await screen.press("X")
        for words in (
            "$/h  ", "Normal  ", "Δ$/h  ", "Burned  ", "A day  ", "Chart  ", "Likely cause  ",
            "pause the job · saves ≈$412.0/h", "Loses 7m of training.", "SLO risk none.",
            "Set back by argocd: the next sync of Argo CD app nlp-train.", "cordon h100-3 · saves nothing",
            "It is not offered: a job keeps no earlier revision",
        ):  # fmt: skip
            assert " ".join(words.split()) in " ".join(screen.text.split())


async def test_what_is_not_there_has_no_pages() -> None:
    async with incident(RETRAIN, with_findings()) as screen:
        page(screen)._finding = None
        await screen.press("X", "d")
        assert isinstance(screen.app.screen, IncidentScreen)


async def test_it_can_be_acknowledged_here() -> None:
    async with incident() as screen:
        assert "a ack" in screen.lines[39]
        await screen.press("a")
        assert "retrain-v7" in screen.text
        await screen.press("escape")
        assert page(screen).finding_key == RETRAIN.key


async def test_what_is_over_or_gone_cannot_be_acknowledged() -> None:
    async with incident(RESOLVED) as screen:
        assert "a ack" not in screen.lines[39]
    async with incident() as screen:
        await screen.publish(replace(with_findings(), at=NOW + timedelta(seconds=39)))
        assert "a ack" not in screen.lines[39]
        assert page(screen).chosen_findings() == ()


async def test_the_runbook_is_copied() -> None:
    async with incident() as screen:
        await screen.press("o")
        assert screen.app.clipboard == RETRAIN.runbook


async def test_escape_goes_back() -> None:
    async with incident() as screen:
        await screen.press("escape")
        assert screen.app.screen is screen.app.main


async def test_it_is_copied_as_text() -> None:
    async with incident(size=(60, 15)) as screen:
        await screen.press("c")
        text = screen.app.clipboard
        assert text.startswith("▲ PAGE   nlp-train/job/retrain-v7 prod-us")
        for words in ("1 Cost against normal", "workers 1→9", "h100-train", "batch deadline"):
            assert words in text
        assert "▌" not in text


# Remedies


def helped(*more: Finding) -> Snapshot:
    return replace(with_findings(HELPED, *more), armed=ARMED)


async def test_remedies_stand_best_first_with_their_keys() -> None:
    async with incident(HELPED, helped()) as screen:
        assert "4 Remedies  milder first, then $/h saved" in screen.text
        rows = [line for line in screen.lines if "saves" not in line]
        pause, scale, cordon, refused = (
            next(line for line in rows if words in line)
            for words in ("pause the job", "scale workers 9→1", "cordon h100-3", "roll back the last rollout")
        )
        assert pause.split() == [
            "p",
            "pause",
            "the",
            "job",
            "412.0",
            "14:09Z",
            "✓",
            "none",
            "7m",
            "of",
            "training",
            "●",
            "argocd",
            "yes",
        ]
        assert scale.split()[0] == "s"
        assert cordon.split()[0] == "C"
        assert refused.split()[0] == "–"
        at = screen.lines.index(refused)
        assert screen.lines[at + 1].strip() == "refused: a job keeps no earlier revision"


@pytest.mark.parametrize(
    ("risk", "slos", "words"),
    [
        (Risk.NONE, (), "unchanged"),
        (Risk.LOW, ("prod-us/batch deadline",), "low risk"),
        (Risk.HIGH, ("prod-us/batch deadline",), "high risk"),
        (Risk.HIGH, ("prod-us/another",), "unchanged"),
        (Risk.UNKNOWN, (), "not known"),
    ],
)
async def test_what_the_best_move_does_to_each_slo_stands_beside_it(
    risk: Risk, slos: tuple[str, ...], words: str
) -> None:
    about = replace(HELPED, remedies=(replace(REMEDIES[0], slo_risk=risk, slos=slos),))
    async with incident(about, replace(with_findings(about), armed=ARMED)) as screen:
        assert "IF YOU PAUSE" in screen.text
        assert row_of(screen, "batch deadline").rstrip().endswith(words)


async def test_without_a_move_nothing_is_said_of_what_it_would_do_to_an_slo() -> None:
    async with incident() as screen:
        assert "IF YOU" not in screen.text


async def test_without_a_known_move_it_says_so() -> None:
    async with incident() as screen:
        assert "No move is known that would help." in screen.text


async def test_the_keys_act_on_the_remedy_under_the_cursor() -> None:
    desk = DeskDouble()
    async with incident(HELPED, helped(), desk=desk) as screen:
        await screen.press("4", "down", "s")
        assert asked_for(desk) == [("scale", "prod-us/job/nlp-train/retrain-v7", {"replicas": "1"})], (
            "it is not asked how many"
        )
        await screen.press("escape", "down", "enter")
        assert asked_for(desk)[1:] == [("cordon", "prod-us/h100-3", {})]
        await screen.press("escape", "down", "enter")
        assert len(asked_for(desk)) == 2, "what is refused is not planned"


def asked_for(desk: DeskDouble) -> list[tuple[str, str, dict[str, str]]]:
    """Return what was asked of a desk besides the plan of the best move, which the screen asks for by itself."""
    wishes = [wish for wish in desk.wishes if isinstance(wish, Request) and wish.action != "pause"]
    return [(wish.action, wish.targets[0].key, dict(wish.parameters)) for wish in wishes]


UNKNOWN_YET = replace(
    HELPED, remedies=tuple(replace(one, saves_at=None, reverts=(), loses="") for one in HELPED.remedies)
)
"""As the engine foresees moves: without what only the systems know."""


async def test_when_the_best_move_saves_and_who_reverts_it_is_asked_of_the_systems_once() -> None:
    state = replace(with_findings(UNKNOWN_YET), armed=ARMED)
    desk = DeskDouble()
    async with incident(UNKNOWN_YET, state, desk=desk) as screen:
        assert row_of(screen, "pause the job").split()[4:] == ["412.0", "–", "✓", "none", "–", "–", "yes"]
        for _ in range(3):
            page(screen).tick(state, NOW)
            await screen.pilot.pause()
        assert [type(wish) for wish in desk.wishes] == [Request]
        told = row_of(screen, "pause the job")
        assert told.split()[4:8] == ["412.0", "14:09Z", "✓", "none"]
        assert "7m of training since" in told
        assert "● argocd" in told
        assert row_of(screen, "scale workers 9→1").split()[5] == "–", "only the best one is asked about"
        assert desk.confirmed == []


async def test_a_best_move_that_cannot_be_planned_says_why_and_the_next_is_asked_about() -> None:
    state = replace(with_findings(UNKNOWN_YET), armed=ARMED)
    desk = DeskDouble()
    async with incident(UNKNOWN_YET, state, desk=desk) as screen:
        desk.unplanned = {RETRAIN_TARGET.key: ActionError("job/retrain-v7 is paused already")}
        for _ in range(4):
            page(screen).tick(state, NOW)
            await screen.pilot.pause()
        assert [wish.action for wish in desk.wishes if isinstance(wish, Request)] == ["pause", "scale", "cordon"]
        at = screen.lines.index(row_of(screen, "pause the job"))
        assert screen.lines[at + 1].strip() == "refused: job/retrain-v7 is paused already"


async def test_where_the_systems_do_not_answer_a_move_stays_as_it_was_foreseen() -> None:
    state = replace(with_findings(UNKNOWN_YET), armed=ARMED)
    desk = DeskDouble()
    desk.trouble = ActionError("prod-us does not answer")
    async with incident(UNKNOWN_YET, state, desk=desk) as screen:
        before = row_of(screen, "pause the job")
        for _ in range(3):
            page(screen).tick(state, NOW)
            await screen.pilot.pause()
        assert len(desk.wishes) == 1
        assert row_of(screen, "pause the job") == before


async def test_where_nothing_can_be_changed_nothing_is_asked() -> None:
    desk = DeskDouble()
    async with incident(UNKNOWN_YET, with_findings(UNKNOWN_YET), desk=desk) as screen:
        page(screen).tick(with_findings(UNKNOWN_YET), NOW)
        await screen.pilot.pause()
        assert desk.wishes == []


def row_of(screen: Screen, words: str) -> str:
    return next(line for line in screen.lines if words in line and "saves" not in line)


async def test_the_footer_offers_the_move_under_the_cursor_first() -> None:
    async with incident(HELPED, helped()) as screen:
        at_the_desk(screen, DeskDouble())
        await screen.press("4", "down")
        assert screen.lines[-1].startswith(" s scale   p pause")
        await screen.press("down")
        assert screen.lines[-1].startswith(" C cordon   p pause")


async def test_the_keys_act_on_the_finding_or_on_the_contributor_under_the_cursor() -> None:
    desk = DeskDouble()
    async with incident(WHOLE, replace(with_findings(WHOLE), armed=ARMED), desk=desk) as screen:
        await screen.press("3", "p")
        (wish,) = desk.wishes
        assert isinstance(wish, Request)
        assert [target.name for target in wish.targets] == ["nlp-train/job/retrain-v7"]
    async with incident(WHOLE, replace(with_findings(WHOLE), armed=ARMED, spend={}, slos=())) as screen:
        await screen.press("p")
        assert screen.toasts[-1].endswith("is nothing that one can pause. Choose a workload.")
    desk = DeskDouble()
    async with incident(HELPED, helped(), desk=desk) as screen:
        await screen.press("2", "p", "y")
        assert len(desk.confirmed) == 1


async def test_where_nothing_can_be_changed_no_remedy_has_a_key() -> None:
    async with incident(HELPED, with_findings(HELPED)) as screen:
        row = next(line for line in screen.lines if "pause the job" in line)
        assert row.split()[0] == "–"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
async def test_remedies_are_text(size: tuple[int, int], text: str) -> None:
    bad = tuple(
        replace(one, what=text, saves_when=text, loses=text, refused=text if one.refused else "") for one in REMEDIES
    )
    async with incident(HELPED, replace(with_findings(replace(HELPED, remedies=bad)), armed=ARMED), size) as screen:
        await screen.press("4")
        for line in screen.lines:
            assert cell_len(line) <= size[0]
            assert line.isprintable(), ascii(line)


# Sizes


@pytest.mark.parametrize("size", SIZES)
async def test_at_every_size_every_line_can_be_reached_and_none_is_too_wide(size: tuple[int, int]) -> None:
    async with incident(size=size) as screen:
        assert all(cell_len(line) <= size[0] for line in screen.lines)
        assert "≈$412.0/h" in screen.text
        await screen.press("5")
        assert "batch deadline" in screen.text
        await screen.press("G")
        assert "96%" in screen.text
        assert "more line" not in screen.text


async def test_where_it_does_not_fit_it_says_how_much_follows() -> None:
    async with incident(size=(80, 24)) as screen:
        assert screen.lines[22].startswith(" nlp-tr…train-v7 · 20 more lines below")
        await screen.press("G")
        assert "more line" not in screen.lines[22]


async def test_the_chart_goes_where_there_is_no_room() -> None:
    async with incident(size=(40, 10)) as screen:
        assert "Cost against normal" not in page(screen).document(38, "", 0, 4).text
        await screen.resize(36, 9)
        assert "Make this terminal at least 40x10\n(now 36x9)." in screen.text
        await screen.resize(200, 60)
        assert "Cost against normal" in screen.text


async def test_a_wide_screen_puts_all_lists_side_by_side() -> None:
    async with incident(size=(200, 60)) as screen:
        objectives = next(line for line in screen.lines if "5 SLOs near it" in line)
        assert "6 Evidence" in objectives


async def test_hostile_names_are_text() -> None:
    snapshot = hostile()
    for about in snapshot.findings:
        async with incident(about, snapshot) as screen:
            assert all(line.isprintable() for line in screen.lines)
            assert all(cell_len(line) <= 120 for line in screen.lines)


@pytest.mark.parametrize("ascii_only", [True, False])
async def test_ascii_is_ascii(ascii_only: bool) -> None:
    async with incident(ascii=ascii_only) as screen:
        assert screen.text.isascii() is ascii_only
