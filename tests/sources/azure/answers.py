"""Answers of Azure Cost Management in the shapes that its specification's examples give."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

SUBSCRIPTION = "subscriptions/11111111-2222-3333-4444-555555555555"
OTHER = "subscriptions/99999999-2222-3333-4444-555555555555"
NEXT = "https://management.azure.com/next?$skiptoken=AQAAAA"


class Fixed:
    """A token that is good, unless it is refused: the next one is another."""

    def __init__(self) -> None:
        self.forgotten = 0

    async def token(self) -> str:
        return "eyJ.open-sesame" + "-again" * self.forgotten

    def forget(self) -> None:
        self.forgotten += 1


def page(*rows: list[Any], tag: bool = False, link: str | None = None) -> dict[str, Any]:
    """Return one page of a query's answer; rows are cost, day, subject, charge type and currency."""
    columns = [("Cost", "Number"), ("UsageDate", "Number")]
    columns += [("TagKey", "String"), ("TagValue", "String")] if tag else [("ServiceName", "String")]
    columns += [("ChargeType", "String"), ("Currency", "String")]
    shown = [
        [cost, day, *(["team", subject] if tag else [subject]), kind, code] for cost, day, subject, kind, code in rows
    ]
    return {
        "id": f"{SUBSCRIPTION}/providers/Microsoft.CostManagement/query/0",
        "name": "0",
        "type": "Microsoft.CostManagement/query",
        "properties": {
            "nextLink": link,
            "columns": [{"name": name, "type": kind} for name, kind in columns],
            "rows": shown,
        },
    }


BUDGETS = {
    "value": [
        {
            "id": f"{SUBSCRIPTION}/providers/Microsoft.CostManagement/budgets/ml",
            "name": "ml",
            "type": "Microsoft.CostManagement/budgets",
            "eTag": '"1d34d016a593709"',
            "properties": {
                "category": "Cost",
                "amount": 100.65,
                "timeGrain": "Monthly",
                "timePeriod": {"startDate": "2026-10-01T00:00:00Z", "endDate": "2027-10-31T00:00:00Z"},
                "filter": {
                    "and": [
                        {"dimensions": {"name": "ResourceGroup", "operator": "In", "values": ["gpu", "cpu"]}},
                        {"tags": {"name": "team", "operator": "In", "values": ["nlp"]}},
                    ]
                },
                "currentSpend": {"amount": 80.89, "unit": "EUR"},
                "forecastSpend": {"amount": 115.5, "unit": "EUR"},
                "notifications": {
                    "a": {"enabled": True, "operator": "GreaterThan", "threshold": 80.0, "thresholdType": "Actual"},
                    "b": {"enabled": False, "operator": "GreaterThan", "threshold": 50.0, "thresholdType": "Actual"},
                },
            },
        },
        {"name": "bare", "properties": {"amount": 5, "category": "Cost", "timeGrain": "Annually"}},
    ]
}


def advised(name: str, group: str = "gpu", *, category: str = "Cost", **more: Any) -> dict[str, Any]:
    """Return one recommendation of Advisor about a virtual machine; `more` are further properties."""
    machine = f"/{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/vm-1"
    return {
        "id": f"{machine}/providers/Microsoft.Advisor/recommendations/{name}",
        "name": name,
        "type": "Microsoft.Advisor/recommendations",
        "properties": {
            "category": category,
            "impact": "High",
            "impactedField": "Microsoft.Compute/virtualMachines",
            "impactedValue": "vm-1",
            "lastUpdated": "2026-11-19T22:24:43.3216408Z",
            "shortDescription": {"problem": "It is underused.", "solution": "Right-size or shutdown\nit"},
            "resourceMetadata": {"resourceId": machine},
            "extendedProperties": {
                "annualSavingsAmount": "1206",
                "savingsAmount": "100.5",
                "savingsCurrency": "EUR",
                "currentSku": "Standard_D8s_v5",
                "targetSku": "Standard_D4s_v5",
                "regionId": "westeurope",
            },
            **more,
        },
    }


GROUPS = {"value": [{"name": "GPU", "location": "westeurope", "tags": {"Team": "nlp"}}, {"name": "web"}]}


@dataclass
class CostManagement:
    """A tenant: what each question is answered, by kind of cost and what it is grouped by."""

    actual: list[list[Any]] = field(default_factory=list)
    amortized: list[list[Any]] | None = None
    """As the actual cost where it is left out."""
    budgets: httpx.Response = field(default_factory=lambda: httpx.Response(200, json=BUDGETS))
    advice: list[list[dict[str, Any]]] = field(default_factory=lambda: [[]])
    """Pages of recommendations."""
    groups: httpx.Response = field(default_factory=lambda: httpx.Response(200, json=GROUPS))
    refusals: list[httpx.Response] = field(default_factory=list)
    """Given first, one for each question about costs."""
    refused: dict[str, httpx.Response] = field(default_factory=dict)
    """By scope, always."""
    links: list[str] = field(default_factory=list)
    """To next pages: each holds one row, a service called `Later`."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        for scope, refusal in self.refused.items():
            if scope in request.url.path:
                return refusal
        listed = self._listed(request)
        if listed is not None:
            return listed
        if self.refusals:
            return self.refusals.pop(0)
        body = json.loads(request.content)
        if request.url.path == "/next":
            return httpx.Response(200, json=page([1, 20261119, "Later", "Usage", "USD"]))
        rows = self.actual if body["type"] == "ActualCost" or self.amortized is None else self.amortized
        first, last = (int(body["timePeriod"][name][:10].replace("-", "")) for name in ("from", "to"))
        tag = body["dataset"]["grouping"][0]["type"] == "TagKey"
        found = [row for row in rows if not isinstance(row[1], int) or first <= row[1] <= last]
        if not found:
            return httpx.Response(204)
        link = self.links.pop(0) if self.links else None
        return httpx.Response(200, json=page(*found, tag=tag, link=link))

    def _listed(self, request: httpx.Request) -> httpx.Response | None:
        """Answer what is a list: budgets, advice and resource groups; None for a question about costs."""
        path = request.url.path
        if path.endswith("/Microsoft.Advisor/recommendations"):
            number = int(request.url.params.get("$skiptoken", "0"))
            link = f"https://management.azure.com{path}?$skiptoken={number + 1}"
            more = {"nextLink": link} if number + 1 < len(self.advice) else {}
            return httpx.Response(200, json={"value": self.advice[number], **more})
        if path.endswith("/resourcegroups"):
            return self.groups
        return self.budgets if path.endswith("/budgets") else None
