from __future__ import annotations
from bench.report import Figure
from bench.setting import Setting


def figures(setting: Setting) -> list[Figure]:
    return []
