from __future__ import annotations

import gzip
import sys
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any, Self

import pytest

from finops_tui.clock import Clock, SimulatedClock, WallClock
from finops_tui.ledger.costs import costs
from finops_tui.ledger.failure import LedgerError
from finops_tui.ledger.ledger import Ledger
from finops_tui.ledger.query import CostQuery
from finops_tui.model.health import HealthState
from finops_tui.model.observations import BillsSeen, Observation, SourceHealth
from finops_tui.sources.bills.deliveries import deliveries
from finops_tui.sources.bills.focus_files import FocusFiles
from finops_tui.sources.bills.settings import FocusSettings
from tests.ledger.charges import NOVEMBER, SCOPES
from tests.sources.bills.files import WHOLE, put, row, text, write

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Desk:
    """A folder, a ledger and the source between them."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "bills"
        self.folder.mkdir()
        self.ledger = Ledger(tmp_path / "bills.sqlite", SCOPES)

    def source(self, clock: Clock | None = None, **more: Any) -> FocusFiles:
        settings = FocusSettings(folder=self.folder, **more)
        return FocusFiles(settings, lambda: self.ledger, clock or SimulatedClock(NOW))

    def read(self, **more: Any) -> tuple[str, ...]:
        """Read what is new, and return what there is to warn of."""
        return self.source(**more).read(NOW).warnings()

    def billed(self, *by: str) -> dict[tuple[str, ...], Decimal]:
        query = CostQuery(since=NOVEMBER, until=NOVEMBER + timedelta(days=30), by=by)
        return {line.key: line.billed for line in costs(self.ledger, query).rows}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_csv_and_gzip_are_read_with_whatever_lies_deeper(desk: Desk) -> None:
    put(desk.folder, "aws.csv", row(), row(ResourceId="i-2", Tags='{"team": "ads"}'))
    put(desk.folder, "gcp/2026-11/gcp.csv.gz", row(ProviderName="Google Cloud", BillingAccountId="g"))
    write(desk.folder / "README.txt", "not a bill")
    write(desk.folder / ".hidden.csv", "not a bill")
    assert desk.read() == ()
    assert desk.billed("provider", "team") == {
        ("AWS", "ads"): Decimal("12.5"),
        ("AWS", "nlp"): Decimal("12.5"),
        ("Google Cloud", "nlp"): Decimal("12.5"),
    }


def test_bad_rows_are_named_by_line_and_column_and_good_ones_kept(desk: Desk) -> None:
    content = text(row(), row(BilledCost="oops"), row(ResourceId="i-3")) + "too,few\n"
    write(desk.folder / "aws.csv", content)
    assert desk.read() == (
        "aws.csv:3: column BilledCost: 'oops' is no number; write it as 1234.56",
        f"aws.csv:5: it has 2 fields, the first line {len(WHOLE)}",
        "aws.csv: 2 of 4 rows are left out",
    )
    assert desk.billed() == {(): Decimal(25)}
    assert len(desk.read()) == 3, "what is wrong is still told when the file is not read again"


def test_a_file_that_makes_no_sense_costs_itself_alone(desk: Desk) -> None:
    put(desk.folder, "good.csv", row())
    write(desk.folder / "other.csv", "a,b\n1,2\n")
    write(desk.folder / "empty.csv", "")
    write(desk.folder / "latin.csv", text(row(ServiceName="x")).encode() + b"\xff\xfe\n")
    write(desk.folder / "cut.csv.gz", gzip.compress(text(row(ResourceId="i-9")).encode())[:-12])
    warnings = " ".join(desk.read())
    for said in ("other.csv is no FOCUS file", "empty.csv is empty", "latin.csv is not UTF-8", "cut.csv.gz is cut off"):
        assert said in warnings
    assert desk.billed() == {(): Decimal("12.5")}, "of a file that broke off nothing counts"


def test_an_unchanged_file_is_not_read_again_and_a_changed_one_replaces_itself(desk: Desk) -> None:
    path = put(desk.folder, "aws.csv", row(), row(ResourceId="i-2"))
    desk.read()
    first = desk.billed("resource")
    path.chmod(0o000)  # whoever opened it now would fail, unless they are root
    desk.read()
    assert desk.billed("resource") == first
    path.chmod(0o600)
    put(desk.folder, "aws.csv", row(BilledCost="20"), minutes=5)
    desk.read()
    assert desk.billed("resource") == {("i-1",): Decimal(20)}


def test_a_restated_bill_under_a_new_date_replaces_the_days_that_it_names(desk: Desk) -> None:
    earlier = {"ChargePeriodStart": "2026-11-17T00:00:00Z", "ChargePeriodEnd": "2026-11-18T00:00:00Z"}
    put(desk.folder, "focus-2026-11-19.csv", row(), row(ResourceId="i-2"), row(**earlier))
    put(desk.folder, "focus-2026-11-20.csv", row(BilledCost="13"), minutes=1440)
    desk.read()
    assert desk.billed("resource") == {("i-1",): Decimal(13) + Decimal("12.5")}


def test_parts_of_one_delivery_belong_together(desk: Desk) -> None:
    for number in range(3):
        put(desk.folder, f"data/focus-0000{number}.csv", row(ResourceId=f"i-{number}"), minutes=number)
    desk.read()
    assert desk.billed() == {(): Decimal("37.5")}
    put(desk.folder, "data/focus-00001.csv", row(ResourceId="i-1", BilledCost="1"), minutes=9)
    desk.read()
    assert desk.billed() == {(): Decimal(26)}


def test_a_copy_of_a_bill_counts_once(desk: Desk) -> None:
    put(desk.folder, "november.csv", row(), row(ResourceId="i-2"))
    put(desk.folder, "old/november copy.csv", row(), row(ResourceId="i-2"), minutes=3)
    desk.read()
    assert desk.billed() == {(): Decimal(25)}


@pytest.mark.parametrize(
    ("names", "count", "series"),
    [
        (("a-00001.csv", "a-00002.csv"), 1, {"a.csv"}),
        (("part_0_0001.csv", "part_1_0001.csv"), 1, {".csv"}),
        (("x000000000000.csv.gz", "x000000000012.csv.gz"), 1, {"x.csv.gz"}),
        (("x-000000000000.csv.gz", "x-000000000012.csv.gz"), 1, {"x.csv.gz"}),
        (("focus-2026-11-19.csv", "focus-2026-11-20.csv"), 2, {"focus-#-#-#.csv"}),
        (("focus-20261119.csv", "focus-20261120.csv"), 2, {"focus-#.csv"}),
        (("focus-202611190630.csv", "focus-202611200630.csv"), 2, {"focus-#.csv"}),
        (("111111111111-2026-11.csv", "222222222222-2026-11.csv"), 2, {"111111111111-#-#.csv", "222222222222-#-#.csv"}),
        (("focus-1234567890123.csv", "focus-1234567890124.csv"), 2, {"focus-#.csv"}),
        (("a.csv", "b.csv"), 2, {"a.csv", "b.csv"}),
        (("2026-10/a-00001.csv", "2026-11/a-00001.csv"), 2, {"#-#/a.csv"}),
    ],
)
def test_which_files_belong_together(desk: Desk, names: tuple[str, ...], count: int, series: set[str]) -> None:
    for name in names:
        put(desk.folder, name, row())
    found = deliveries(desk.folder)
    assert (len(found), {each.series for each in found}) == (count, series)


def test_many_complaints_are_counted_not_listed(desk: Desk) -> None:
    put(desk.folder, "aws.csv", row(), *(row(BilledCost="x") for _ in range(500)))
    for number in range(6):
        put(desk.folder, f"more{chr(97 + number)}.csv", row(BilledCost="x"))
    warnings = desk.read()
    assert len(warnings) == 9
    assert "aws.csv: 500 of 501 rows are left out" in warnings
    assert warnings[-1] == "and 10 more: finops-tui doctor names them"


def test_what_costs_no_row_does_not_take_the_place_of_what_does(desk: Desk) -> None:
    put(desk.folder, "aws.csv", *(row(Tags=f"{{{number}") for number in range(9)), row(BilledCost="12,5"))
    assert desk.read() == (
        "aws.csv:11: column BilledCost: '12,5' is no number; write it as 1234.56",
        "aws.csv:2: column Tags: '{0' is no JSON object; the charge counts without it",
        "aws.csv:3: column Tags: '{1' is no JSON object; the charge counts without it",
        "aws.csv: 1 of 10 rows are left out",
    )


async def test_files_that_are_missing_as_a_whole_are_told_first_and_the_doctor_names_them_all(desk: Desk) -> None:
    put(desk.folder, "a.csv", *(row(BilledCost="x") for _ in range(9)))
    for name in "bcdefghijk":
        write(desk.folder / f"{name}.csv", "", minutes=1)
    assert [word.partition(" ")[0] for word in desk.read()] == [f"{name}.csv" for name in "bcdefghi"] + ["and"]
    checks = await desk.source().diagnose()
    assert checks[0].detail.endswith("11 deliveries, 10 of them cannot be read, 0 rows")
    assert len(checks) == 1 + 10 + 6
    assert (await told(desk.source(), lambda each: len(each) == 3))[-1].state is HealthState.PARTIAL  # type: ignore[attr-defined]


async def test_the_doctor_is_not_content_with_a_folder_that_gives_nothing(desk: Desk) -> None:
    (check,) = await desk.source().diagnose()
    assert (check.state, check.detail) == (
        "warn",
        f"{desk.folder}: no file of a bill lies there. Without any: these bills",
    )
    write(desk.folder / "aws.csv", text(row()).splitlines()[0] + "\n")
    assert [check.detail for check in await desk.source().diagnose()][1:] == ["aws.csv: there is no row in it"]
    write(desk.folder / "aws.csv", "", minutes=1)
    assert [check.state for check in await desk.source().diagnose()] == ["fail", "warn"]


def test_a_file_that_could_not_be_read_is_read_once_it_can(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a library that was installed nor a right that was given changes the file."""
    put(desk.folder, "aws.csv", row())
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", _denied)
        assert desk.read() == ("aws.csv cannot be read: permission denied. Check who may read it.",)
    assert desk.read() == ()
    assert desk.billed() == {(): Decimal("12.5")}


