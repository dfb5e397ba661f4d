from __future__ import annotations

from msgspec.structs import replace

from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import SpendRow, UsageRow
from finops_tui.ui.panes.spend import SPEND
from finops_tui.ui.panes.usage_facts import usage_facts
from tests.samples import NOON, empty_snapshot

MIB, TIB = 1024.0**2, 1024.0**4
ROW = SpendRow(
    key="prod/ml", kind=ScopeKind.NAMESPACE, name="ml", cluster="prod", owner="nlp", usd_per_hour=100.0, at=NOON
)
USAGE = UsageRow(
    key="prod/ml", cluster="prod", namespace="ml", owner="nlp", egress_bytes_per_second=182 * MIB,
    egress_usd_per_hour=57.6, senders=(("Deployment/chat", 150 * MIB),), storage_bytes=12 * TIB,
    storage_used_bytes=7 * TIB, storage_usd_per_hour=1.35, at=NOON,
)  # fmt: skip


def told(usage: UsageRow, row: SpendRow = ROW) -> dict[str, tuple[str, str]]:
    snapshot = replace(empty_snapshot(), usage=(usage,))
    return {fact.label: (fact.value, fact.note) for fact in usage_facts(row, snapshot)}


def test_a_namespaces_details_tell_what_it_sends_and_stores() -> None:
    assert told(USAGE) == {
        "Egress": ("≈$57.6/h", "182 MiB/s out of its zone, most from Deployment/chat; not in $/h"),
        "Volumes": ("≈$1.4/h", "12.0 TiB provisioned, 7.0 TiB used; not in $/h"),
    }
    snapshot = replace(empty_snapshot(), usage=(USAGE,))
    assert {"Egress", "Volumes"} <= {fact.label for fact in SPEND.facts(ROW, snapshot, NOON)}


def test_where_traffic_goes_is_not_known() -> None:
    assert told(replace(USAGE, egress_told_apart=False))["Egress"][1] == (
        "at most: 182 MiB/s wherever it goes; not in $/h"
    )


def test_old_figures_say_so() -> None:
    assert told(replace(USAGE, stale=True))["Egress"][0] == "~ ≈$57.6/h"


def test_what_is_not_known_is_not_told() -> None:
    assert told(replace(USAGE, egress_bytes_per_second=None, storage_bytes=None)) == {}
    assert told(USAGE, replace(ROW, key="prod/other")) == {}
    assert told(USAGE, replace(ROW, kind=ScopeKind.TEAM)) == {}
