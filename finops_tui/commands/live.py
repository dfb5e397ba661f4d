"""`run`: the screen on the systems that the config names."""

from __future__ import annotations

import argparse
import sys
from functools import partial

from finops_tui import wiring
from finops_tui.commands.screen import hurry, require_terminal, ui_settings, user_themes
from finops_tui.commands.settings import choose
from finops_tui.config.models import Config, source_name
from finops_tui.sources.prometheus.settings import PrometheusSettings

BELLS = {"silent": "off", "bell": "bell", "desktop": "osc"}
"""The config's words in the screen's: YAML takes `off` for false."""


def run(asked: argparse.Namespace) -> int:
    hurry()
    from finops_tui.ui.theme import theme_files

    require_terminal()
    chosen = choose(asked.config, theme_files(user_themes()))
    if chosen.note:  # it stays in the terminal's history, where the screen leaves it
        sys.stderr.write(chosen.note + "\n")
    config, clock = chosen.config, wiring.live_clock()
    ui = ui_settings(
        asked,
        theme=config.theme,
        ascii_wanted=config.ascii,
        layout=config.layout,
        own_layouts=[layout.layout() for layout in config.layouts],
        keymap=config.keymap,
        bell=BELLS[config.bell],
        waiting_for=tuple(map(source_name, config.sources)),
        absent=absent(config),
        now=clock.now,
    )

    return wiring.show(partial(wiring.live_hub, config, clock), ui)


def absent(config: Config) -> dict[str, str]:
    """Return, by pane, why it cannot have rows under this config."""
    if any(isinstance(source, PrometheusSettings) for source in config.sources):
        return {}
    return {
        "gpu": "No GPU metrics are configured. Add a Prometheus under sources: in config.yaml.",
        "slo": "No SLO source is configured. Add one under sources: in config.yaml.",
        "serving": "No serving metrics are configured. Add a Prometheus under sources: in config.yaml.",
    }
