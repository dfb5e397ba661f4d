"""docs/keys.md says what the registry says. `python -m tests.ui.test_keys_doc` writes it again."""

from __future__ import annotations

from pathlib import Path

from finops_tui.ui.keymap import GROUPS, KEYS, shown

DOC = Path(__file__).parents[2] / "docs" / "keys.md"
HEAD = """# Keys

`?` in the program shows those that work here and now. Every key can be changed by its id under `keymap:` in the config,
several with commas between them: `keymap: {view.zoom: "F,f11"}`. Clashes and unknown ids are told before it opens.
`ctrl+s`, `ctrl+q`, `ctrl+z`, `ctrl+a` and `ctrl+b` belong to the terminal and its multiplexer and cannot be used.
"""


def written() -> str:
    parts = [HEAD]
    for group in GROUPS:
        rows = [
            f"| {' '.join(f'`{shown(key)}`' for key in spec.keys)} | {spec.about} | `{spec.id}` |"
            for spec in KEYS
            if spec.group == group
        ]
        parts.append("\n".join([f"\n## {group}\n", "| Key | Does | Id |", "|---|---|---|", *rows, ""]))
    return "".join(parts)


def test_the_keys_are_documented() -> None:
    assert DOC.read_text("utf-8") == written(), "python -m tests.ui.test_keys_doc writes it again"


if __name__ == "__main__":
    DOC.write_text(written(), "utf-8")
