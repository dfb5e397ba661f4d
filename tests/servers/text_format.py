"""The text that exporters answer with, read back."""

from __future__ import annotations

import re
import urllib.request

_LINE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')

Samples = dict[str, list[tuple[dict[str, str], float]]]


def samples_of(url: str) -> Samples:
    """Fetch metrics; return labels and value of each sample by the metric's name."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        text: str = answer.read().decode()
    samples: Samples = {}
    for line in text.splitlines():
        match = _LINE.match(line)
        if match and not line.startswith("#"):
            samples.setdefault(match[1], []).append((dict(_LABEL.findall(match[2] or "")), float(match[3])))
    return samples