def _denied(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")


def test_a_table_whose_columns_no_comma_separates_says_so(desk: Desk) -> None:
    write(desk.folder / "aws.csv", text(row()).replace(",", ";"))
    (said,) = desk.read()
    assert said.endswith("It has 1 column. Separate its columns with commas.")


def test_bills_of_several_accounts_beside_each_other_all_count(desk: Desk) -> None:
    """Each of them is told under its payer, as those that are exported account by account are."""
    for number, account in enumerate(("111111111111", "222222222222")):
        put(desk.folder, f"focus-{account}.csv", row(SubAccountId=account), minutes=number)
    desk.read()
    assert desk.billed("account") == {("111111111111",): Decimal("12.5"), ("222222222222",): Decimal("12.5")}


def test_parquet_without_its_library_says_how_to_get_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    put(desk.folder, "good.csv", row())
    write(desk.folder / "a.parquet", b"PAR1")
    (warning,) = desk.read()
    assert "a.parquet needs a library" in warning
    assert "pip install 'finops-tui[parquet]'" in warning
    assert desk.billed() == {(): Decimal("12.5")}


def test_parquet_is_read_in_batches(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a double of pyarrow's reader: what is ours is which calls are made, and what becomes of native values."""
    rows = [{**WHOLE, "BilledCost": 0.1, "EffectiveCost": Decimal("0.1"), "Tags": [("team", "nlp")]} for _ in range(3)]

    class Batch(list[Any]):
        def to_pylist(self) -> list[Any]:
            return list(self)

    class ParquetFile:
        def __init__(self, path: Path) -> None:
            assert path.name == "a.parquet"
            self.schema_arrow = type("Schema", (), {"names": list(WHOLE)})

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def iter_batches(self, batch_size: int) -> list[Batch]:
            assert batch_size > 0
            return [Batch(rows[:2]), Batch(rows[2:])]

    package, module = ModuleType("pyarrow"), ModuleType("pyarrow.parquet")
    package.ArrowException = ValueError  # type: ignore[attr-defined] # a double
    module.ParquetFile = ParquetFile  # type: ignore[attr-defined] # a double
    monkeypatch.setitem(sys.modules, "pyarrow", package)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", module)
    write(desk.folder / "a.parquet", b"PAR1")
    assert desk.read() == ()
    assert desk.billed("team") == {("nlp",): Decimal("0.3")}


async def told(source: FocusFiles, until: Callable[[list[Observation]], bool]) -> list[Observation]:
    seen: list[Observation] = []
    async with aclosing(source.observe()) as news:  # type: ignore[type-var] # it is a generator
        async for observation in news:
            seen.append(observation)
            if until(seen):
                break
    return seen


async def test_it_tells_daily_sums_and_how_it_fares(desk: Desk) -> None:
    put(desk.folder, "aws.csv", row(), row(ResourceId="i-2"), row(BilledCost="x"))
    seen = await told(desk.source(), lambda each: len(each) == 3)
    connecting, bills, health = seen
    assert isinstance(connecting, SourceHealth)
    assert isinstance(bills, BillsSeen)
    assert isinstance(health, SourceHealth)
    assert (connecting.state, connecting.primed) == (HealthState.CONNECTING, False)
    (day,) = bills.days
    assert (day.account_name, day.service, day.usage) == ("ml-prod", "Amazon EC2", Decimal(25))
    assert bills.through == datetime(2026, 11, 19, tzinfo=UTC)
    assert (health.state, health.primed) == (HealthState.POLLED, True)
    assert health.warnings[-1] == "aws.csv: 1 of 3 rows are left out"


async def test_a_new_bill_is_told_when_it_is_asked_for(desk: Desk) -> None:
    source = desk.source(WallClock(), interval_seconds=3_600)
    changed: list[BillsSeen] = []

    def enough(seen: list[Observation]) -> bool:
        changed[:] = [each for each in seen if isinstance(each, BillsSeen)]
        return len(changed) == 2

    async with aclosing(source.observe()) as news:  # type: ignore[type-var] # it is a generator
        seen: list[Observation] = []
        async for observation in news:
            seen.append(observation)
            if enough(seen):
                break
            if isinstance(observation, SourceHealth) and observation.state is HealthState.POLLED:
                at = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
                day = {"ChargePeriodStart": at.isoformat(), "ChargePeriodEnd": (at + timedelta(days=1)).isoformat()}
                put(desk.folder, "aws.csv", row(**day))
                await source.refresh()
    assert [len(each.days) for each in changed] == [0, 1]


async def test_a_folder_that_is_not_there_is_told_and_taken_up_when_it_comes(desk: Desk) -> None:
    desk.folder.rmdir()
    seen = await told(desk.source(), lambda each: len(each) == 2)
    assert isinstance(seen[-1], SourceHealth)
    assert (seen[-1].state, seen[-1].hint) == (
        HealthState.DOWN,
        "Check `folder`, and that this account may read it and what is in it.",
    )
    assert "no such file or directory" in seen[-1].reason
    (check,) = await desk.source().diagnose()
    assert (check.subject, check.state) == ("folder", "fail")


async def test_a_ledger_that_cannot_be_opened_costs_this_source_alone(desk: Desk) -> None:
    def refuse() -> Ledger:
        raise LedgerError("The ledger of bills is damaged.", "bills.sqlite: malformed.", "Move the file away.")

    source = FocusFiles(FocusSettings(folder=desk.folder), refuse, SimulatedClock(NOW))
    seen = await told(source, lambda each: len(each) == 2)
    assert isinstance(seen[-1], SourceHealth)
    assert (seen[-1].state, seen[-1].hint) == (HealthState.DOWN, "Move the file away.")


async def test_the_doctor_counts_what_is_there(desk: Desk) -> None:
    put(desk.folder, "aws.csv", row(), row(BilledCost="x"))
    checks = await desk.source().diagnose()
    assert [check.state for check in checks] == ["ok", "warn", "warn"]
    assert checks[0].detail.endswith("1 delivery, 1 row, billed through 2026-11-19T00:00Z")


def test_the_zone_of_the_config_must_be_one() -> None:
    assert FocusSettings(folder=Path("bills"), time_zone="Europe/Berlin").title == "bills"
    with pytest.raises(ValueError, match="is no time zone"):
        FocusSettings(folder=Path("bills"), time_zone="Mars/Olympus")
