"""`finops-tui rules`: recording rules of the Prometheus servers that the config names."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml

from finops_tui import cli
from tests.servers.prometheus import prometheus_with
from tests.sources.prometheus.samples import Samples

HOUR = 3600


def config(url: str) -> str:
    return f"sources: [{{type: prometheus, cluster: prod-us, url: '{url}'}}]\n"


def test_rules_are_printed_for_what_the_server_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now = int(time.time())
    samples = Samples(now - HOUR, now + HOUR)
    samples.add("DCGM_FI_DEV_GPU_UTIL", {"Hostname": "n-1", "UUID": "GPU-1", "modelName": "L4"}, 50)
    file = tmp_path / "config.yaml"
    with prometheus_with(samples.text(), tmp_path) as url:
        file.write_text(config(url))
        status = cli.main(["rules", "--config", str(file)])
    (group,) = yaml.safe_load(capsys.readouterr().out)["groups"]
    assert status == 0
    assert group["name"] == "finops-tui prod-us gpu"
    assert {rule["record"] for rule in group["rules"]} == {
        "node_model:gpu_utilization:avg", "node_model:gpus:count", "node_model:gpus_active:sum",
    }  # fmt: skip


def test_a_server_that_does_not_answer_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(config("http://127.0.0.1:1"))
    assert cli.main(["rules", "--config", str(file)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "127.0.0.1:1" in said.err


def test_a_cluster_without_a_prometheus_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(config("http://127.0.0.1:1"))
    assert cli.main(["rules", "--config", str(file), "--cluster", "lab"]) == 2
    assert "no Prometheus for the cluster lab" in capsys.readouterr().err
