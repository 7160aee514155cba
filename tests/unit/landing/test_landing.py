"""Landing is immutable and idempotent: what is new lands once, in order, and says what it replaces."""

from __future__ import annotations

import gzip
import json
import random
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from kehu.entities import ENTITIES, PLUMBING
from kehu.errors import ConfigurationError, LandingError
from kehu.landing.ledger import read_ledger
from tests.support.source_folder import HEADER, MOMENT, SourceFolder

A = HEADER + "1,a,2020-01-01\n2,b,2020-01-02\n"
B = HEADER + "1,a,2020-01-01\n2,x,2020-01-02\n"


def test_a_batch_has_every_canonical_column_and_the_plumbing(shop: SourceFolder) -> None:
    shop.write("orders.csv", A)
    shop.orders()
    shop.land(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    (batch,) = shop.batches()
    path = shop.settings.landing_dir / batch.path
    assert path.parent.name == f"batch={batch.batch_id}"
    with duckdb.connect() as connection:
        described = connection.execute(f"describe from read_parquet('{path}', hive_partitioning = false)").fetchall()
    types = {row[0]: row[1] for row in described}
    assert list(types) == [*ENTITIES["orders"].column_names, *PLUMBING]
    assert {name for name, kind in types.items() if kind != "VARCHAR"} == {"_row_number", "_extracted_at"}
    assert (types["_row_number"], types["_extracted_at"]) == ("BIGINT", "TIMESTAMP")
    row = shop.rows()[0]
    assert (row["_source"], row["_file"], row["_batch_id"], row["_row_number"]) == (
        "shop",
        "orders.csv",
        batch.batch_id,
        1,
    )
    assert (row["_extracted_at"], row["_extra"], row["status"]) == (MOMENT, None, None)
    assert (batch.row_count, batch.reject_count, batch.sequence, batch.mode) == (2, 0, 1, "append")
    assert batch.delivered_columns == ("order_id", "customer_id", "ordered_at")
    assert (batch.extracted_at, batch.timezone, batch.window_from) == (MOMENT, "UTC", None)


def test_the_same_input_again_lands_nothing(shop: SourceFolder) -> None:
    shop.write("orders.csv", A)
    shop.orders()
    assert shop.land()["orders"].batches == 1
    before = files(shop)
    again = shop.land(datetime(2027, 1, 1, tzinfo=UTC))["orders"]
    assert (again.batches, again.rows, again.skipped) == (0, 0, 1)
    assert files(shop) == before


def test_a_grown_glob_lands_only_the_new_file(shop: SourceFolder) -> None:
    shop.write("orders_1.csv", A)
    shop.orders("orders_*.csv")
    shop.land()
    shop.write("orders_2.csv", HEADER + "3,c,2020-01-03\n")
    landed = shop.land()["orders"]
    assert (landed.batches, landed.rows, landed.skipped) == (1, 1, 1)
    assert [(batch.file, batch.sequence) for batch in shop.batches()] == [("orders_1.csv", 1), ("orders_2.csv", 2)]


def test_a_file_that_grew_or_changed_is_a_new_batch(shop: SourceFolder) -> None:
    shop.orders()
    for expected, content in enumerate([A, A + "3,c,2020-01-03\n", B], start=1):
        shop.write("orders.csv", content)
        assert shop.land()["orders"].batches == 1
        assert len(shop.batches()) == expected


def test_content_that_comes_back_lands_again_and_wins(shop: SourceFolder) -> None:
    shop.orders()
    for content in (A, B, A):
        shop.write("orders.csv", content)
        shop.land()
        assert shop.land()["orders"].batches == 0
    first, second, third = shop.batches()
    assert first.content_id == third.content_id != second.content_id
    assert len({first.batch_id, second.batch_id, third.batch_id}) == 3
    assert shop.values("customer_id", batch=2) == [("a",), ("b",)]


def test_content_that_comes_back_gets_the_same_id_everywhere(tmp_path: Path) -> None:
    ids = []
    for name in ("one", "other"):
        shop = SourceFolder(tmp_path / name)
        shop.orders()
        for content in (A, B, A):
            shop.write("orders.csv", content)
            shop.land()
        ids.append([batch.batch_id for batch in shop.batches()])
    assert ids[0] == ids[1]


@pytest.mark.parametrize("content", [A, HEADER], ids=["rows", "only a header"])
def test_a_copy_under_another_name_lands_once_and_never_after_newer_rows(shop: SourceFolder, content: str) -> None:
    shop.orders("orders_*.csv")
    shop.write("orders_1.csv", content)
    shop.write("orders_2.csv", content)
    assert shop.land()["orders"].batches == 2
    shop.write("orders_3.csv", B)
    for expected in (1, 0, 0):
        assert shop.land()["orders"].batches == expected
    assert [batch.file for batch in shop.batches()] == ["orders_1.csv", "orders_2.csv", "orders_3.csv"]


def test_a_renamed_file_is_a_new_one(shop: SourceFolder) -> None:
    shop.orders("orders_*.csv")
    shop.write("orders_2.csv", A)
    shop.land()
    (shop.files / "orders_2.csv").rename(shop.files / "orders_1.csv")
    shop.write("orders_3.csv", B)
    assert [shop.land()["orders"].batches for _ in range(3)] == [2, 0, 0]
    assert [batch.file for batch in shop.batches()] == ["orders_2.csv", "orders_1.csv", "orders_3.csv"]


def test_an_old_state_in_a_new_file_lands_again(shop: SourceFolder) -> None:
    shop.orders("orders_*.csv")
    for number, content in enumerate([A, B, A], start=1):
        shop.write(f"orders_{number}.csv", content)
        shop.land()
    assert len(shop.batches()) == 3, "day three says again what day one said: it must win over day two"


def test_order_of_rows_and_columns_does_not_make_a_batch(shop: SourceFolder) -> None:
    lines = [f"{i},c{i % 7},2020-01-{i % 28 + 1:02d}" for i in range(1, 500)]
    shop.write("orders.csv", HEADER + "\n".join(lines) + "\n")
    shop.orders()
    shop.land()
    random.Random(1).shuffle(lines)
    turned = ["Sold,OrderNo,Client"] + [",".join([line.split(",")[i] for i in (2, 0, 1)]) for line in lines]
    shop.write("orders.csv", "\n".join(turned))
    assert shop.land()["orders"].batches == 0


def test_how_a_file_is_written_does_not_make_a_batch(shop: SourceFolder) -> None:
    shop.write("orders.csv", A)
    shop.orders()
    shop.land()
    shop.write("orders.csv", A.replace("\n", "\r\n").replace(",", ";").encode("utf-16"))
    assert shop.land()["orders"].batches == 0


def test_how_a_file_is_packed_does_not_change_its_content(shop: SourceFolder) -> None:
    shop.write("orders.csv", A)
    shop.write("orders.csv.gz", gzip.compress(A.encode()))
    shop.orders("orders.csv*")
    shop.land()
    plain, packed = shop.batches()
    assert plain.content_id == packed.content_id
    assert plain.batch_id != packed.batch_id


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (HEADER + "1,,x\n", HEADER + "1,x,\n"),
        (HEADER + "1,ab,c\n", HEADER + "1,a,bc\n"),
        (HEADER + "1,a,t\n", HEADER + "1,a,t\n1,a,t\n"),
        (HEADER + "1,a,t\n2,b,u\n", HEADER + "1,b,t\n2,a,u\n"),
        (HEADER + "1,~,t\n", HEADER + "1,,t\n"),
        (HEADER.strip() + ",Extra\n1,a,t,x\n", HEADER.strip() + ",Extra\n1,a,t,y\n"),
    ],
)
def test_another_content_is_another_batch(shop: SourceFolder, first: str, second: str) -> None:
    shop.orders()
    shop.write("orders.csv", first)
    shop.land()
    shop.write("orders.csv", second)
    assert shop.land()["orders"].batches == 1


