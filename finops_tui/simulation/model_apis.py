"""Models of others that the company calls: a share of what its own services are asked goes on to them.

So their bills follow the same days and weeks. Now and then somebody's retries have no end for some hours. Tokens of a
call and prices of tokens are round figures of the size that such things have.
"""

from __future__ import annotations

from typing import NamedTuple

from finops_tui.simulation.estate import CLUSTERS
from finops_tui.simulation.randomness import Noise
from finops_tui.simulation.tenants import NAMESPACES, SERVICES
from finops_tui.simulation.traffic import DAY, HOUR, Traffic

_MILLION = 1e6
_OFFSETS = {cluster.name: cluster.utc_offset_hours for cluster in CLUSTERS}
_TEAMS = {plan.name: plan.team for plan in NAMESPACES}


class Calls(NamedTuple):
    """What one project sends to one model."""

    provider: str
    project: str
    """OpenAI's project, Anthropic's workspace; empty on a cloud's bill."""
    model: str
    service: str
    """Whose requests go on."""
    share: float
    """Of its requests."""
    tokens_in: int
    tokens_out: int
    usd_in: float
    """For a million tokens."""
    usd_out: float


RETRIES_CHANCE = 0.03
"""That a project retries without end on a day."""
RETRIES_HOURS = (5, 10)
RETRIES_TIMES = (4, 8)
"""How many times as many calls it then makes."""
BEDROCK, OPENAI, ANTHROPIC = "AWS", "OpenAI", "Anthropic"
ORGANIZATION = "acme-ml"
CALLS = (
    Calls(BEDROCK, "", "anthropic.claude-sonnet-4", "chat-api-70b", 0.01, 1500, 310, 3.0, 15.0),
    Calls(BEDROCK, "", "amazon.nova-pro-v1", "score-gnn", 0.005, 800, 100, 0.8, 3.2),
    Calls(BEDROCK, "", "amazon.titan-embed-text-v2", "embed", 0.02, 1000, 0, 0.02, 0.0),
    Calls(OPENAI, "chat", "gpt-4o-2024-08-06", "chat-api-70b", 0.01, 1500, 310, 2.5, 10.0),
    Calls(OPENAI, "moderation", "gpt-4o-mini-2024-07-18", "mod-text", 0.002, 400, 30, 0.15, 0.6),
    Calls(ANTHROPIC, "assist", "claude-sonnet-4-20250514", "code-complete", 0.004, 4000, 500, 3.0, 15.0),
    Calls(ANTHROPIC, "media", "claude-3-5-haiku-20241022", "image-gen", 0.1, 600, 120, 0.8, 4.0),
)  # fmt: skip


class Tokens(NamedTuple):
    """What one kind of tokens of some calls costs on a day."""

    calls: Calls
    team: str
    kind: str
    """`input`, `output`."""
    millions: float
    usd: float


class ModelApis:
    """The same for a seed."""

    def __init__(self, seed: int) -> None:
        plans = {plan.name: plan for plan in SERVICES}
        self._asked = [
            (calls, plan, Traffic(seed, plan, _OFFSETS[plan.cluster]), Noise(seed, f"retries/{calls.model}"))
            for calls, plan in ((calls, plans[calls.service]) for calls in CALLS)
        ]

    def used(self, midnight: float, hours: int, *, usually: bool = False) -> list[Tokens]:
        """Return what is used in the first `hours` of a day that begins then (unix seconds).

        `usually`: as if nobody retried.
        """
        used = []
        for calls, plan, traffic, noise in self._asked:
            times = {} if usually else _times(noise, int(midnight // DAY))
            rates = [traffic.rate(midnight + (hour + 0.5) * HOUR) * times.get(hour, 1) for hour in range(hours)]
            asked = sum(rates) * HOUR * calls.share
            inward = ("input", calls.tokens_in, calls.usd_in)
            outward = ("output", calls.tokens_out, calls.usd_out)
            for kind, tokens, usd in (inward, outward):
                if tokens:
                    millions = asked * tokens / _MILLION
                    used.append(Tokens(calls, _TEAMS[plan.namespace], kind, millions, millions * usd))
        return used


def _times(noise: Noise, day: int) -> dict[int, int]:
    """Return how many times as many calls are made in the hours of a day in which there are more."""
    if noise.at(4 * day) >= RETRIES_CHANCE:
        return {}
    (shortest, longest), (fewest, most) = RETRIES_HOURS, RETRIES_TIMES
    lasts = shortest + int((longest - shortest + 1) * noise.at(4 * day + 1))
    begins = int((24 - lasts) * noise.at(4 * day + 2))
    times = fewest + int((most - fewest + 1) * noise.at(4 * day + 3))
    return dict.fromkeys(range(begins, begins + lasts), times)
