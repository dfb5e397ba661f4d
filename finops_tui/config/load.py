"""From a file to a `Config`, or to an error that names every mistake in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from finops_tui.config.checks import cross_check
from finops_tui.config.document import LARGEST_FILE, Document, parse
from finops_tui.config.document import Path as Location
from finops_tui.config.explain import explain, hides
from finops_tui.config.models import Config
from finops_tui.config.problem import config_error
from finops_tui.config.redaction import remember
from finops_tui.config.references import Resolved, resolve
from finops_tui.errors import ConfigError
from finops_tui.sources.prometheus.settings import PrometheusSettings
from finops_tui.sources.prometheus.slo_settings import SloDefinition
from finops_tui.sources.slo_files.read import read_slo_files


@dataclass(frozen=True, slots=True)
class Loaded:
    config: Config
    document: Document
    resolved: Resolved
    filed: tuple[SloDefinition, ...] = ()
    """Objectives that stand in other programs' files, as `slo_files` names them."""


def load(path: Path, environment: Mapping[str, str], themes: Collection[str] = ()) -> Loaded:
    """Read the config file. Raises ConfigError that tells all mistakes at once.

    `themes` are the names of those there are; without them the theme's name is not checked.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
            text = data.decode()
    except OSError as error:
        raise ConfigError(f"Cannot read {path}.", error.strerror or str(error)) from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{path}:{line}: this is not UTF-8 text.", f"Byte {error.start} of the file is 0x{data[error.start]:02x}."
        ) from None
    loaded = loads(text, str(path), environment, themes)
    return replace(loaded, filed=_filed(loaded, path))


def _filed(loaded: Loaded, path: Path) -> tuple[SloDefinition, ...]:
    config = loaded.config
    clusters = {source.cluster for source in config.sources if isinstance(source, PrometheusSettings)}
    marks = [loaded.document.mark(("slo_files", position)) for position in range(len(config.slo_files))]
    return read_slo_files(config.slo_files, path, clusters, config.slos, marks)


def loads(text: str, file: str, environment: Mapping[str, str], themes: Collection[str] = ()) -> Loaded:
    """Do as `load` does with text that is at hand; `file` is what errors call it."""
    document = parse(text, file)
    resolved = resolve(document, environment)
    _remember_secrets(resolved.values, (), resolved)
    problems = list(resolved.problems)
    try:
        config = Config.model_validate(resolved.values)
    except ValidationError as error:
        problems += explain(error, Config, document, resolved)
        raise config_error(file, problems) from None
    problems += cross_check(config, document, themes)
    if problems:
        raise config_error(file, problems)
    return Loaded(config, document, resolved)


def _remember_secrets(value: Any, path: Location, resolved: Resolved) -> None:
    """Let no report show what stands in a secret field."""
    if isinstance(value, dict):
        for key, each in value.items():
            _remember_secrets(each, (*path, key), resolved)
    elif isinstance(value, list):
        for position, each in enumerate(value):
            _remember_secrets(each, (*path, position), resolved)
    elif isinstance(value, str) and hides(path, Config, resolved):
        remember(value)
