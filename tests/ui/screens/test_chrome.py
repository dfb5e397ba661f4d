"""What stands around the panes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from finops_tui.model.finding import FindingState
from finops_tui.model.health import HealthState
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Mode, PoolRow
from finops_tui.ui.issues import Rank, issues, waiting
from finops_tui.ui.panes.base import PaneSpec
from finops_tui.ui.panes.gpu import GPU
from finops_tui.ui.panes.slo import SLO
from finops_tui.ui.panes.sources import facts
from finops_tui.ui.panes.spend import SPEND
from finops_tui.ui.screens.axis import strip
from finops_tui.ui.screens.bills_tables import BILLS, CHECKED
from finops_tui.ui.screens.choose import Option, find
from finops_tui.ui.screens.chrome import mode_word, money, notice, source_spans, why_nothing
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.widgets.money import ChipState
from tests.ui.samples import (
    ACKNOWLEDGED,
    CALM,
    EMPTY,
    FAILING,
    INCIDENT,
    NOW,
    PLANNED,
    SOURCES,
    STALE,
    TICKETS,
    ago,
    at,
    source,
    triaged,
)


def test_the_worst_source_comes_first_and_kinds_are_counted_once() -> None:
    lost = replace(source("prometheus prod-eu", "prom", HealthState.DOWN, 371.0), stale=True)
    spans = source_spans(replace(INCIDENT, sources=(*SOURCES, lost)), NOW)
    assert [text for text, _ in spans] == ["~ prom prod-eu down 6m", "k8s live", "prom 4s", "prices 5h00m"]


def test_where_there_is_little_room_what_is_told_least_often_goes_first() -> None:
    bills = source("bills of june", "bills", HealthState.POLLED, 2_220.0)
    list_ = replace(source("a list", "a list", HealthState.POLLED, 1.0), ages=False)
    spans = source_spans(replace(INCIDENT, sources=(list_, bills, *SOURCES[:2])), NOW)
    assert [text for text, _ in spans] == ["k8s live", "prom 4s", "bills 37m", "a list ready"]


def test_a_source_that_never_answered_waits() -> None:
    connecting = source("prometheus prod-us", "prom", HealthState.CONNECTING, None)
    assert source_spans(replace(INCIDENT, sources=(connecting,)), NOW) == (("prom waiting", "quiet"),)


def test_what_does_not_age_shows_no_age() -> None:
    assert source_spans(replace(INCIDENT, sources=(replace(SOURCES[2], ages=False),)), NOW) == (
        ("prices ready", "quiet"),
    )


def test_issues_are_worst_first() -> None:
    snapshot = replace(FAILING, sources=(*STALE.sources[:1], *FAILING.sources[1:]))
    assert [issue.rank for issue in issues(snapshot, NOW)] == [Rank.LOST, Rank.REFUSED, Rank.REFUSED, Rank.NOTED]


def test_what_a_source_says_in_sentences_is_not_said_again() -> None:
    words = "Cannot list nodes in prod-us: forbidden for user ana. Needs: list, watch nodes (docs/permissions)."
    refused = replace(SOURCES[0], state=HealthState.PARTIAL, missing=(words,))
    (issue,) = issues(replace(INCIDENT, sources=(refused,)), NOW)
    assert (issue.rank, issue.words) == (Rank.REFUSED, words)


def test_what_is_counted_on_the_money_line_needs_no_banner() -> None:
    snapshot = replace(INCIDENT, headline=FAILING.headline)
    found = issues(snapshot, NOW)
    assert [issue.rank for issue in found] == [Rank.NOTED]
    assert notice(found, "r") is None


def test_late_without_being_down_is_said_too() -> None:
    late = replace(SOURCES[0], stale=True, answered_at=ago(125))
    (issue,) = issues(replace(INCIDENT, sources=(late,)), NOW)
    assert issue.words.startswith("Prometheus prod-us has not answered since 14:00:26Z. Figures marked ~ are 2m old.")
    assert source_spans(replace(INCIDENT, sources=(late,)), NOW)[0][0] == "~ prom late 2m"


def test_without_a_reason_what_it_means_is_told_apart_all_the_same() -> None:
    silent = replace(STALE, sources=tuple(replace(source, reason="") for source in STALE.sources))
    found = notice(issues(silent, NOW), "r")
    assert found is not None
    assert found.lead.endswith("Z.")
    assert found.cause == ""
    assert found.rest.startswith("Figures marked ~ are ")
    assert found.brief == f"~ {found.rest.split(' are ')[1]}"


def test_the_chip_is_stale_only_when_its_own_source_is() -> None:
    assert money(STALE, NOW).chip.stale_seconds == 371
    assert money(INCIDENT, NOW).chip.stale_seconds is None
    slow_prices = replace(INCIDENT, sources=(replace(SOURCES[2], stale=True),))
    assert money(slow_prices, NOW).chip.stale_seconds is None


def test_the_chip_is_stale_when_figures_in_it_are() -> None:
    """A source may answer in time and still have nothing newer to tell."""
    total = replace(INCIDENT.spend[ScopeKind.WORKLOAD][0], kind=ScopeKind.TOTAL, stale=True)
    old = replace(INCIDENT, spend={**INCIDENT.spend, ScopeKind.TOTAL: (total,)})
    assert money(old, NOW).chip.stale_seconds == 4


def test_idle_dollars_are_marked_when_the_telemetry_of_a_pool_is_old() -> None:
    """They are a sum over the pools: one whose Prometheus is down makes all of it old, whatever inventory says."""

    def idle(pools: tuple[PoolRow, ...]) -> list[tuple[str, str]]:
        parts = money(replace(INCIDENT, pools=pools), NOW).right
        return [span for part in parts for span in part.spans if part.spans[0][0] == "idle "][1:]

    (fresh,) = idle(INCIDENT.pools)
    (old,) = idle((replace(INCIDENT.pools[0], stale=True), *INCIDENT.pools[1:]))
    assert (fresh[1], old) == ("idle", (f"~ {fresh[0]}", "stale"))


def test_a_pane_without_rows_says_what_to_try() -> None:
    silent = replace(SOURCES[0], state=HealthState.DOWN, answered_at=None, reason="no route", hint="Check its url.")
    words = why_nothing(GPU, replace(INCIDENT, sources=(silent,)), UiSettings(), NOW, NOW)
    assert words.endswith("(no route). Check its url.")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("404 Not Found", "has told nothing since"),
        ("503 Service Unavailable: upstream connect error, connection refused", "has told nothing since"),
        ("No kubeconfig: looked for /home/ana/.kube/config", "has told nothing since"),
        ("june.csv is cut off or damaged", "has told nothing since"),
        ("connection refused", "has not answered since"),
        ("Connection refused", "has not answered since"),
        ("no answer within 10s", "has not answered since"),
        ("silent for 10 s", "has not answered since"),
        ("the host name cannot be resolved", "has not answered since"),
        ("Network is unreachable", "has not answered since"),
        ("connection timed out", "has not answered since"),
        ("", "has not answered since"),
    ],
)
@pytest.mark.parametrize("before", [None, ago(125)])
def test_a_system_that_refuses_is_not_called_silent(reason: str, words: str, before: datetime | None) -> None:
    down = replace(SOURCES[0], state=HealthState.DOWN, answered_at=before, reason=reason)
    (issue,) = issues(replace(INCIDENT, sources=(down,)), NOW)
    assert words in issue.words
    if before is None:
        assert words in why_nothing(GPU, replace(INCIDENT, sources=(down,)), UiSettings(), NOW, NOW)


DEAD = tuple(
    replace(source(name, short, HealthState.DOWN, None), reason="connection refused")
    for name, short in (("kubernetes prod-us", "k8s"), ("prometheus prod-us", "prom"), ("opencost prod-us", "bills"))
)
TELLERS = {
    "": frozenset({"kubernetes prod-us"}),
    "slo": frozenset({"prometheus prod-us"}),
    "checked": frozenset({"opencost prod-us"}),
    "bills": frozenset[str](),
}


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (SPEND, "Kubernetes prod-us has not answered"),
        (SLO, "Prometheus prod-us has not answered"),
        (CHECKED, "Opencost prod-us has not answered"),
        (BILLS, "No bills are known. Add a source of type focus or aws"),
    ],
)
def test_a_pane_without_rows_names_the_source_that_would_tell_of_it(spec: PaneSpec[Any], words: str) -> None:
    settings = UiSettings(tellers=TELLERS)
    assert why_nothing(spec, replace(INCIDENT, sources=DEAD), settings, NOW, NOW).startswith(words)


def test_a_pane_does_not_wait_for_what_tells_nothing_of_it() -> None:
    waits = replace(DEAD[2], state=HealthState.CONNECTING)
    words = why_nothing(SLO, replace(INCIDENT, sources=(DEAD[1], waits)), UiSettings(tellers=TELLERS), NOW, NOW)
    assert words.startswith("Prometheus prod-us has not answered")


def test_the_chip_says_what_is_open() -> None:
    assert money(INCIDENT, NOW).chip.state is ChipState.PAGE
    assert not money(INCIDENT, NOW).chip.acknowledged
    assert money(ACKNOWLEDGED, NOW).chip.state is ChipState.PAGE
    assert money(ACKNOWLEDGED, NOW).chip.acknowledged
    assert money(TICKETS, NOW).chip.state is ChipState.TICKET
    assert money(PLANNED, NOW).chip.state is ChipState.TICKET, "what is expected wakes nobody"
    assert money(CALM, NOW).chip.state is ChipState.CALM


def test_snoozed_is_not_open() -> None:
    all_snoozed = tuple(triaged(one, FindingState.SNOOZED, until=at(15, 1)) for one in INCIDENT.findings)
    assert money(replace(CALM, findings=all_snoozed), NOW).chip.state is ChipState.CALM


def test_calm_is_said_only_where_the_whole_costs_what_it_usually_does() -> None:
    assert money(replace(INCIDENT, findings=()), NOW).chip.state is ChipState.PLAIN
    no_normal = replace(INCIDENT.headline.normal_usd_per_hour, value=None)
    unknown = replace(INCIDENT, findings=(), headline=replace(INCIDENT.headline, normal_usd_per_hour=no_normal))
    assert money(unknown, NOW).chip.state is ChipState.PLAIN


def test_what_changed_is_first_of_all_what_is_behind_the_findings() -> None:
    markers = strip(INCIDENT).markers
    assert [(marker.words, marker.role) for marker in markers] == [
        ("nlp-train workers 1→9, 13:47Z", "page"),
        ("a100-spot 8 spot lost → on-demand, 12:02Z", "text"),
        ("search replicas 4→6, 12:10Z", "text"),
    ]
    assert strip(CALM).markers == (), "on a calm day nothing that happened matters"


def test_without_a_cause_what_happened_stands_on_the_axis() -> None:
    unexplained = replace(INCIDENT, findings=tuple(replace(one, causes=()) for one in INCIDENT.findings))
    assert [marker.role for marker in strip(unexplained).markers] == ["spot", "spot", "text"]


def test_the_mode_is_the_callers_or_the_snapshots() -> None:
    assert mode_word(INCIDENT, UiSettings()) == ""
    assert mode_word(replace(INCIDENT, mode=Mode.DEMO, speed=60.0), UiSettings()) == "DEMO 60×"
    assert mode_word(None, UiSettings(mode="DEMO 60×")) == "DEMO 60×"


def test_waiting_counts_the_others() -> None:
    assert waiting(("prometheus a", "kubernetes a", "prices"), 3) == (
        "Waiting for the first answer from prometheus a and 2 more (3s)."
    )


def test_what_asking_has_cost_stands_with_its_source() -> None:
    paid = replace(SOURCES[0], note="$1.20 of $4 this month")
    assert ("Asking", "$1.20 of $4 this month") in [(fact.label, fact.value) for fact in facts(paid, EMPTY, NOW)]
    assert "Asking" not in [fact.label for fact in facts(SOURCES[0], EMPTY, NOW)]


def test_finding_prefers_the_name() -> None:
    options = [Option("1", "Sort by IDLE $/h", "order"), Option("2", "Zoom", "by idle pane"), Option("3", "Quit")]
    assert [option.id for option in find("idle", options)] == ["1", "2"]
    assert find("", options) == options
    assert find("zzz", options) == []
