"""`config check`, `config schema`, `config example` and `config show`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from finops_tui.commands.screen import user_themes
from finops_tui.config.find import HERE, VARIABLE, find, platform_place
from finops_tui.config.load import load, loads
from finops_tui.config.models import Config
from finops_tui.errors import ConfigError
from finops_tui.phrases import counted


def run(asked: argparse.Namespace) -> int:
    if asked.part == "schema":
        sys.stdout.write(schema())
    elif asked.part == "example":
        sys.stdout.write(example())
    elif asked.part == "check":
        sys.stdout.write(_check(_file(asked)))
    else:
        from finops_tui.config.effective import show

        file = find(asked.config, os.environ)
        if file is None and not asked.effective:
            file = _file(asked)
        loaded = load(file, os.environ) if file else loads("", str(HERE), os.environ)
        sys.stdout.write(show(loaded.config, loaded.document, loaded.resolved, defaults=asked.effective))
    return 0


def schema() -> str:
    """Return the JSON Schema of the config."""
    described = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Config.model_json_schema()}
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"


def example() -> str:
    """Return the example config: inside the package, in a checkout beside it."""
    package = Path(__file__).parents[1]
    inside = package / "config.example.yaml"
    return (inside if inside.is_file() else package.parent / inside.name).read_text(encoding="utf-8")


def _check(file: Path) -> str:
    from finops_tui.ui.theme import theme_files

    loaded = load(file, os.environ, theme_files(user_themes()))
    config = loaded.config
    parts = (
        (len(config.sources), "source"),
        (len(config.slos) + len(loaded.filed), "objective"),
        (len(config.pricing.overrides), "price"),
        (len(config.layouts), "layout"),
    )
    told = [counted(number, noun) for number, noun in parts if number]
    told += sorted(config.model_fields_set - {"sources", "slos", "slo_files", "pricing", "layouts"})
    return f"{file} is right" + (f": {', '.join(told)}.\n" if told else "; it sets nothing.\n")


def _file(asked: argparse.Namespace) -> Path:
    file = find(asked.config, os.environ)
    if file is None:
        raise ConfigError(
            "There is no config.",
            f"Looked for --config, ${VARIABLE}, ./{HERE} and {platform_place()}.",
            "finops-tui config example shows what one looks like.",
        )
    return file
