"""The config of a command that reads real systems: the file's, or what a kubeconfig alone allows."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass

from finops_tui.config.find import HERE, VARIABLE, find, platform_place
from finops_tui.config.load import load
from finops_tui.config.models import Config
from finops_tui.config.unconfigured import from_kubeconfig
from finops_tui.errors import ConfigError
from finops_tui.sources.kube_access import kubeconfig_files


@dataclass(frozen=True, slots=True)
class Chosen:
    config: Config
    file: str
    """Empty when there is none."""
    note: str = ""
    """What a config would add, when there is none."""


def choose(given: str | None, themes: Collection[str] = ()) -> Chosen:
    """Return the config to run on. Raises ConfigError when it is wrong, or when nothing says what to read."""
    file = find(given, os.environ)
    if file is not None:
        loaded = load(file, os.environ, themes)
        chosen = loaded.config.model_copy(update={"slos": (*loaded.config.slos, *loaded.filed)})
        if not chosen.sources:
            raise ConfigError(
                f"{file} lists no sources, so there is nothing to read.",
                "Add a cluster or a Prometheus under sources:.",
                "finops-tui config example shows both; finops-tui demo needs neither.",
            )
        return Chosen(chosen, str(file))
    alone = from_kubeconfig()
    if alone is None:
        unusable = ", ".join(map(str, kubeconfig_files()))
        raise ConfigError(
            f"There is no config, and {unusable} has no context whose cluster and user are defined."
            if unusable
            else "There is no config, and no kubeconfig to do without one.",
            f"Looked for --config, ${VARIABLE}, ./{HERE} and {platform_place()}.",
            "Two ways to start:\n"
            "  finops-tui demo                            a simulated GPU cloud; needs nothing\n"
            "  finops-tui config example > config.yaml    then name your clusters and Prometheus in it",
        )
    cluster = alone.sources[0].cluster
    return Chosen(
        alone,
        "",
        f"No config: reading the Kubernetes cluster {cluster} alone. A Prometheus under sources: in config.yaml would "
        "add GPU utilization, idle dollars, SLO burn and what is normal.",
    )
