"""What can be done about a finding, as its incident screen shows it and keys take it up."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from finops_tui.engine.proposal import Request
from finops_tui.errors import ActionError
from finops_tui.model.plan import Risk
from tests.ui.deeds import HELPED, REMEDIES
from tests.ui.desk import ARMED, RETRAIN_TARGET, DeskDouble, at_the_desk
from tests.ui.samples import HOSTILE_TEXTS, NOW
from tests.ui.screen import Screen
from tests.ui.screens.incident_page import SIZES, WHOLE, helped, incident, page, with_findings


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
    desk.holds = asyncio.Event()
    async with incident(UNKNOWN_YET, state, desk=desk) as screen:
        assert row_of(screen, "pause the job").split()[4:] == ["412.0", "–", "✓", "none", "–", "–", "yes"]
        desk.holds.set()
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
    desk.unplanned = {RETRAIN_TARGET.key: ActionError("job/retrain-v7 is paused already")}
    async with incident(UNKNOWN_YET, state, desk=desk) as screen:
        for _ in range(20):
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
