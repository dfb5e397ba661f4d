"""Right configs load; wrong ones are told line by line."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.config.document import parse
from finops_tui.config.load import Loaded, load, loads
from finops_tui.config.models import Config
from finops_tui.errors import ConfigError
from finops_tui.model.money import CapacityType
from finops_tui.model.scope import ScopeKind
from finops_tui.ui.keymap import KEYS

TYPES = (
    "`type` must be one of annotations, anthropic, aws, azure, focus, gcp, grafana, kubernetes, modal, openai, "
    "opencost, prometheus, runpod"
)
SERVICE = "namespace/service:port"


def read(text: str, **environment: str) -> Loaded:
    return loads(textwrap.dedent(text), "config.yaml", environment)


def mistakes(text: str, **environment: str) -> str:
    with pytest.raises(ConfigError) as caught:
        loads(textwrap.dedent(text), "config.yaml", environment, themes=("night", "day"))
    return caught.value.detail


def test_an_empty_file_is_a_config_of_defaults() -> None:
    assert read("").config == Config()
    assert read("# nothing\n---\n").config == Config()


def test_a_whole_config() -> None:
    config = read("""
        sources:
          - {type: kubernetes, cluster: a, context: kind-a}
          - {type: prometheus, cluster: a, url: "http://prom:9090/"}
        pricing:
          built_in: false
          overrides:
            - {node: n1, usd_per_hour: 3, capacity_type: spot}
        scopes: {team: [squad]}
        idle: {below_utilization: 0.1}
        layout: mine
        layouts:
          - {name: mine, scope: team, bands: [{panes: [spend], height: 2}, {panes: [gpu, slo]}]}
        keymap: {view.zoom: "F"}
        theme: day
        refresh_seconds: 2
    """).config
    assert [source.type for source in config.sources] == ["kubernetes", "prometheus"]
    override = config.pricing.overrides[0].override()
    assert (override.node, override.usd_per_hour, override.capacity_type) == ("n1", 3.0, CapacityType.SPOT)
    assert config.scopes.rules().team == ("squad",)
    layout = config.layouts[0].layout()
    assert layout.scope is ScopeKind.TEAM
    assert [[cell.pane for cell in band.cells] for band in layout.bands] == [["spend"], ["gpu", "slo"]]
    assert [band.weight for band in layout.bands] == [2, 1]


def test_all_mistakes_are_told_at_once_each_with_its_place() -> None:
    detail = mistakes("""
        sources:
          - type: kubernetes
            cluster: a
            contxt: b
          - type: prometheos
          - cluster: c
          - type: prometheus
            cluster: d
            url: ftp://x
            timeout_seconds: soon
        them: night
        refresh_seconds: 0.01
    """)
    lines = detail.splitlines()
    assert lines == [
        "config.yaml:5:5: sources[0].contxt: there is no such field here",
        "    Did you mean context?",
        "config.yaml:6:11: sources[1].type: prometheos stands here; " + TYPES,
        "    Did you mean prometheus?",
        "config.yaml:7:5: sources[2]: `type` is missing; " + TYPES,
        "config.yaml:10:10: sources[3].url: ftp://x: write http://host:port, https://host or kube://" + SERVICE,
        "config.yaml:11:22: sources[3].timeout_seconds: soon stands here; expected a number",
        "config.yaml:12:1: them: there is no such field here",
        "    Did you mean theme?",
        "config.yaml:13:18: refresh_seconds: 0.01 stands here; expected a number of at least 0.2",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("theme: a\ntheme: b", "config.yaml:2:1: theme: this key already stands in line 1"),
        ("sources: [", "this is not YAML"),
        ("idle:\n\tbelow: 1", "tabs are not allowed"),
        ("theme: \x00", "this is not YAML"),
        ("- a", "config.yaml:1:1: the file must hold sections"),
        ("x: !!python/object/apply:os.system [ls]", "the tag tag:yaml.org,2002:python/object/apply:os.system is not"),
        ("x: !!python/name:os.system ''", "x: the tag tag:yaml.org,2002:python/name:os.system is not understood"),
        ("theme: !!binary bmlnaHQ=", "theme: the tag tag:yaml.org,2002:binary is not understood"),
        ("sources: !!str [a]", "sources: the tag tag:yaml.org,2002:str is not understood"),
        ("sources: !!seq a", "sources: the tag tag:yaml.org,2002:seq is not understood"),
        ("ascii: !!bool maybe", "config.yaml:1:8: ascii: this cannot be read as true or false"),
        ("refresh_seconds: !!int soon", "config.yaml:1:18: refresh_seconds: this cannot be read as a number"),
        ("refresh_seconds: 0x" + "f" * 5_000, "config.yaml:1:18: refresh_seconds: this cannot be read as a number"),
        ("sources: [{cluster: ${NAME}}]", 'in quotes: "${NAME}"'),
        ("a: &a {b: 1}\nc: {<<: *a}", "merge keys (<<) are not understood"),
        ("? [a]\n: b", "a key must be plain text"),
        ("theme: 3", "config.yaml:1:8: theme: 3 stands here; expected text\n    Put it in quotes."),
        ("ascii: maybe", "ascii: maybe stands here; expected true or false"),
        ("sources: {a: b}", "sources: a mapping stands here; expected a list"),
        ("theme: nihgt", "config.yaml:1:8: theme: there is no theme nihgt\n    Did you mean night?"),
        ("layout: on-cal", "config.yaml:1:9: layout: there is no layout on-cal\n    Did you mean on-call?"),
        ("layouts: [{name: debug, bands: [{panes: [gpu]}]}]", "layouts[0].name: debug stands here for the second time"),
        ("layouts: [{name: x, bands: [{panes: [gpuu]}]}]", "layouts[0].bands[0].panes[0]: there is no pane gpuu"),
        ("layouts: [{name: x, bands: [{panes: [gpu, gpu]}]}]", "the pane gpu already stands in this layout"),
        ("keymap: {view.zom: F}", "keymap.view.zom: there is no key id 'view.zom'.\n    Did you mean view.zoom?"),
        ("keymap: {view.zoom: nokey}", "config.yaml:1:21: keymap.view.zoom:"),
        ("keymap: {view.zoom: q}", "q is bound to both"),
        (
            "actions: [{id: park, title: Park, key: p, do: {command: [parkctl]}}]",
            "config.yaml:1:40: actions[0].key: p is bound to both",
        ),
        (
            "actions: [{id: park, title: Park, do: {command: [parkctl, '{nmae}']}}]",
            "nothing fills {nmae}",
        ),
        ("actions: [{id: pause, title: Park, do: {command: [x]}}]", "pause is an action of the program"),
        ("actions: [{id: feedback, title: Tell, do: {command: [x]}}]", "feedback is an action of the program"),
        (
            "actions: [{id: park, title: Park, applies_to: [anomaly], do: {command: [x]}}]",
            "nothing can be run on an anomaly",
        ),
        ("actions: [{id: park, title: Park, do: {command: [x], shell: y}}]", "exactly one of command, shell and url"),
        (
            "actions: [{id: park, title: P, do: {command: [x]}, inputs: {n: {type: whole number, least: 5, most: 1}}}]",
            "least 5 is more than most 1",
        ),
        (
            "actions: [{id: go, title: P, do: {command: [x]}, inputs: {n: {type: whole number, most: 1, default: 9}}}]",
            "default is 9",
        ),
        ("kinds: [{kind: trainer, group: ml.example.com, plural: trainers}]", "kind is 'trainer'"),
        (
            "kinds: [{kind: Trainer, group: ml.example.com, plural: trainers, path: 'spec.nodes[0].x'}]",
            (
                "config.yaml:1:72: kinds[0].path: spec.nodes[0].x: an item of a list is not named by its number. "
                "Name it by a field of its own, as a JSON pointer: /spec/nodes/name=worker/x"
            ),
        ),
        ("policy: {approvers: {mei: short}}", "is not base32 of 26 characters"),
        (
            "sources: [{type: kubernetes, cluster: a}, {type: kubernetes, cluster: a}]",
            "config.yaml:1:43: sources[1]: kubernetes a stands here for the second time",
        ),
        (
            "pricing: {overrides: [{node: n, instance_type: t, usd_per_hour: 1}]}",
            "pricing.overrides[0]: exactly one of `node`, `labels` and `instance_type`",
        ),
        ("pricing: {overrides: [{node: n, usd_per_hour: 0}]}", "expected a number above 0"),
        ("pricing: {overrides: [{node: n, usd_per_hour: .inf}]}", "usd_per_hour"),
        ("pricing: {overrides: [{node: n, usd_per_hour: 1, cluster: x}]}", "no source speaks for the cluster x"),
        ("pricing: {overrides: [{node: n}]}", "pricing.overrides[0].usd_per_hour: this field is needed"),
        (
            "slos: [{name: a, service: b, objective: 99, indicator: {error_ratio: 'x[$window]'}}]",
            "config.yaml:1:7: slos: objectives are measured by a Prometheus, and none is configured",
        ),
    ],
)
def test_what_is_wrong_is_said(text: str, expected: str) -> None:
    assert expected in mistakes(text)


@pytest.mark.parametrize("text", ["2026-02-01", "2026-13-45", "=", "<<"])
def test_what_yaml_takes_for_more_than_text_is_text(text: str) -> None:
    assert read(f"scopes: {{team: [{text}]}}").config.scopes.team == (text,)


def test_a_list_is_not_called_too_short_for_what_is_wrong_in_it() -> None:
    assert mistakes("layouts: [{name: x, bands: [[gpu], [spend]]}]").count("stands here") == 2
    assert "expected at least 1 of them" in mistakes("layouts: [{name: x, bands: []}]")


def test_two_ids_on_one_key() -> None:
    one, other = KEYS[0].id, KEYS[1].id
    assert mistakes(f"keymap: {{{one}: f9, {other}: f9}}").startswith("config.yaml:1:9: keymap: f9 is bound to both")


def test_an_objective_for_a_cluster_that_nobody_speaks_for() -> None:
    detail = mistakes("""
        sources: [{type: prometheus, cluster: prod-us, url: "http://p"}]
        slos: [{name: a, service: b, cluster: prod-uss, objective: 99, indicator: {error_ratio: 'x[$window]'}}]
    """)
    assert "config.yaml:3:39: slos[0].cluster: no Prometheus under sources: speaks for the cluster prod-uss" in detail
    assert "Did you mean prod-us?" in detail


def test_a_document_that_grows_on_reading_is_refused_quickly() -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "there is too much here" in mistakes("\n".join(levels))
    assert "refers to itself" in mistakes("a: &a [*a]")
    assert "1:1: this is nested too deeply" in mistakes("[" * 5_000)
    assert "larger than" in mistakes("#" * 1_000_001)


def test_many_mistakes_are_counted_not_all_listed() -> None:
    detail = mistakes("\n".join(f"unknown{n}: 1" for n in range(30)))
    assert "and 10 more" in detail


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Cannot read"):
        load(tmp_path, {})
    binary = tmp_path / "config.yaml"
    binary.write_bytes(b"theme: day\n\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"config.yaml:2: this is not UTF-8") as caught:
        load(binary, {})
    assert caught.value.detail == "Byte 11 of the file is 0xff."


@given(st.text(max_size=200))
def test_any_text_either_loads_or_is_a_config_error(text: str) -> None:
    try:
        loads(text, "config.yaml", {})
    except ConfigError as error:
        assert "config.yaml" in error.title  # noqa: PT017 - either outcome is right; nothing else may escape


@given(st.dictionaries(st.text("abc", min_size=1), st.integers(0, 9) | st.lists(st.integers(0, 9), max_size=3)))
def test_what_is_written_as_yaml_is_read_again(values: dict[str, object]) -> None:
    text = "\n".join(f"{key}: {value}" for key, value in values.items())
    assert parse(text, "f").values == values
