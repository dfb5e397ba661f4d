"""`run`: the screen on the systems that the config names."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from functools import cache, partial

from finops_tui.commands.screen import hurry, require_terminal, ui_settings, user_themes
from finops_tui.commands.settings import choose
from finops_tui.config.clouds import reaches_clouds
from finops_tui.config.models import Config, source_name
from finops_tui.sources.prometheus.settings import PrometheusSettings
from finops_tui.wiring import live, screen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.clock import Clock
    from finops_tui.ledger.drilling import Drilling
    from finops_tui.ui.acts import Act


METRIC_PANES = ("gpu", "slo", "serving")
BILL_PANES = ("bills", "checked", "budgets", "anomalies", "advice", "outside")
"""The tables of the bills page."""


def run(asked: argparse.Namespace) -> int:
    hurry()
    from finops_tui.ui.theme import theme_files

    require_terminal("finops-tui snapshot")
    chosen = choose(asked.config, theme_files(user_themes()))
    if chosen.note:  # it stays in the terminal's history, where the screen leaves it
        sys.stderr.write(chosen.note + "\n")
    config, clock = chosen.config, live.wall_clock()
    ui = ui_settings(
        asked,
        theme=config.theme,
        ascii_wanted=config.ascii,
        layout=config.layout,
        own_layouts=[layout.layout() for layout in config.layouts],
        keymap=config.keymap,
        acts=acts(config),
        bell=config.bell,
        waiting_for=tuple(map(source_name, config.sources)),
        absent=absent(config),
        tellers=tellers(config),
        answers=answers(config, clock),
        now=clock.now,
    )

    return screen.show(partial(live.hub, config, clock), ui)


def answers(config: Config, clock: Clock) -> Callable[[], Drilling] | None:
    """Return what makes the one that answers drill-downs into bills; None where the config names no bill."""
    from finops_tui.wiring.bills import BILLED, drilling

    if not any(source.type in BILLED for source in config.sources):
        return None
    return cache(partial(drilling, config, clock, partial(live.ledger, config, clock)))


def acts(config: Config) -> tuple[Act, ...]:
    """Return what can be done besides the program's own actions: at clouds, and of the config's own."""
    from finops_tui.ui.cloud_acts import FEEDBACK, RESIZE
    from finops_tui.ui.own_acts import own_act

    own = (
        own_act(
            action.id, action.title, action.about, action.key, kinds=tuple(map(str, action.applies_to)),
            inputs={name: None if each.default is None else str(each.default) for name, each in action.inputs.items()},
        )
        for action in config.actions
    )  # fmt: skip
    sources = {each.type for each in config.sources}
    resizes = (RESIZE,) if reaches_clouds(config.clouds, sources) else ()
    return (*resizes, *((FEEDBACK,) if "aws" in sources else ()), *own)  # no other source tells of anomalies


def absent(config: Config) -> dict[str, str]:
    """Return, by pane, why it cannot have rows under this config."""
    if any(isinstance(source, PrometheusSettings) for source in config.sources):
        return {}
    return {
        "gpu": "No GPU metrics are configured. Add a Prometheus under sources: in config.yaml.",
        "slo": "No SLO source is configured. Add one under sources: in config.yaml.",
        "serving": "No serving metrics are configured. Add a Prometheus under sources: in config.yaml.",
    }


def tellers(config: Config) -> dict[str, frozenset[str]]:
    """Return, by pane, the sources that tell of it: those that it waits for, and that it names when they fail."""
    from finops_tui.wiring.bills import BILLED

    def named(types: Iterable[str]) -> frozenset[str]:
        return frozenset(source_name(source) for source in config.sources if source.type in types)

    metrics, bills = named({"prometheus"}), named(BILLED)
    inventory = named({"kubernetes", "prometheus"}) or named(source.type for source in config.sources)
    return {
        "": inventory,
        **dict.fromkeys(METRIC_PANES, metrics),
        **dict.fromkeys(BILL_PANES, bills),
        "activity": inventory | named({"annotations", "grafana"}),
    }
