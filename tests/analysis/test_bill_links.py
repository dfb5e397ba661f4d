"""Which bill is for which cluster, and whose word counts where two tell of the same money."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from finops_tui.analysis.bill_links import BillLink, believed, link, relabelled
from finops_tui.model.bill import BilledDay
from finops_tui.model.observations import BillsSeen

TENTH = date(2026, 3, 10)
AT = datetime(2026, 3, 12, tzinfo=UTC)
EC2 = "Amazon Elastic Compute Cloud - Compute"


def billed(
    account: str = "111", service: str = EC2, currency: str = "USD", name: str = "ml-prod", usd: int = 10
) -> BilledDay:
    return BilledDay(
        provider="AWS", account=account, account_name=name, service=service, day=TENTH, currency=currency,
        effective=Decimal(usd),
    )  # fmt: skip


def seen(source: str, through: datetime | None, *days: BilledDay) -> BillsSeen:
    return BillsSeen(at=AT, source=source, cluster="", days=days, through=through)


def test_a_cluster_is_on_the_machines_of_its_account_and_on_nothing_else() -> None:
    days = [billed(), billed(service="Amazon Simple Storage Service"), billed("222")]
    (group,) = link(["prod"], days, [BillLink(cluster="prod", account="111")]).groups
    assert (group.clusters, group.account, group.service) == (("prod",), "111", EC2)


def test_an_account_is_named_by_id_or_name_without_case() -> None:
    for glob in ("111", "ML-*", "ml-prod"):
        assert link(["prod"], [billed()], [BillLink(cluster="*", account=glob)]).groups


def test_the_first_entry_that_fits_counts() -> None:
    rules = [BillLink(cluster="prod-*", account="111"), BillLink(cluster="*", account="222")]
    linked = link(["prod-us", "lab"], [billed(), billed("222")], rules)
    assert {group.clusters: group.account for group in linked.groups} == {("prod-us",): "111", ("lab",): "222"}


def test_what_has_no_bill_is_told_with_the_reason_and_never_guessed() -> None:
    rules = [BillLink(cluster="typo", account="999"), BillLink(cluster="eu", account="333")]
    rules += [BillLink(cluster="s3", account="444")]
    days = [billed(), billed("333", currency="EUR"), billed("444", "Amazon Simple Storage Service")]
    linked = link(["prod", "typo", "eu", "s3"], days, rules)
    assert linked.groups == ()
    assert linked.unmatched == (
        "eu: the account 333 is not billed in US dollars",
        "prod: the config names no account for it under bills",
        "s3: the account 444 is billed for none of its services",
        "typo: the account 999 is on no bill",
    )


def test_clusters_on_one_service_of_one_account_are_compared_together() -> None:
    rules = [BillLink(cluster="a", account="111"), BillLink(cluster="b", account="*")]
    (group,) = link(["a", "b"], [billed(), billed("222")], rules).groups
    assert group.clusters == ("a", "b")
    assert group.account == "111, 222"
    told = relabelled([billed(), billed("222"), billed("222", "S3")], [group])
    assert [(day.account, day.service) for day in told] == [("111, 222", EC2), ("111, 222", EC2), ("222", "S3")]


def test_an_account_that_two_sources_tell_of_counts_once_as_the_one_that_reaches_further() -> None:
    early, late = datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 3, 11, tzinfo=UTC)
    whose = believed(
        {
            "focus": seen("focus", early, billed(), billed("222")),
            "aws": seen("aws", late, billed()),
            "empty": seen("empty", None, billed()),
        }
    )
    assert whose == {"111": "aws", "222": "focus"}
