"""The wheel carries all it needs: installed into an empty environment it runs the demo."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
THEMES = sorted(path.name for path in (REPOSITORY / "themes").glob("*.yaml"))


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    build = "import sys, hatchling.build as b; print(b.build_wheel(sys.argv[1])); print(b.build_sdist(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", build, str(out)], cwd=REPOSITORY, check=True, capture_output=True)
    return out


def test_wheel_and_sdist_hold_themes_styles_and_prices(dist: Path) -> None:
    wheel = set(zipfile.ZipFile(next(dist.glob("*.whl"))).namelist())
    assert {f"finops_tui/themes/{name}" for name in THEMES} <= wheel
    assert {"finops_tui/sources/price_table.csv", "finops_tui/config.example.yaml"} <= wheel
    assert not [name for name in wheel if name.startswith(("tests/", "bench/"))]
    with tarfile.open(next(dist.glob("*.tar.gz"))) as sdist:
        names = {name.split("/", 1)[-1] for name in sdist.getnames()}
    assert {f"themes/{name}" for name in THEMES} <= names
    assert {"config.example.yaml", "LICENSE", "README.md", "finops_tui/cli.py"} <= names


def test_installed_wheel_runs_the_demo_without_the_checkout(dist: Path, tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=False)
    site = next((environment / "lib").glob("python*/site-packages"))
    zipfile.ZipFile(next(dist.glob("*.whl"))).extractall(site)
    # The dependencies are borrowed; `addsitedir` is not used, so the checkout's own .pth file stays without effect.
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = environment / "bin" / "python"
    run = [str(python), "-P", "-c", "from finops_tui.cli import main; raise SystemExit(main())"]
    where = subprocess.run(
        [str(python), "-P", "-c", "import finops_tui; print(finops_tui.__file__)"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert where.startswith(str(environment)), "the installed copy must be the one that runs"
    demo = subprocess.run(
        [*run, "demo", "--headless", "--seed", "7", "--for", "10m", "--speed", "max", "--format", "json"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    snapshot = json.loads(demo.stdout)
    assert snapshot["headline"]["usd_per_hour"]["value"] > 0
