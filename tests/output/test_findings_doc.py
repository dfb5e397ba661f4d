"""docs/findings.md names each detector and limit. `python -m tests.output.test_findings_doc` writes the limits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from finops_tui.config.findings import limits_of
from finops_tui.detectors.registry import DetectionRules, Detectors, place_of

DOCS = Path(__file__).parents[2] / "docs"
DOC = DOCS / "findings.md"
HEAD = "| Detector | Limits and their defaults |\n|---|---|\n"


def written() -> str:
    rules = DetectionRules()
    lines = []
    for detector in Detectors(rules).every:
        limits = limits_of(getattr(rules, place_of(detector.id))).items()
        said = ", ".join(f"`{name}` {value:g}" for name, value in limits)
        lines.append(f"| `{detector.id}` | {said or '–'} |\n")
    return HEAD + "".join(lines)


def test_every_limit_is_documented_with_its_default() -> None:
    assert written() in DOC.read_text("utf-8"), "python -m tests.output.test_findings_doc writes it again"


@pytest.mark.parametrize("detector", Detectors(DetectionRules()).every, ids=lambda detector: detector.id)
def test_every_detector_says_what_it_finds_and_by_what(detector: object) -> None:
    table = DOC.read_text("utf-8").partition("## What is looked for")[2].partition("\n\n`findings.without`")[0]
    rows = [line for line in table.splitlines() if line.startswith(f"| `{getattr(detector, 'id', '')}` |")]
    assert len(rows) == 1
    assert all(cell.strip() for cell in rows[0].strip("|").split("|"))


@pytest.mark.parametrize("page", ["findings.md", "notifications.md", "figures.md", "guide.md", "headless.md"])
def test_pages_that_are_linked_exist_and_have_the_heading(page: str) -> None:
    for target, heading in re.findall(
        r"\]\((?!https?:)([\w./-]*?\.md)(?:#([\w-]+))?\)", (DOCS / page).read_text("utf-8")
    ):
        linked = (DOCS / target).read_text("utf-8")
        headings = {_anchor(line) for line in linked.splitlines() if line.startswith("#")}
        assert not heading or heading in headings, f"{page} links {target}#{heading}"


def _anchor(line: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")


if __name__ == "__main__":
    text = DOC.read_text("utf-8")
    DOC.write_text(text.partition(HEAD)[0] + written(), "utf-8")
