"""Text, Markdown and CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.model.finding import Cause, Finding
from finops_tui.model.fleet import Fleet
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Snapshot
from finops_tui.output import FORMATS, writer
from finops_tui.output.csv import COLUMNS
from finops_tui.output.csv import write as as_csv
from finops_tui.output.figures import duration, number, objective
from finops_tui.output.markdown import write as as_markdown
from finops_tui.output.plain import cells, cut, one_line
from finops_tui.output.text import WIDTH
from finops_tui.output.text import write as as_text
from tests.engine.fleets import composer
from tests.output.samples import FORMULA, HOSTILE, finding, full_snapshot, spend_row
from tests.samples import NOON, empty_snapshot


def named(name: str) -> Snapshot:
    """Return a snapshot in which everything that may come from outside is `name`."""
    full = full_snapshot()
    return replace(
        full,
        clusters=(name,),
        findings=(
            finding(name, cluster=name, owner=name, why=name, planned=name, causes=(Cause(what=name, at=None),)),
        ),
        spend={ScopeKind.WORKLOAD: (spend_row(name, cluster=name, owner=name, missing=name, priced_by=name),)},
        activity=(replace(full.activity[0], who=name, what=name),),
        sources=(replace(full.sources[0], name=name, reason=name, hint=name, missing=(name,), warnings=(name,)),),
    )


def rows(snapshot: Snapshot) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(snapshot))))


def test_text_reads_as_a_report() -> None:
    text = as_text(full_snapshot())
    assert text.startswith("finops-tui, demo, 2026-03-10T12:00:00Z, prod-eu, prod-us\n")
    assert "Spend rate           $1,284/h, estimated, 3s old" in text
    assert "Normal at this hour  – (nothing has answered yet)" in text
    assert "2 nodes, left out of every $/h: no price known for x1 (such as prod-us/n-1)" in text
    assert re.search(r"^nlp/job/retrain +prod-us +nlp +412\.0 +– +1\.5 +8\.0 +58 +4s +estimated$", text, re.MULTILINE)
    assert re.search(r"^prod-us/a100 +A100 +64 +60\.0 +– +– +76\.1 +0\.0 +4\.8 +~6m$", text, re.MULTILINE)
    assert re.search(r"^search latency +prod-us +99\.95 +– +14\.4 +– +-10 +– +–$", text, re.MULTILINE)
    assert "prod-us/a100: XID 79 on node-3, fallen off the bus" in text
    assert re.search(r"^prometheus prod-us +down +6m +~7m +connection refused$", text, re.MULTILINE)
    assert "prometheus prod-us lacks pods: forbidden" in text


def test_text_of_an_empty_snapshot() -> None:
    assert "no cluster yet" in as_text(empty_snapshot())


def test_text_lists_findings_first_with_cause_dollars_and_what_was_decided() -> None:
    text = as_text(full_snapshot())
    lines = text.splitlines()
    table = lines[lines.index("Findings, most urgent first") :]
    assert re.match(r"FINDING +SEV +CLUSTER +OWNER +FOR +\$/H +NORMAL \$/H +EXCESS \$/H +BURNED \$$", table[1])
    assert re.match(r"nlp/job/retrain +PAGE +prod-us +nlp +1h15m +412\.0 +94\.0 +318\.0 +398$", table[2])
    assert re.match(r"search latency +TICKET +prod-us +nlp +1h15m +– +– +– +–$", table[3])
    said = " ".join(line.strip() for line in table[4 : table.index("")])
    assert "4.4 times what this hour ever reached. Likely cause: workers 1→9 by argocd at 2026-03-10T10:44:00Z." in said
    assert "It is acknowledged by ana: investigating. It is planned: weekly load test." in said
    assert text.index("Findings, most urgent first") < text.index("Spend by ")


def test_text_says_that_nothing_is_wrong_or_that_it_cannot_know_yet() -> None:
    calm = empty_snapshot()
    assert re.search(r"^Findings +none open$", as_text(calm), re.MULTILINE)
    learning = as_text(replace(calm, learning="Normal is not known yet: 1 of 2 days seen."))
    assert re.search(r"^Anomalies +Normal is not known yet: 1 of 2 days seen\.$", learning, re.MULTILINE)
    assert "none open" not in learning


def test_text_says_what_the_open_findings_burned() -> None:
    full = full_snapshot()
    text = as_text(replace(full, headline=replace(full.headline, burned_usd=397.55)))
    assert re.search(r"^Burned +\$398 by the open findings$", text, re.MULTILINE)


def test_long_tables_are_cut_and_say_so() -> None:
    many = tuple(spend_row(f"nlp/job/{n}", float(n)) for n in range(30))
    text = as_text(replace(empty_snapshot(), spend={ScopeKind.WORKLOAD: many}))
    assert "nlp/job/29" in text
    assert "nlp/job/9 " not in text, "the smallest are left out"
    assert "and 10 more (--format json or csv has them)" in text


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", [HOSTILE, "", "x" * 5_000, "日本語" * 50, "e\u0301" * 100, "[red]a[/red]"])
def test_any_name_leaves_every_form_harmless(form: str, name: str) -> None:
    text = writer(form)(named(name))
    assert all(each.isprintable() or each == "\n" for each in text)


@pytest.mark.parametrize("form", ["text", "md", "csv"])
def test_a_lone_surrogate_is_dropped(form: str) -> None:
    writer(form)(named("a\ud800b")).encode()


@given(st.text(max_size=80))
def test_no_line_of_text_is_wider_than_the_page(name: str) -> None:
    assert max(cells(line) for line in as_text(named(name)).splitlines()) <= WIDTH


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_markdown_tables_keep_their_shape(name: str) -> None:
    counts: list[int] = []
    for line in as_markdown(named(name)).splitlines():
        if line.startswith("|"):
            counts.append(line.count("|"))
        elif counts:
            assert len(set(counts)) == 1
            counts = []


def test_markdown_shows_outside_words_as_code() -> None:
    text = as_markdown(named("<b>*bold* [x](http://y) `q`"))
    assert "| `<b>*bold* [x](http://y) 'q'` |" in text


def test_markdown_has_findings_as_a_table_for_a_ticket() -> None:
    text = as_markdown(full_snapshot())
    table = text.partition("## Findings, most urgent first\n\n")[2].partition("\n\n## ")[0].splitlines()
    assert table[0].startswith("| FINDING | SEV | CLUSTER | OWNER | FOR | $/H | NORMAL $/H |")
    assert table[2] == "| `nlp/job/retrain` | `PAGE` | `prod-us` | `nlp` | 1h15m | 412.0 | 94.0 | 318.0 | 398 |"
    assert table[3] == "| `search latency` | `TICKET` | `prod-us` | `nlp` | 1h15m | – | – | – | – |"
    assert any(line.startswith("- `nlp/job/retrain: 4.4 times") and "workers 1→9 by argocd" in line for line in table)


def test_a_finding_that_nobody_explained_or_decided_about_is_told_without() -> None:
    (line,) = (line for line in as_text(_one(finding(causes=()))).splitlines() if "4.4 times" in line)
    assert line == "  nlp/job/retrain: 4.4 times what this hour ever reached."


def _one(only: Finding) -> Snapshot:
    return replace(empty_snapshot(), findings=(only,))


def test_csv_has_every_scope_and_the_unpriced_nodes() -> None:
    found = rows(full_snapshot())
    assert [row["scope"] for row in found] == ["team", "workload", "workload", "workload", "workload", "unpriced"]
    first = found[1]
    assert tuple(first) == COLUMNS
    assert first["usd_per_hour"] == "412.04"
    assert first["normal_usd_per_hour"] == ""
    assert first["utilization_ratio"] == "0.58"
    assert first["figures_at"] == "2026-03-10T11:59:56Z"
    assert first["labels"] == "environment=production"
    assert found[2]["stale"] == "true"
    assert found[3]["provenance"] == "metered"
    assert found[4]["missing"] == "no price known for x1"
    assert found[5]["name"] == "2 nodes without a price"


@pytest.mark.parametrize("name", [FORMULA, "+1", "-1", "@x", "\x1b=1", "\t=1", " =1", "\uff1d1", "\uff20x"])
def test_csv_gives_a_spreadsheet_no_formula(name: str) -> None:
    for row in rows(named(name)):
        for column in ("name", "cluster", "owner", "missing", "priced_by"):
            assert not row[column].strip().startswith(("=", "+", "-", "@", "\uff1d", "\uff20"))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (59.4, "59s"),
        (60, "1m"),
        (7_500, "2h05m"),
        (7_200, "2h00m"),
        (270_000, "3d03h"),
        (None, "–"),
        (-3, "0s"),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


def test_numbers() -> None:
    assert [number(value) for value in (1284.06, -0.0, None, float("nan"))] == ["1,284.1", "0.0", "–", "–"]
    assert [objective(ratio) for ratio in (0.99, 0.9995, 0.999)] == ["99", "99.95", "99.9"]


def test_cutting_keeps_the_end_of_a_name_and_the_start_of_prose() -> None:
    assert cut("retrain-v7-with-a-long-name-worker-0", 20) == "retrain-v7-…worker-0"
    assert cut("somebody scaled it up", 10) == "somebody …"
    assert cut("short", 10) == "short"
    assert one_line("a\nb\x00c") == "a bc"


def unseen() -> Snapshot:
    """Return a snapshot made before any source has told anything."""
    return composer().compose(Fleet(), NOON)


@pytest.mark.parametrize("write", [as_text, as_markdown])
def test_what_nobody_has_told_of_is_not_counted_as_none(write: Callable[[Snapshot], str]) -> None:
    said = " ".join(write(unseen()).split())
    assert "– (Waiting for the first answer.)" in said
    assert "0 nodes" not in said
    assert "0.0 GPUs" not in said


def test_what_nobody_has_told_of_is_null_and_an_empty_cell() -> None:
    head = json.loads(writer("json")(unseen()))["headline"]
    assert [head[name] for name in ("nodes", "workloads", "gpus", "gpus_allocated")] == [None] * 4
    (row,) = rows(unseen())
    assert (row["gpus"], row["pods"], row["pods_pending"]) == ("", "", "")


def test_one_of_a_thing_is_one_and_what_is_missing_in_a_sentence_stays_one() -> None:
    whole = full_snapshot()
    source = replace(whole.sources[0], name="kubernetes real", missing=("Cannot list nodes in real: forbidden.",))
    text = as_text(replace(whole, headline=replace(whole.headline, nodes=1, workloads=1, gpus=1), sources=(source,)))
    assert "1 node, 1 workload, 1 GPU\n" in text
    assert "kubernetes real: Cannot list nodes in real: forbidden." in text


def test_what_is_not_known_to_be_allocated_is_said_so() -> None:
    whole = full_snapshot()
    text = as_text(replace(whole, headline=replace(whole.headline, gpus_allocated=None)))
    assert re.search(r"^Allocated +– \(.+\)$", text, re.MULTILINE)
