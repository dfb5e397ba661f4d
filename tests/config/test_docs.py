"""docs/configuration.md has every section and every type of source."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from finops_tui.config.models import Config
from finops_tui.config.shape import members, tag
from finops_tui.engine.journal_file import LOCK, NAME
from finops_tui.engine.keeper import FINDINGS_FILE, LEARNED_FILE
from finops_tui.ledger.ledger import FILE as BILLS_FILE
from finops_tui.sources.aws.store import FILE as AWS_FILE

TEXT = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")


def test_every_section_has_a_heading() -> None:
    told = {name for heading in re.findall(r"^### (.+)$", TEXT, re.MULTILINE) for name in heading.split(", ")}
    assert told == set(Config.model_fields)


def test_every_type_of_source_has_a_line() -> None:
    lines = re.findall(r"^- (\*\*.+?):", TEXT, re.MULTILINE)
    told = [name for line in lines for name in re.findall(r"\*\*([a-z]+)\*\*", line)]
    assert sorted(told) == sorted(filter(None, map(tag, members(Config.model_fields["sources"].annotation))))


@pytest.mark.parametrize("name", [FINDINGS_FILE, LEARNED_FILE, NAME, LOCK, BILLS_FILE, AWS_FILE])
def test_every_file_of_the_state_folder_is_told(name: str) -> None:
    assert f"`{name}`" in TEXT.partition("### state_folder")[2].partition("\n### ")[0]