@pytest.mark.parametrize(
    "change", [{"mode": "snapshot"}, {"mode": "window", "window_column": "ordered_at"}, {"where": "true"}]
)
def test_what_a_mapping_means_belongs_to_the_batch(shop: SourceFolder, change: dict) -> None:
    shop.write("orders.csv", A)
    shop.orders()
    shop.land()
    shop.orders(**change)
    assert shop.land()["orders"].batches == (0 if "where" in change else 1)


def test_another_time_zone_is_another_batch(shop: SourceFolder) -> None:
    shop.write("customers.csv", "customer_id,created_at\n1,2020-01-01 10:00:00\n")
    entry = {"name": "shop", "kind": "files", "path": "shop", "entities": {"customers": {}}}
    shop.configure_sources([entry])
    shop.land()
    shop.configure_sources([{**entry, "timezone": "Asia/Shanghai"}])
    assert shop.land()["customers"].batches == 1
    assert [batch.timezone for batch in shop.batches()] == ["UTC", "Asia/Shanghai"]


def test_a_snapshot_is_one_batch_of_all_files(shop: SourceFolder) -> None:
    shop.orders("orders_*.csv", mode="snapshot")
    shop.write("orders_1.csv", A)
    shop.write("orders_2.csv", "Zone,OrderNo,Client,Sold\nN,3,c,2020-01-03\n")
    shop.land()
    (batch,) = shop.batches()
    assert (batch.mode, batch.row_count, batch.file) == ("snapshot", 3, "orders_*.csv")
    assert shop.values("order_id", "_file", "_row_number") == [
        ("1", "orders_1.csv", 1),
        ("2", "orders_1.csv", 2),
        ("3", "orders_2.csv", 1),
    ]
    (shop.files / "orders_2.csv").unlink()
    assert shop.land()["orders"].rows == 2, "a key that is gone is gone from the snapshot"


