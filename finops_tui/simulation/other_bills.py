"""What is billed beside machines of clusters: models of others, and what is rented without a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from finops_tui.model.bill import BillRow, PricingCategory
from finops_tui.simulation.bills import CLOSED_AFTER, CONTRACTS, HOURS_LATE
from finops_tui.simulation.estate import CLUSTERS
from finops_tui.simulation.managed import BOX_ACCOUNT, BOX_ACCOUNT_NAME, CLUSTER, SAGEMAKER, Managed, Rented
from finops_tui.simulation.model_apis import ANTHROPIC, BEDROCK, OPENAI, ORGANIZATION, ModelApis, Tokens

SERVICES = {BEDROCK: "Amazon Bedrock", OPENAI: "OpenAI API", ANTHROPIC: "Claude API"}
_PROJECT_IDS = {OPENAI: "proj_", ANTHROPIC: "wrkspc_"}
_AI = "AI and Machine Learning"
_EXACT = Decimal("0.0000000001")
_CONTRACT = next(contract for contract in CONTRACTS if contract.cluster == CLUSTER)
_REGION = next(plan.region for plan in CLUSTERS if plan.name == CLUSTER)
_ON_THE_CLOUDS_BILL = {
    "provider_name": _CONTRACT.provider,
    "publisher_name": _CONTRACT.provider,
    "billing_account_id": _CONTRACT.billing_account,
    "sub_account_id": _CONTRACT.account,
    "sub_account_name": _CONTRACT.account_name,
    "region_id": _REGION,
}


class OtherBills:
    """The same for a seed. It reaches as far as the clouds' bills: the ledger has one word for all of them."""

    def __init__(self, seed: int) -> None:
        self._models = ModelApis(seed)
        self._managed = Managed(seed)

    def rows(self, first: date, at: datetime, source: str, last: date) -> Iterator[BillRow]:
        """Yield what is billed from `first` to `last` as of `at`."""
        until = (at - timedelta(hours=HOURS_LATE)).replace(minute=0, second=0, microsecond=0)
        start = datetime(first.year, first.month, first.day, tzinfo=UTC)
        while start < until and start.date() <= last:
            hours = min(24, int((until - start) / timedelta(hours=1)))
            month = start.replace(day=1)
            when = {
                "source": source,
                "retrieved_at": at,
                "final": at - month >= CLOSED_AFTER,
                "billing_period_start": month,
                "charge_period_start": start,
                "charge_period_end": start + timedelta(hours=hours),
            }
            midnight = start.timestamp()
            yield from (_row(when | _of_model(each), each.usd) for each in self._models.used(midnight, hours))
            rented = self._managed.charged(midnight, hours)
            yield from (_row(when | _of_machine(each), usd) for each, usd in rented.items())
            start += timedelta(days=1)


def _of_model(used: Tokens) -> dict[str, object]:
    calls = used.calls
    facts: dict[str, object] = {
        "service_name": SERVICES[calls.provider],
        "service_category": _AI,
        "charge_description": f"{calls.model}, {used.kind}",
        "sku_id": f"{calls.model}, {used.kind}",
        "consumed_quantity": Decimal(used.millions).quantize(_EXACT),
        "consumed_unit": "million tokens",
        "tags": {"team": used.team, "model": calls.model},
    }
    if calls.provider == BEDROCK:
        return facts | _ON_THE_CLOUDS_BILL
    return facts | {
        "provider_name": calls.provider,
        "publisher_name": calls.provider,
        "billing_account_id": ORGANIZATION,
        "sub_account_id": f"{_PROJECT_IDS[calls.provider]}{calls.project}",
        "sub_account_name": f"{calls.provider.casefold()} {calls.project}",
    }


def _of_machine(rented: Rented) -> dict[str, object]:
    account = {"sub_account_id": BOX_ACCOUNT, "sub_account_name": BOX_ACCOUNT_NAME} if rented.own_account else {}
    return (
        _ON_THE_CLOUDS_BILL
        | account
        | {
            "service_name": rented.service,
            "service_category": _AI if rented.service == SAGEMAKER else "Compute",
            "resource_id": rented.name,
            "instance_type": rented.machine.name,
            "pricing_category": PricingCategory.STANDARD,
            "tags": {"team": rented.team},
        }
    )


def _row(facts: dict[str, object], usd: float) -> BillRow:
    cost = Decimal(usd).quantize(_EXACT)
    costs = {"billed_cost": cost, "effective_cost": cost, "list_cost": cost, "contracted_cost": cost}
    return BillRow(**{**facts, **costs}, billing_currency="USD")  # type: ignore[arg-type] # fields by name
