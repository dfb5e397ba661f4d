"""The section `policy:`: what may be done, where, and what is asked before."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator

from finops_tui.engine.policy import SYSTEM, Approver, Minimum, Policies, QuietHours, SecondPerson
from finops_tui.engine.policy import Policy as Rules
from finops_tui.engine.selector import Selector
from finops_tui.model.plan import Decision
from finops_tui.sources.settings import Regex, Settings

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Answer = Literal["type", "refuse"]
ANSWERS = {"type": Decision.TYPE_NAME, "refuse": Decision.REFUSE}
Globs = tuple[Annotated[str, Field(min_length=1)], ...]
_ADDED = frozenset({"protected", "minimums", "quiet_hours"})
"""A cluster's own come on top of the general ones; everything else that it names takes their place."""
_RULES = Rules()


class Protected(Settings):
    """Things by globs; what is not known of a thing counts as fitting. At least one respect must be named."""

    clusters: Globs = Field((), description="Globs over clusters.")
    namespaces: Globs = Field((), description="Globs over namespaces.")
    names: Globs = Field((), description="Globs over names.")
    kinds: Globs = Field((), description="Globs over kinds: Job, Deployment, pool, node, namespace.")
    environments: Globs = Field((), description="Globs over environments.")
    labels: dict[str, str] = Field({}, description="Globs over ownership facts, by their name under `scopes`.")

    @model_validator(mode="after")
    def _names_something(self) -> Protected:
        if not any((self.clusters, self.namespaces, self.names, self.kinds, self.environments, self.labels)):
            raise ValueError("at least one of clusters, namespaces, names, kinds, environments and labels is needed")
        return self

    def selector(self, origin: str) -> Selector:
        return Selector(
            clusters=self.clusters,
            namespaces=self.namespaces,
            names=self.names,
            kinds=self.kinds,
            environments=self.environments,
            labels=self.labels,
            origin=origin,
        )


class MinimumSettings(Protected):
    """What is never made smaller."""

    size: int = Field(ge=1, description="Replicas, or nodes of a pool, that stay.")


class QuietHoursSettings(Settings):
    """A weekly window in which changes are refused, or made harder. It may end on the next day."""

    days: Annotated[tuple[Day, ...], Field(min_length=1)] = Field(DAYS, description="Days on which it begins.")
    begins: time = Field(description="In quotes: '22:00'.")
    ends: time = Field(description="In quotes; not later than `begins`, it is on the next day.")
    zone: str = Field("UTC", description="Name of a time zone: Europe/Berlin.")
    answer: Answer = Field("refuse", description="type the name, or refuse.")
    reason: str = Field("", max_length=120, description="Shown to whoever wants to change something.")

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (OSError, ValueError, KeyError):  # `ZoneInfoNotFoundError` is a KeyError
            raise ValueError(f"there is no time zone {zone} on this machine") from None
        return zone

    @field_validator("begins", "ends", mode="before")
    @classmethod
    def _in_quotes(cls, at: Any) -> Any:
        if not (isinstance(at, str) and re.fullmatch(r"([01]\d|2[0-3])(:[0-5]\d){1,2}", at)):
            raise ValueError("write it as '22:00', in quotes: YAML takes a bare one for a number")
        return at

    def window(self) -> QuietHours:
        return QuietHours(
            days=frozenset(map(DAYS.index, self.days)),
            begins=self.begins,
            ends=self.ends,
            zone=ZoneInfo(self.zone),
            decision=ANSWERS[self.answer],
            reason=self.reason,
        )


