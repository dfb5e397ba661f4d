"""The incident screen: one finding, followed from snapshot to snapshot."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from finops_tui.model.finding import Evidence, FindingState
from finops_tui.model.scope import ScopeKind
from tests.ui.samples import A100_SPOT, FINDINGS, INCIDENT, NOW, RESOLVED, RETRAIN, STALE, triaged
from tests.ui.screens.incident_page import BURN, WHOLE, cursor, incident, page, with_findings
from tests.ui.widgets.harness import painted

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
