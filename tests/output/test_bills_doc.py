"""docs/bills.md names what there is, and nothing else is needed to use it."""

from __future__ import annotations

import argparse
from pathlib import Path

from finops_tui import cli
from finops_tui.ledger.dimensions import FIELDS
from finops_tui.output import COSTS_FORMATS, costs
from finops_tui.sources.bills.settings import FocusSettings

TEXT = (Path(__file__).parents[2] / "docs" / "bills.md").read_text("utf-8")


def options(command: str) -> set[str]:
    parser = argparse.ArgumentParser()
    cli.COMMANDS[command][1](parser)
    return {word for action in parser._actions for word in action.option_strings if word.startswith("--")} - {"--help"}


def test_every_dimension_is_named() -> None:
    assert {name for name in FIELDS if f"`{name}`" not in TEXT} == set()


def test_every_option_is_shown() -> None:
    shown = options("costs") | options("estimate")
    assert {name for name in shown - {"--config", "--region"} if name not in TEXT} == set()


def test_every_format_and_column_is_explained() -> None:
    words = (*COSTS_FORMATS, *costs.AMOUNTS, "contracted", "final")
    assert {word for word in words if f"`{word}`" not in TEXT} == set()


def test_every_setting_of_a_folder_is_named() -> None:
    assert {name for name in FocusSettings.model_fields if name not in TEXT} == set()