class Policy(Settings):
    """What the program may do, everywhere or in some clusters. Nothing, unless this says so."""

    read_only: bool = Field(_RULES.read_only, description="Nothing is ever changed. false allows it, once armed.")
    arm_minutes: float = Field(_RULES.arm_minutes, gt=0, le=480, description="How long the arm key lasts.")
    protect_system: bool = Field(True, description="Refuse kube-*, *-system and the like, and system pools.")
    protected: tuple[Protected, ...] = Field((), description="What is never touched, besides.")
    minimums: tuple[MinimumSettings, ...] = Field((), description="What is never made smaller.")
    bulk_cap: int = Field(_RULES.bulk_cap, ge=1, le=1_000, description="Changes that one key may confirm.")
    rate_actions: int = Field(_RULES.rate_actions, ge=1, description="Changes within rate_minutes.")
    rate_minutes: float = Field(_RULES.rate_minutes, gt=0, le=1440, description="Over which changes are counted.")
    quiet_hours: tuple[QuietHoursSettings, ...] = Field((), description="When nothing should be changed.")
    typed_environments: Globs = Field(
        _RULES.typed_environments, description="Where the name is to be typed; `unknown` is one that nobody names."
    )
    typed_pods: int | None = Field(_RULES.typed_pods, ge=1, description="From so many pods on; null for no limit.")
    typed_gpus: float | None = Field(_RULES.typed_gpus, gt=0, description="From so many GPUs on; null for no limit.")
    typed_usd_per_hour: float | None = Field(
        _RULES.typed_usd_per_hour, gt=0, description="From so much $/h on; null for no limit."
    )
    typed_irreversible: bool = Field(_RULES.typed_irreversible, description="Type the name where there is no undo.")
    stale_seconds: float = Field(_RULES.stale_seconds, gt=0, description="Older data asks for one step more.")
    refuse_stale_seconds: float = Field(_RULES.refuse_stale_seconds, gt=0, description="Older data refuses.")
    high_slo_risk: Answer = Field("type", description="At a high or unknown SLO risk: type the name, or refuse.")
    reason_pattern: Regex = Field("", description="Regular expression that a reason must contain; empty asks for none.")
    second_person: SecondPerson = Field(
        _RULES.second_person, description="When a colleague's name is asked for: never, typed (as the name) or always."
    )
    approvers: dict[str, SecretStr] = Field(
        {}, description="Who may be the second person, with the base32 secret of their authenticator (TOTP)."
    )
    roll_back: bool = Field(
        _RULES.roll_back, description="Take a change back by itself when an SLO near it begins to burn, while armed."
    )
    clusters: dict[str, Policy] = Field({}, description="Other values for clusters, by glob; the first that fits.")

    @field_validator("approvers")
    @classmethod
    def _base32(cls, approvers: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, secret in approvers.items():
            if not re.fullmatch(r"[A-Z2-7]{26,}=*", secret.get_secret_value().replace(" ", "").upper()):
                raise ValueError(f"the secret of {name} is not base32 of 26 characters or more")
            if " " in name or not name:
                raise ValueError("the name of an approver is one word")
        return approvers

    @field_validator("clusters")
    @classmethod
    def _one_level(cls, clusters: dict[str, Policy]) -> dict[str, Policy]:
        if any(policy.clusters for policy in clusters.values()):
            raise ValueError("the policy of a cluster has no `clusters` of its own")
        return clusters

    @model_validator(mode="after")
    def _inherited(self) -> Policy:
        """Let clusters have what is written here, where they say nothing themselves."""
        here = {name: getattr(self, name) for name in type(self).model_fields if name not in {*_ADDED, "clusters"}}
        own = {
            glob: other.model_copy(update={name: here[name] for name in here.keys() - other.model_fields_set})
            for glob, other in self.clusters.items()
        }
        object.__setattr__(self, "clusters", own)  # the last step of making it; frozen from here on
        return self

    def policies(self) -> Policies:
        """Return the rules everywhere and by cluster. What is protected or kept in general is so in every cluster."""
        general = self.rules("policy")
        always = tuple(rule for rule in general.protected if rule not in SYSTEM)
        clusters = ((glob, other.rules(f"policy.clusters.{glob}")) for glob, other in self.clusters.items())
        return Policies(
            default=general,
            clusters=tuple(
                (
                    glob,
                    replace(
                        own,
                        protected=(*own.protected, *always),
                        minimums=(*general.minimums, *own.minimums),
                        quiet_hours=(*general.quiet_hours, *own.quiet_hours),
                    ),
                )
                for glob, own in clusters
            ),
        )

    def rules(self, place: str) -> Rules:
        own = tuple(each.selector(f"{place}.protected[{number}]") for number, each in enumerate(self.protected))
        return Rules(
            read_only=self.read_only,
            arm_minutes=self.arm_minutes,
            protected=(*(SYSTEM if self.protect_system else ()), *own),
            minimums=tuple(Minimum(selector=each.selector(place), size=each.size) for each in self.minimums),
            bulk_cap=self.bulk_cap,
            rate_actions=self.rate_actions,
            rate_minutes=self.rate_minutes,
            quiet_hours=tuple(each.window() for each in self.quiet_hours),
            typed_environments=self.typed_environments,
            typed_pods=self.typed_pods,
            typed_gpus=self.typed_gpus,
            typed_usd_per_hour=self.typed_usd_per_hour,
            typed_irreversible=self.typed_irreversible,
            stale_seconds=self.stale_seconds,
            refuse_stale_seconds=self.refuse_stale_seconds,
            high_slo_risk=ANSWERS[self.high_slo_risk],
            reason_pattern=self.reason_pattern,
            second_person=self.second_person,
            approvers=tuple(
                Approver(name=name, secret=secret.get_secret_value().replace(" ", "").upper())
                for name, secret in self.approvers.items()
            ),
            roll_back=self.roll_back,
        )
