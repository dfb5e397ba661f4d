"""The line of a theme's file on which a field stands. It is only asked for where something is wrong with the file."""

from __future__ import annotations

from pathlib import Path


def place_of(path: Path, field: str) -> str:
    """Return `file:line` of a field such as `roles.page`: where it is missing, of the part that lacks it."""
    import yaml

    node = yaml.compose(path.read_text("utf-8"))
    line = node.start_mark.line if node is not None else 0
    for name in filter(None, field.split(".")):
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        found = next(((key, value) for key, value in pairs if key.value == name), None)
        if found is None:
            break
        key, node = found
        line = key.start_mark.line
    return f"{path}:{line + 1}"
