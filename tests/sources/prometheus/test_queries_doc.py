"""docs/queries.md is the catalogue. `python -m tests.sources.prometheus.test_queries_doc` writes it."""

from __future__ import annotations

from pathlib import Path

from finops_tui.sources.prometheus.catalogue import CATALOGUE

DOC = Path(__file__).parents[3] / "docs" / "queries.md"
HEAD = """# Every query that is sent

`queries:` in the config of a Prometheus replaces a query by its id. Where `$name` stands, the installation's own
labels, metrics and matchers are filled in: `$only` are the `matchers:`, `$host`, `$model` and `$device` the labels of
GPU metrics, `$slice` those of a partitioned device's parts, `$copies` those of a highly available pair of servers,
`$owners` the controllers of pods, `$ownership` and `$payers` the labels that `scopes:` names. A query is sent only
where the server holds all that it *needs*. Those that are *recorded* are dear on a large server:
[prometheus.md](prometheus.md#recording-rules).

"""


def written() -> str:
    parts = []
    for query in CATALOGUE:
        facts = [query.purpose]
        if query.needs:
            facts.append("needs " + ", ".join(f"`{name}`" for name in query.needs))
        if query.record:
            facts.append(f"recorded as `{query.record}`")
        told = "; ".join(facts)
        parts.append(f"## {query.id}\n\n{told[:1].upper()}{told[1:]}.\n\n```promql\n{query.expr}\n```\n")
    return HEAD + "\n".join(parts)


def test_the_page_is_the_catalogue() -> None:
    assert DOC.read_text("utf-8") == written(), "python -m tests.sources.prometheus.test_queries_doc writes it again"


if __name__ == "__main__":
    DOC.write_text(written(), "utf-8")
