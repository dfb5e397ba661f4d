"""The command line. Nothing that takes time is imported before it is known which command runs."""

from __future__ import annotations

import argparse
import io
import sys

from finops_tui import __version__
from finops_tui.commands.arguments import SINCE_SECONDS, TOP, address, count, duration, hours, moment, span, speed, top
from finops_tui.errors import ConfigError, Failed, FinopsError, Refused, UsageError
from finops_tui.output import COSTS_FORMATS, ESTIMATE_FORMATS, FORMATS, JOURNAL_FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` itself would cost a tenth of the time that --help may take
    from collections.abc import Callable, Sequence
    from typing import Any, NoReturn

OK = 0
FAILED = 1
USAGE = 2
REFUSED = 5
NOT_DONE = 6
INTERRUPTED = 130
BROKEN_PIPE = 141

DESCRIPTION = "The terminal for GPU cost incidents: what burns, whose it is, what changed, and what to do about it."
EXIT_STATUS = """exit status:
  0    done
  1    failed; the message says why, and after a bug where its report lies;
       journal: the record does not hold
  2    the command line or the config is wrong
  3    snapshot: no source answered in time; doctor: something needed is missing
  4    snapshot: printed, but not every source answered
  5    demo --do: refused, nothing was changed; costs --drill: it may cost money and wants --yes
  6    demo --do: a change was sent and failed, or nobody knows
  7    demo --do: printed, but the sum to get under is not reached
  130  interrupted
  141  whoever read the output went away
"""
STATUSES = (((ConfigError, UsageError), USAGE), ((Refused,), REFUSED), ((Failed,), NOT_DONE))


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=_help_formatter, allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, hint=f"{self.prog} --help lists what there is.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    _write_any_character()
    _have_a_home()
    try:
        status = _run(words)
        sys.stdout.flush()
    except FinopsError as error:
        _tell(error)
        return next((status for kinds, status in STATUSES if isinstance(error, kinds)), FAILED)
    except BrokenPipeError:
        _close_quietly()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort: a person gets one line, the report gets the rest
        _apologize(error, words)
        return FAILED
    return status


def _apologize(error: Exception, words: Sequence[str]) -> None:
    if isinstance(error, OSError) and _is_about_output(error):
        _close_quietly()
        _tell(FinopsError(f"The output could not be written ({error.strerror})."))
        return
    from finops_tui.commands.crash import report

    sys.stderr.write(report(error, words))


def _is_about_output(error: OSError) -> bool:
    """Tell whether a full disk or a terminal that went away kept us from writing; those errors name no file."""
    import errno

    return error.filename is None and error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def _run(words: list[str]) -> int:
    if sys.stdout is None:
        raise UsageError("There is nowhere to write to: the standard output is closed.")
    parser = _parser(words)
    try:
        asked = parser.parse_args(words)
    except UsageError as error:
        raise _suggest(error, words) from None
    except SystemExit as end:  # --help and --version have printed what they had to
        return int(end.code or OK)
    return _command(asked.command or "run")(asked)


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    from importlib import import_module

    run: Callable[[argparse.Namespace], int] = import_module(f"finops_tui.commands.{MODULES.get(name, name)}").run
    return run


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """Make the parser; options are added only to the commands that `words` name, which saves start-up time."""
    parser = _Parser(prog="finops-tui", description=DESCRIPTION, epilog=EXIT_STATUS)
    parser.add_argument("--version", action="version", version=f"finops-tui {__version__}")
    _config_option(parser)
    _screen_options(parser)
    commands = parser.add_subparsers(dest="command", metavar="command", title="commands", prog="finops-tui")
    for name, (summary, add_options) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        if name in words:
            add_options(command)
    return parser


def _help_formatter(prog: str) -> argparse.HelpFormatter:
    """As argparse has it, with the width found without `shutil`, whose import takes a fifth of the time of --help."""
    import os

    try:
        width = os.get_terminal_size(1).columns
    except OSError:
        width = 100
    return argparse.RawDescriptionHelpFormatter(prog, width=max(40, min(width, 100)), max_help_position=20)


def _run_options(parser: argparse.ArgumentParser) -> None:
    _config_option(parser, default=argparse.SUPPRESS)
    _screen_options(parser, default=argparse.SUPPRESS)


def _keys_options(parser: argparse.ArgumentParser) -> None:
    _config_option(parser, default=argparse.SUPPRESS)


def _no_options(_: argparse.ArgumentParser) -> None:
    """Add nothing: it lists the same however it is asked."""


def _demo_options(parser: argparse.ArgumentParser) -> None:
    from finops_tui.simulation.scenarios import NAMES as SCENARIOS

    add = parser.add_argument
    _screen_options(parser, default=argparse.SUPPRESS)
    add("--seed", type=int, default=7, metavar="N", help="which cloud is simulated (default 7)")
    add("--speed", type=speed, default=None, metavar="X", help="times real time (60), or max when headless")
    at_help = "when its clock begins (now; headless 2026-03-10T14:00Z)"
    add("--at", type=moment, default=None, metavar="WHEN", help=at_help)
    names = ", ".join(SCENARIOS)
    add("--scenario", choices=SCENARIOS, default=None, metavar="NAME", help=f"incident after 20 minutes: {names}")
    add("--headless", action="store_true", help="no screen: run for a while, print a snapshot and end")
    add(
        "--for",
        dest="seconds",
        type=duration,
        default=None,
        metavar="TIME",
        help="simulated time to run headless (30m)",
    )
    add("--format", choices=FORMATS, default=None, help="of the snapshot printed at the end (text)")
    do_help = "headless, change something at a time, as in 'pause nlp-train/retrain-v7 @25m'; may be repeated"
    add("--do", action="append", default=[], metavar="CHANGE", help=do_help)


def _snapshot_options(parser: argparse.ArgumentParser) -> None:
    _config_option(parser, default=argparse.SUPPRESS)
    parser.add_argument("--format", choices=FORMATS, default="text", help="text unless given")
    wait_help = "how long to wait for every source to answer (default 30s)"
    parser.add_argument("--wait", type=duration, default=30.0, metavar="TIME", help=wait_help)


def _doctor_options(parser: argparse.ArgumentParser) -> None:
    _config_option(parser, default=argparse.SUPPRESS)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text unless given")


def _simulate_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--listen", type=address, default=("127.0.0.1", 9400), metavar="HOST:PORT", help="default 127.0.0.1:9400")
    add("--seed", type=int, default=7, metavar="N", help="which cloud is simulated (default 7)")
    add("--speed", type=speed, default=1.0, metavar="X", help="times real time (default 1)")


def _rules_options(parser: argparse.ArgumentParser) -> None:
    _config_option(parser, default=argparse.SUPPRESS)
    parser.add_argument("--cluster", default=None, metavar="NAME", help="only for the Prometheus of this cluster")


def _journal_options(parser: argparse.ArgumentParser) -> None:
    _config_option(parser, default=argparse.SUPPRESS)
    add = parser.add_argument
    add("--format", choices=JOURNAL_FORMATS, default="text", help="text unless given; md is a handover note")
    add("--since", type=duration, default=None, metavar="TIME", help="only what was begun in the last 24h, 30m, 7d")
    add("--verify", action="store_true", help="hold every line against the one before it")


def _costs_options(parser: argparse.ArgumentParser) -> None:
    _config_option(parser, default=argparse.SUPPRESS)
    add = parser.add_argument
    by_help = "what to count by: team, service, account, tag:KEY and more; several with commas"
    add("--by", action="append", default=[], metavar="WHAT", help=by_help)
    add("--since", type=span, default=SINCE_SECONDS, metavar="TIME", help="the last 7d unless given, in whole days")
    add("--grain", choices=("hour", "day", "month"), default=None, help="one row for each; none unless given")
    compare_help = "the last billed week, or month so far, beside as many days before; without --since and --grain"
    add("--compare", choices=("week", "month"), default=None, help=compare_help)
    where_help = "only that, as in team=nlp; may be repeated"
    add("--where", action="append", default=[], metavar="WHAT=VALUE", help=where_help)
    add("--format", choices=COSTS_FORMATS, default="table", help="table unless given")
    drill_help = "ask the cloud's own export where it lies: by resource, sku, operation, hour and more; may cost money"
    add("--drill", action="store_true", help=drill_help)
    add("--top", type=top, default=TOP, metavar="N", help="rows of a drill-down; the others are one (20)")
    add("--yes", action="store_true", help="ask also where it may cost more than bills.ask_from_usd")


def _estimate_options(parser: argparse.ArgumentParser) -> None:
    _config_option(parser, default=argparse.SUPPRESS)
    add = parser.add_argument
    add("--instance", required=True, metavar="TYPE", help="instance type, such as p5.48xlarge")
    add("--count", type=count, default=1, metavar="N", help="how many machines (1)")
    add("--hours", type=hours, default=1.0, metavar="N", help="for how long (1)")
    add("--region", default=None, metavar="NAME", help="at the prices of that region, where they are known")
    add("--spot", action="store_true", help="as spot machines")
    add("--format", choices=ESTIMATE_FORMATS, default="table", help="table unless given")


def _permissions_options(parser: argparse.ArgumentParser) -> None:
    _config_option(parser, default=argparse.SUPPRESS)
    add = parser.add_argument
    add("--kubernetes", action="store_true", help="the role of a Kubernetes cluster, as YAML for kubectl apply")
    add("--aws", action="store_true", help="the IAM policy of an AWS account, as JSON")
    add("--gcp", action="store_true", help="the custom roles of a Google Cloud project, as YAML")
    add("--azure", action="store_true", help="the custom roles of an Azure subscription, as JSON")
    add("--namespace", action="append", default=[], metavar="NAME", help="only there; may be repeated")
    add("--action", action="append", default=[], metavar="ID", help="only for this action; may be repeated")


def _config_options(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(dest="part", metavar="what", required=True)
    for name, summary in (
        ("check", "read the config and name every mistake in it"),
        ("schema", "print the JSON Schema of the config, for editors"),
        ("example", "print a config with every field, to begin with"),
        ("show", "print the config as it is written, secrets masked"),
    ):
        part = parts.add_parser(name, help=summary, description=summary)
        _config_option(part, default=argparse.SUPPRESS)
        if name == "show":
            part.add_argument("--effective", action="store_true", help="defaults too, and where each value comes from")


def _config_option(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    parser.add_argument("--config", default=default, metavar="FILE", help="config file to use")


def _screen_options(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    parser.add_argument("--theme", default=default, metavar="NAME", help="colours to use")
    parser.add_argument("--layout", default=default, metavar="NAME", help="which panes to show")
    parser.add_argument("--ascii", action="store_true", default=default, help="draw with ASCII alone")


MODULES = {"run": "live", "themes": "lists", "keys": "lists"}
"""Where a command stands in `commands/`, if not under its own name."""

COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "run": ("open the screen on the systems in the config (the default)", _run_options),
    "demo": ("open the screen on a simulated GPU cloud: no account, no cluster", _demo_options),
    "snapshot": ("print what the screen would show, and end", _snapshot_options),
    "doctor": ("check every configured system, the config and the terminal", _doctor_options),
    "simulate": ("serve the simulated cloud as a Prometheus exporter", _simulate_options),
    "config": ("check the config, print its schema, or show what is in force", _config_options),
    "detectors": ("list what is looked for, and the limits that the config may set", _no_options),
    "rules": ("print recording rules for the queries that are dear on a large Prometheus", _rules_options),
    "costs": ("print what was billed, by team, service, account or anything else", _costs_options),
    "estimate": ("print what machines would cost, and what would do for less", _estimate_options),
    "journal": ("list what was changed with this program, or prove that the record is whole", _journal_options),
    "permissions": ("print the least that the actions must be allowed to do", _permissions_options),
    "themes": ("list the themes", _no_options),
    "keys": ("list the keys and what they do", _keys_options),
}


def _suggest(error: UsageError, words: Sequence[str]) -> UsageError:
    """Say what was probably meant by a word that is not known."""
    import difflib
    import re

    unknown = re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)|unrecognized arguments: ([^\s=]+)", error.title)
    if unknown is None:
        return error
    every = argparse.ArgumentParser(conflict_handler="resolve")
    _run_options(every)
    for name in set(words) & set(COMMANDS):
        COMMANDS[name][1](every)
    options = ["--version", *re.findall(r"--[a-z]+", every.format_help())]
    title, first = error.title, words[0].partition("=")[0]
    if unknown[3] in options:  # it is known, but not to this command
        return error
    if unknown[1] is None:
        word, known = unknown[3], options
    elif first.startswith("--") and first not in options:  # what followed it was taken for a command
        title, word, known = f"unrecognized arguments: {first}", first, options
    else:
        word, known = unknown[1], re.findall(r"[\w-]+", unknown[2])
    close = difflib.get_close_matches(word, known, n=1)
    return UsageError(title, hint=f"Did you mean {close[0]}?" if close else error.hint)


def _tell(error: FinopsError) -> None:
    from finops_tui.output.plain import lines_of

    for part in (f"finops-tui: {error.title}", error.detail, error.hint):
        for line in lines_of(part):
            sys.stderr.write(line + "\n")


def _write_any_character() -> None:
    """Let no name from outside break the output: files and pipes get UTF-8, a terminal `?` for what it cannot show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")


def _have_a_home() -> None:
    """Let a user without $HOME whom the system does not know live in `/`, as containers do."""
    import os

    if os.path.expanduser("~") == "~":  # noqa: PTH111 - `Path` raises, and is not loaded yet
        os.environ["HOME"] = "/"


def _close_quietly() -> None:
    """Whoever read our output has gone; let the interpreter's last flush go nowhere instead of complaining."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
