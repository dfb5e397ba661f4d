from __future__ import annotations

import re
from pathlib import Path

from bench.pictures import FOLDER, PICTURES

README = Path(__file__).parents[2] / "README.md"


def test_every_picture_is_there_and_no_other() -> None:
    assert {path.stem for path in FOLDER.glob("*.svg")} == {picture.name for picture in PICTURES}


def test_they_are_small_and_ask_nothing_of_the_network() -> None:
    for path in FOLDER.glob("*.svg"):
        svg = path.read_text(encoding="utf-8")
        assert len(svg) < 100_000, path.name
        assert set(re.findall(r"https?://[^\"\s]+", svg)) == {"http://www.w3.org/2000/svg"}, path.name


def test_the_readme_shows_one_of_them() -> None:
    shown = re.findall(r"docs/screenshots/([\w-]+)\.svg", README.read_text(encoding="utf-8"))
    assert shown
    assert set(shown) <= {picture.name for picture in PICTURES}
