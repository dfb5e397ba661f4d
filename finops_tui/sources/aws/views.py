"""By what Cost Explorer is asked to tell money apart. Two dimensions a question, and each question costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from finops_tui.ledger.dimensions import HOUR
from finops_tui.sources.aws.record_types import NOT_USAGE
from finops_tui.sources.aws.settings import AwsSettings

SETTLES = timedelta(days=10)
"""So long into a month the bill of the month before may still change."""
LATE = timedelta(days=4)
"""So long after a day its details may still change; each day asked again is groups, and groups are pages that cost."""
DETAILED_DAYS = 31
"""So far back details are read at first: a large account has thousands of usage types, and pages of them cost."""
HOURS_KEPT = timedelta(days=13)
"""Cost Explorer keeps 14 days by the hour."""
ONE_HOUR = timedelta(hours=1)

WHOLE = ""
"""The view that holds all the money, from which the ledger tells totals."""
OTHER = "other"
"""The part of a payer's bill that is not usage."""

EC2 = "Amazon Elastic Compute Cloud - Compute"
SAGEMAKER = "Amazon SageMaker"

_ACCOUNT = ("DIMENSION", "LINKED_ACCOUNT")
_SERVICE = ("DIMENSION", "SERVICE")
_RECORD_TYPE = ("DIMENSION", "RECORD_TYPE")
_ALWAYS = frozenset({"provider_name", "billing_account_id", "sub_account_id", "charge_category", "billing_currency"})


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One cut of an account's money."""

    id: str
    """Names it in the ledger; views of one name are parts of one whole. Empty for all the money."""
    title: str
    """What is lost without it: `cost by service`."""
    part: str = ""
    """Which part of its view it is, beside the account; empty for the main one."""
    group_by: tuple[tuple[str, str], ...]
    """Type and key, as Cost Explorer has them."""
    tells: frozenset[str]
    """Fields of `BillRow` that it tells apart, beside those that every view does."""
    every: timedelta
    only: Mapping[str, Any] | None = None
    """Filter expression."""
    hourly: bool = False
    usage_only: bool = False
    foremost: bool = False
    """Whether it is the one that tells what was billed: the others have to leave money for it."""
    may_be_empty: bool = False
    """Whether no charges are an ordinary answer: an account may have no instances."""

    @property
    def dimensions(self) -> frozenset[str]:
        return self.tells | _ALWAYS | ({HOUR} if self.hourly else set())

    @property
    def tagged(self) -> bool:
        return self.group_by[0][0] == "TAG"

    def params(self, now: datetime, settings: AwsSettings, known: datetime | None) -> Mapping[str, Any]:
        """Return what to ask at this moment; what was `known` a while ago is not asked again if it stays as it is."""
        net = "Net" if settings.net else ""
        start, end = self._span(now.astimezone(UTC), known, settings.history_days)
        form = "%Y-%m-%dT%H:00:00Z" if self.hourly else "%Y-%m-%d"
        params: dict[str, Any] = {
            "TimePeriod": {"Start": start.strftime(form), "End": end.strftime(form)},
            "Granularity": "HOURLY" if self.hourly else "DAILY",
            "Metrics": [f"{net}UnblendedCost", f"{net}AmortizedCost"],
            "GroupBy": [{"Type": kind, "Key": key} for kind, key in self.group_by],
        }
        wanted = [part for part in (self.only, _usage_only() if self.usage_only else None) if part]
        if wanted:
            params["Filter"] = wanted[0] if len(wanted) == 1 else {"And": wanted}
        return params

    def _span(self, now: datetime, known: datetime | None, history_days: int) -> tuple[datetime, datetime]:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        changing = midnight - LATE
        if self.foremost and not self.hourly:
            changing = (midnight - SETTLES).replace(day=1)
        first = midnight - timedelta(days=history_days if self.foremost else min(history_days, DETAILED_DAYS))
        unknown = first if known is None else max(first, known - LATE)
        start = min(changing, unknown).replace(hour=0, minute=0, second=0, microsecond=0)
        if self.hourly:
            return max(start, midnight - HOURS_KEPT), now.replace(minute=0, second=0, microsecond=0) + ONE_HOUR
        return start, midnight + timedelta(days=1)


def views(settings: AwsSettings) -> tuple[View, ...]:
    """Return the questions that the settings want, those first that matter most when money for requests runs short."""
    found = [*_whole(settings), _instances(hourly=settings.hourly), _USAGE_TYPES]
    found += [_by_tag(key) for key in settings.tags]
    if settings.models:
        found.append(_MODELS)
    return tuple(found)


def _whole(settings: AwsSettings) -> tuple[View, ...]:
    """Return what together is all the money. A payer's needs a third dimension, so it is asked in two parts."""
    every = timedelta(hours=6)
    if not settings.payer:
        tells = frozenset({"service_name", "charge_description"})
        by = (_SERVICE, _RECORD_TYPE)
        return (View(id=WHOLE, title="cost by service", group_by=by, tells=tells, every=every, foremost=True),)
    tells = frozenset({"service_name"})
    rest = {"Dimensions": {"Key": "RECORD_TYPE", "Values": list(NOT_USAGE)}}
    return (
        View(
            id=WHOLE, title="cost by account and service", group_by=(_ACCOUNT, _SERVICE),
            tells=tells, every=every, usage_only=True, foremost=True,
        ),
        View(
            id=WHOLE, title="credits, taxes and fees by account", part=OTHER, group_by=(_ACCOUNT, _RECORD_TYPE),
            tells=tells, every=timedelta(hours=24), only=rest, may_be_empty=True, foremost=True,
        ),
    )  # fmt: skip


def _instances(*, hourly: bool) -> View:
    return View(
        id="instances",
        title="cost by instance type",
        group_by=(("DIMENSION", "INSTANCE_TYPE"), ("DIMENSION", "PURCHASE_TYPE")),
        tells=frozenset({"service_name", "instance_type", "pricing_category", "charge_description"}),
        every=timedelta(hours=8),
        only={"Dimensions": {"Key": "SERVICE", "Values": [EC2, SAGEMAKER]}},
        hourly=hourly,
        usage_only=True,
        may_be_empty=True,
    )


_USAGE_TYPES = View(
    id="usage types",
    title="cost by usage type",
    group_by=(_SERVICE, ("DIMENSION", "USAGE_TYPE")),
    tells=frozenset({"service_name", "sku_id", "instance_type", "pricing_category"}),
    every=timedelta(hours=24),
    usage_only=True,
)
_MODELS = View(
    id="models",
    title="Bedrock by model",
    group_by=(("PRODUCT_ATTRIBUTE", "model"), _SERVICE),
    tells=frozenset({"service_name", "tag:model"}),
    every=timedelta(hours=24),
    usage_only=True,
)


def _by_tag(key: str) -> View:
    return View(
        id=f"tag {key}",
        title=f"cost by tag {key}",
        group_by=(("TAG", key), _SERVICE),
        tells=frozenset({"service_name", f"tag:{key}"}),
        every=timedelta(hours=24),
        usage_only=True,
    )


def _usage_only() -> Mapping[str, Any]:
    return {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": list(NOT_USAGE)}}}
