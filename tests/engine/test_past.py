from __future__ import annotations

from math import inf, nan

from finops_tui.analysis.ownership import Owners, OwnershipRules
from finops_tui.analysis.pricing import PriceBook
from finops_tui.engine.past import Past, priced_past
from finops_tui.model.observations import HistorySeen, HistorySeries, Quantity
from finops_tui.model.samples import Samples
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from tests.engine.fleets import list_price
from tests.samples import NOON

BOOK = PriceBook({("prices", ""): (list_price(spot_discount=0.5),)})
OWNERS = Owners(OwnershipRules())
PROD, LAB = Scope(ScopeKind.CLUSTER, "prod"), Scope(ScopeKind.CLUSTER, "lab")


def dollars(scope: Scope, *points: tuple[float, float], step: int = 60) -> HistorySeries:
    return HistorySeries(quantity=Quantity.USD_PER_HOUR, scope=scope, step_seconds=step, points=Samples(points))


def nodes(capacity: str, *points: tuple[float, float], instance_type: str = "big") -> HistorySeries:
    labels = {"instance_type": instance_type, "region": "here", "capacity_type": capacity}
    return HistorySeries(quantity=Quantity.NODES, scope=PROD, step_seconds=300, points=Samples(points), labels=labels)


def told(*series: HistorySeries) -> list[HistorySeen]:
    return [HistorySeen(at=NOON, source="p", cluster="prod", series=series)]


def past_of(series: list[HistorySeen], *clusters: str) -> Past:
    return priced_past(series, BOOK, clusters, OWNERS)


def test_counts_of_nodes_are_priced_and_added_up() -> None:
    series = told(
        nodes("on-demand", (0, 2), (300, 3)), nodes("spot", (300, 1)), nodes("", (0, 9), instance_type="rare")
    )
    assert past_of(series)[PROD] == (Samples([(0, 160.0), (300, 280.0)]), 300)


def test_dollars_stand_where_both_were_told() -> None:
    assert past_of(told(nodes("", (0, 2)), dollars(PROD, (0, 7.0))))[PROD] == (Samples([(0, 7.0)]), 60)


def test_the_total_is_the_sum_for_times_that_every_cluster_has() -> None:
    series = told(dollars(PROD, (0, 1.0), (60, 2.0), (120, 3.0)), dollars(LAB, (60, 10.0), (125, 20.0)))
    assert past_of(series, "prod", "lab")[TOTAL] == (Samples([(60.0, 12.0), (120.0, 23.0)]), 60)


def test_half_a_sum_is_no_total() -> None:
    assert TOTAL not in past_of(told(dollars(PROD, (0, 1.0))), "prod", "lab")
    assert TOTAL not in past_of(told(dollars(PROD, (0, 1.0))))


def test_a_total_that_was_told_stands() -> None:
    assert past_of(told(dollars(TOTAL, (0, 5.0)), dollars(PROD, (0, 1.0))), "prod")[TOTAL][0] == Samples([(0, 5.0)])


def test_nonsense_is_left_out_and_order_restored() -> None:
    series = dollars(PROD, (60, 2.0), (0, 1.0), (nan, 1.0), (120, nan), (180, inf), (240, -1.0))
    assert past_of(told(series, dollars(LAB, (0, 1.0), step=0))) == {PROD: (Samples([(0, 1.0), (60, 2.0)]), 60)}


def test_a_past_that_is_sound_is_kept_once() -> None:
    series = dollars(PROD, (0, 1.0), (60, 2.0))
    assert past_of(told(series))[PROD][0] is series.points


def owned(cluster: str, *points: tuple[float, float], namespace: str = "", **labels: str) -> HistorySeries:
    """Tell $/h of pods in the namespace `ml` with some labels, and with a team on the namespace."""
    return HistorySeries(
        quantity=Quantity.OWNED,
        scope=Scope(ScopeKind.NAMESPACE, f"{cluster}/ml"),
        step_seconds=3600,
        points=Samples(points),
        labels=labels,
        namespace_labels={"team": namespace} if namespace else {},
    )


NLP, VISION, NOBODY = (Scope(ScopeKind.TEAM, name) for name in ("nlp", "vision", "(unowned)"))
LLAMA, NO_MODEL = Scope(ScopeKind.MODEL, "llama"), Scope(ScopeKind.MODEL, "(no model)")


def test_a_team_is_the_sum_of_what_carried_its_name_then() -> None:
    past = past_of(
        told(
            owned("prod", (0, 5.0), (3600, 6.0), namespace="nlp"),
            owned("prod", (0, 2.0), (3600, 2.5), namespace="vision", owner="nlp"),
            owned("prod", (7200, 4.0), namespace="vision"),
            owned("prod", (7200, 1.0)),
        ),
        "prod",
    )
    assert past[NLP] == (Samples([(0, 7.0), (3600, 8.5)]), 3600), "a workload's own label comes before its namespace's"
    assert past[VISION] == (Samples([(7200, 4.0)]), 3600)
    assert past[NOBODY] == (Samples([(7200, 1.0)]), 3600)
    assert not {scope for scope in past if scope.kind is ScopeKind.MODEL}, "no pod names a model: perhaps none may"


def test_a_model_is_the_sum_of_its_pods() -> None:
    past = past_of(told(owned("prod", (0, 5.0), model="llama"), owned("prod", (0, 3.0))), "prod")
    assert past[LLAMA] == (Samples([(0, 5.0)]), 3600)
    assert past[NO_MODEL] == (Samples([(0, 3.0)]), 3600)


def test_half_of_the_clusters_tell_nothing_of_a_team() -> None:
    series = told(owned("prod", (0, 5.0), (3600, 5.0), namespace="nlp"), owned("lab", (3600, 1.0), namespace="nlp"))
    assert past_of(series, "prod", "lab")[NLP] == (Samples([(3600, 6.0)]), 3600)
    assert NLP not in past_of(series, "prod", "lab", "edge")
    unnamed = told(owned("prod", (0, 5.0), namespace="nlp"), owned("lab", (0, 1.0)))
    assert NLP not in past_of(unnamed, "prod", "lab"), "what runs in lab may be theirs all the same"


def test_what_was_told_of_a_team_itself_stands() -> None:
    series = told(dollars(NLP, (0, 9.0)), owned("prod", (0, 5.0), namespace="nlp"))
    assert past_of(series, "prod")[NLP] == (Samples([(0, 9.0)]), 60)


def test_traffic_and_volumes_are_no_spend() -> None:
    series = [
        HistorySeries(quantity=quantity, scope=PROD, step_seconds=60, points=Samples([(0, 5.0)]))
        for quantity in (Quantity.SENT, Quantity.VOLUMES)
    ]
    assert past_of(told(*series), "prod") == {}