def test_an_empty_snapshot_lands(shop: SourceFolder) -> None:
    shop.orders(mode="snapshot")
    for content in (A, HEADER):
        shop.write("orders.csv", content)
        assert shop.land()["orders"].batches == 1
    assert shop.batches()[-1].row_count == 0
    assert shop.land()["orders"].batches == 0


def window(first: int, count: int, client: str = "a") -> str:
    return HEADER + "".join(f"{day},{client},2020-01-{day:02d} 23:30:00\n" for day in range(first, first + count))


def test_a_window_knows_its_days(shop: SourceFolder) -> None:
    shop.write("orders.csv", window(5, 3))
    shop.orders(mode="window", window_column="ordered_at")
    shop.land()
    (batch,) = shop.batches()
    assert (batch.mode, batch.window_from, batch.window_to) == ("window", date(2020, 1, 5), date(2020, 1, 7))
    assert batch.window_column == "ordered_at"


def test_the_days_of_a_window_may_have_spaces_around_them(shop: SourceFolder) -> None:
    shop.write("orders.csv", HEADER + "1,a, 2020-01-05 \n2,a,2020-01-06 \n")
    shop.orders(mode="window", window_column="ordered_at")
    shop.land()
    (batch,) = shop.batches()
    assert (batch.window_from, batch.window_to) == (date(2020, 1, 5), date(2020, 1, 6))


@pytest.mark.parametrize(
    "day", ["0001-01-01", "1900-01-01 00:00:00", "1969-12-31", "2099-12-31", "9999-12-31T23:59:59Z"]
)
def test_a_placeholder_does_not_widen_a_window(shop: SourceFolder, day: str) -> None:
    shop.write("orders.csv", window(5, 3) + f"99,a,{day}\n")
    shop.orders(mode="window", window_column="ordered_at")
    shop.land()
    (batch,) = shop.batches()
    assert (batch.window_from, batch.window_to) == (date(2020, 1, 5), date(2020, 1, 7))
    assert batch.row_count == 4, "the row itself lands"


def test_a_window_of_placeholders_only_does_not_land(shop: SourceFolder) -> None:
    shop.write("orders.csv", HEADER + "1,a,0001-01-01\n2,a,9999-12-31\n")
    shop.orders(mode="window", window_column="ordered_at")
    with pytest.raises(LandingError, match=r"no row has a date in window_column.*1970-01-01 to 2099-12-30"):
        shop.land()
    assert shop.batches() == []


