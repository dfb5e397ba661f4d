"""What is a notebook: something that waits for a person, and is forgotten."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from finops_tui.model.inventory import Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookRules:
    kinds: tuple[str, ...] = ("Notebook", "Workbench", "Workspace")
    """These are notebooks whatever their names."""
    hosts: tuple[str, ...] = ("StatefulSet", "Deployment", "Pod")
    """Of these, those whose name or labels say so."""
    words: tuple[str, ...] = ("jupyter", "jupyterhub", "notebook", "notebooks", "workbench", "rstudio", "code-server")
    """Words that say so, alone or between `-`, `.`, `_` and `/`."""


def is_notebook(workload: Workload, rules: NotebookRules) -> bool:
    if workload.kind in rules.kinds:
        return True
    if workload.kind not in rules.hosts:
        return False
    says = _pattern(rules.words).search
    return bool(says(workload.name)) or any(says(key) or says(value) for key, value in workload.labels.items())


@lru_cache(maxsize=8)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    alternatives = "|".join(re.escape(word) for word in words if word) or "(?!)"
    return re.compile(rf"(?<![a-z])(?:{alternatives})(?![a-z])", re.IGNORECASE)
