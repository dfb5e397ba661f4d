"""What the settings of every source share: addresses, paths, regular expressions."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from finops_tui.sources.settings import AddressError, Regex, UserPath, api_address, web_address

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://api.example.com", "https://api.example.com"),
        ("http://localhost:9090/", "http://localhost:9090"),
        ("https://[::1]:9090/prefix//", "https://[::1]:9090/prefix"),
    ],
)
def test_an_address_is_taken_without_the_slash_at_its_end(written: str, meant: str) -> None:
    assert web_address(written) == meant


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "write https://host"),
        ("host", "write https://host"),
        ("ftp://host", "write https://host"),
        ("https://", "write https://host"),
        ("https://:443", "write https://host"),
        ("https://host:port", "write https://host"),
        ("https://ho st", "write https://host"),
        ("https://ho\nst", "write https://host"),
        ("https://[::1", "write https://host"),
        (f"ana:{SECRET}@host", "write https://host"),
        (f"https://ana:{SECRET}\u2100@host", "write https://host"),
        (f"https://ana:{SECRET}/x@host", "write https://host"),
        (f"https://ana:{SECRET}@host", "take the user and password out of the address"),
        (f"https://{SECRET}@host", "take the user and password out of the address"),
        (f"https://{SECRET}/x@host", "take the user and password out of the address"),
        (f"https://host/?key={SECRET}", "leave out everything from ? or # on"),
        (f"https://host/#{SECRET}", "leave out everything from ? or # on"),
        ("https://host?", "leave out everything from ? or # on"),
    ],
)
def test_an_address_that_cannot_be_is_refused_and_not_repeated(url: str, said: str) -> None:
    with pytest.raises(AddressError) as caught:
        web_address(url)
    assert said in str(caught.value)
    assert SECRET not in str(caught.value)


def test_who_takes_other_forms_or_signs_in_otherwise_says_so() -> None:
    with pytest.raises(AddressError, match="write smoke signals"):
        web_address("host", forms="smoke signals")
    with pytest.raises(AddressError, match="out of the address: use auth"):
        web_address("https://ana@host", instead="use auth")


def test_the_version_of_an_api_is_no_part_of_its_address() -> None:
    assert api_address("https://api.example.com/v1/", "v1") == "https://api.example.com"
    with pytest.raises(AddressError):
        api_address("https://api.example.com/v1#x", "v1")


def test_a_path_may_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    read = TypeAdapter(UserPath).validate_python
    assert read("~/state") == tmp_path / "state"
    assert read("state/~") == Path("state/~")
    with pytest.raises(ValidationError, match="there is no home folder of that name"):
        read("~nobody-of-that-name/state")


@pytest.mark.parametrize("pattern", ["(", "a{99999999999}", "(" * 5_000 + ")" * 5_000])
def test_what_is_no_regular_expression_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError, match="this is no regular expression"):
        TypeAdapter(Regex).validate_python(pattern)


def test_a_regular_expression_stays_as_it_is_written() -> None:
    assert TypeAdapter(Regex).validate_python("INC-[0-9]+") == "INC-[0-9]+"