def test_days_of_a_date_column_may_be_before_1970(shop: SourceFolder) -> None:
    shop.write("customers.csv", "customer_id,birth_date\n1,1931-05-06\n2,1900-01-01\n3,1999-09-09\n")
    shop.configure(customers={"mode": "window", "window_column": "birth_date"})
    shop.land()
    (batch,) = shop.batches()
    assert (batch.window_from, batch.window_to) == (date(1931, 5, 6), date(1999, 9, 9))


def test_a_window_whose_column_the_file_lacks_names_it(shop: SourceFolder) -> None:
    shop.write("orders.csv", "order_id,ordered_at\n1,2020-01-05\n")
    shop.configure(orders={"mode": "window", "window_column": "updated_at"})
    with pytest.raises(ConfigurationError, match=r"window_column is not delivered.*updated_at"):
        shop.land()
    assert shop.batches() == []


def test_a_window_that_is_still_in_force_does_not_land_again(shop: SourceFolder) -> None:
    shop.orders(mode="window", window_column="ordered_at")
    landed = []
    for content in (window(1, 3), window(10, 3), window(1, 3), window(2, 3, "b"), window(1, 3)):
        shop.write("orders.csv", content)
        landed.append(shop.land()["orders"].batches)
    assert landed == [1, 1, 0, 1, 1]


def test_sequences_follow_landing_order_over_all_sources(shop: SourceFolder) -> None:
    entry = {"kind": "files", "path": "shop", "entities": {"customers": {}}}
    shop.configure_sources([{"name": "one", **entry}, {"name": "two", **entry}])
    shop.write("customers.csv", "customer_id\n1\n")
    shop.land(name="two")
    shop.land(name="one")
    shop.write("customers.csv", "customer_id\n1\n2\n")
    shop.land(name="one")
    assert [(batch.source, batch.sequence) for batch in shop.batches()] == [("two", 1), ("one", 2), ("one", 3)]
    assert len({batch.batch_id for batch in shop.batches()}) == 3


def test_a_source_that_changes_while_it_is_read_does_not_land(
    shop: SourceFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.write("orders.csv", A)
    shop.orders()
    import kehu.landing.landing as landing

    write = landing.write_rows

    def grow_then_write(*arguments: object) -> None:
        shop.write("orders.csv", B)
        write(*arguments)

    monkeypatch.setattr(landing, "write_rows", grow_then_write)
    with pytest.raises(LandingError, match="changed while it was read"):
        shop.land()
    assert shop.batches() == []


@pytest.mark.slow
def test_a_file_lands_in_less_memory_than_it_takes(shop: SourceFolder) -> None:
    """The mechanism of bounded memory: rows stream through; a run that held them all would be refused by DuckDB."""
    rows = "".join(f"{i},customer number {i},2020-01-01 00:00:00,{'x' * 200}\n" for i in range(400_000))
    shop.write("orders.csv", HEADER.strip() + ",Note\n" + rows)
    shop.settings = shop.settings.model_copy(update={"memory_limit": "200MB"})
    shop.orders()
    assert shop.land()["orders"].rows == 400_000


def test_the_ledger_names_a_file_that_is_gone(shop: SourceFolder) -> None:
    shop.write("orders.csv", A)
    shop.orders()
    shop.land()
    (shop.settings.landing_dir / shop.batches()[0].path).unlink()
    with pytest.raises(LandingError, match=r"part\.parquet"):
        shop.batches()


def test_the_ledger_names_an_entry_that_cannot_be_read(shop: SourceFolder) -> None:
    shop.write("orders.csv", A)
    shop.orders()
    shop.land()
    (entry,) = (shop.settings.landing_dir / "_ledger").rglob("*.json")
    entry.write_text(json.dumps({"batch_id": "x"}))
    with pytest.raises(LandingError, match=entry.name):
        shop.batches()


def test_an_absent_ledger_is_empty(tmp_path: Path) -> None:
    assert read_ledger(tmp_path / "landing") == []


def files(shop: SourceFolder) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in shop.settings.landing_dir.rglob("*") if path.is_file()}
