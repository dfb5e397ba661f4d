"""Makes Textual's screenshots fit for a repository: small, the same every time, and asking nothing of the network."""

from __future__ import annotations

import re

WEB_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
LINE_CLIPS = re.compile(
    r'<clipPath id="[^"]*-line-\d+">.*?</clipPath>\s*| clip-path="url\(#[^"]*-line-\d+\)"', re.DOTALL
)
LINE_ENDS = re.compile(r"<text [^>]*>\n</text>")
UNIQUE_NAME = re.compile(r"\bterminal-\d+")
FONTS = "'Fira Code', 'DejaVu Sans Mono', Menlo, Consolas, monospace"


def slim(svg: str) -> str:
    """Return the same picture without web fonts, without a clip for each line, with plain names and plain blanks."""
    svg = WEB_FONTS.sub("", svg)
    svg = LINE_CLIPS.sub("", svg)
    svg = LINE_ENDS.sub("", svg)
    svg = UNIQUE_NAME.sub("t", svg)
    svg = svg.replace("font-family: Fira Code, monospace;", f"font-family: {FONTS};\n        white-space: pre;")
    svg = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)
    return svg.replace("&#160;", " ").replace("https://www.textualize.io", "").strip() + "\n"
