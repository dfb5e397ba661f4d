"""Queries about objectives that Sloth and Pyrra generated rules for."""

from __future__ import annotations

from finops_tui.sources.prometheus.query import Query

SLOTH = (
    Query(
        id="sloth.objectives",
        purpose="objectives that Sloth generated rules for",
        expr="max by (sloth_id, sloth_service, sloth_slo) (slo:objective:ratio{$only})",
        needs=("slo:objective:ratio",),
        gives=("sloth_id", "sloth_service", "sloth_slo"),
    ),
    Query(
        id="sloth.periods",
        purpose="their periods in days",
        expr="max by (sloth_id) (slo:time_period:days{$only})",
        needs=("slo:time_period:days",),
        gives=("sloth_id",),
    ),
    Query(
        id="sloth.errors",
        purpose="their error ratios in every window",
        expr='max by (sloth_id, sloth_window) ({__name__=~"slo:sli_error:ratio_rate.+", $only})',
        needs=("slo:objective:ratio",),
        gives=("sloth_id", "sloth_window"),
    ),
    Query(
        id="sloth.remaining",
        purpose="what is left of their error budgets",
        expr="max by (sloth_id) (slo:period_error_budget_remaining:ratio{$only})",
        needs=("slo:period_error_budget_remaining:ratio",),
        gives=("sloth_id",),
    ),
)

PYRRA = (
    Query(
        id="pyrra.objectives",
        purpose="objectives that Pyrra generated rules for",
        expr="max by (slo, namespace) (pyrra_objective{$only})",
        needs=("pyrra_objective",),
        gives=("slo", "namespace"),
    ),
    Query(
        id="pyrra.periods",
        purpose="their periods in seconds",
        expr="max by (slo, namespace) (pyrra_window{$only})",
        needs=("pyrra_window",),
        gives=("slo", "namespace"),
    ),
    Query(
        id="pyrra.errors",
        purpose="their error ratios in every window",
        expr='max by (slo, namespace, __name__) ({__name__=~".+:burnrate[0-9a-z]+", slo!="", $only})',
        needs=("pyrra_objective",),
        gives=("slo", "namespace", "__name__"),
    ),
    Query(
        id="pyrra.availability",
        purpose="the share of good events in their periods; of several groups the worst, as of the error ratios",
        expr="min by (slo, namespace) (pyrra_availability{$only})",
        needs=("pyrra_availability",),
        gives=("slo", "namespace"),
    ),
    Query(
        id="pyrra.requests",
        purpose="events per second in the last five minutes",
        expr="sum by (slo, namespace) (max without ($copies) (pyrra_requests:rate5m{$only}))",
        needs=("pyrra_requests:rate5m",),
        gives=("slo", "namespace"),
    ),
)
