"""Which file is the config."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from finops_tui.errors import ConfigError

VARIABLE = "FINOPS_TUI_CONFIG"
HERE = Path("config.yaml")


def find(given: str | None, environment: Mapping[str, str]) -> Path | None:
    """Return the config file: the one `given`, the one in the environment, `./config.yaml`, the platform's own place.

    None when there is none at all. Raises ConfigError when the one that was asked for is not there.
    """
    for asked, by in ((given, "--config"), (environment.get(VARIABLE), VARIABLE)):
        if asked:
            try:
                path = Path(asked).expanduser()
            except RuntimeError:
                raise ConfigError(
                    f"There is no config file {asked}.", f"{by} names a home folder that there is not."
                ) from None
            if path.is_dir():
                raise ConfigError(f"{path} is a folder.", f"{by} must name a file.", f"Try {path / HERE}.")
            if not path.exists():  # it may be a pipe: --config <(sops -d config.enc.yaml)
                raise ConfigError(
                    f"There is no config file {path}.",
                    f"{by} names it.",
                    "finops-tui config example shows what one looks like.",
                )
            return path
    return next((path for path in (HERE, platform_place()) if path.is_file()), None)


def platform_folder() -> Path:
    """Return the folder that this platform keeps for the program's config and its user's themes."""
    from platformdirs import user_config_path

    return user_config_path("finops-tui", appauthor=False)


def platform_state() -> Path:
    """Return the folder that this platform keeps for what the program itself remembers."""
    from platformdirs import user_state_path

    return user_state_path("finops-tui", appauthor=False)


def platform_place() -> Path:
    return platform_folder() / "config.yaml"
