"""A key that a service is asked with, from the config or from a file. It is never shown."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from finops_tui.errors import SourceError


def read_key(key: SecretStr | None, file: Path | None, field: str) -> str:
    """Return the key that one of the two holds; the file is read each time. Blocks. Raises SourceError.

    `field` is what the config calls it: `admin_key`, beside which there is `admin_key_file`.
    """
    what = field.replace("_", " ").replace("api", "API")
    try:
        if file is not None:
            told = file.read_text(encoding="utf-8").strip()
        else:
            assert key is not None, "the settings have one of the two"
            told = key.get_secret_value().strip()
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or type(error).__name__).lower()
        raise SourceError(f"the {what} cannot be read: {reason}", f"{file}.", f"Check `{field}_file`.") from error
    if not told.isascii() or not told.isprintable() or not told:
        raise SourceError(f"the {what} is empty or no key", "", f"Check `{field}`, or what is in `{field}_file`.")
    return told
