"""Erased persons in the rows of a batch: the keyed hash, failing expressions, windows and snapshots, unparsable rows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from kehu.erasure.batches import rewrite_landing
from kehu.erasure.key import ErasureKey, open_key
from kehu.erasure.landing_filter import ErasedPersons
from kehu.erasure.ledger import ErasedKey, Erasure, new_erasure, open_ledger, write_entry
from kehu.errors import BadExpression, ErasureError, ErasureKeyError
from kehu.landing.extract import Rows
from kehu.landing.workspace import workspace
from kehu.settings import load_settings
from tests.support.source_folder import SourceFolder

NOW = datetime(2026, 1, 2, tzinfo=UTC)
KEY = "a key for tests, and for nothing else"


@pytest.fixture
def shop(tmp_path: Path) -> SourceFolder:
    folder = SourceFolder(tmp_path)
    folder.settings = load_settings(
        home=tmp_path / "home", sources=folder.yml, memory_limit="512MB", threads=2, erasure_key=KEY
    )
    return folder


def remember(shop: SourceFolder, *values: tuple[str, str, str]) -> Erasure:
    """Write an erasure of (kind, value, pseudonym) into the ledger."""
    key = open_key(shop.settings, make=True)
    plain = new_erasure(open_ledger(shop.settings), NOW)
    keys = tuple(ErasedKey(key.hmac(f"{kind}|{value}"), kind, pseudonym) for kind, value, pseudonym in values)
    erasure = Erasure(plain.erasure_id, plain.number, plain.token, keys, plain.requested_at)
    write_entry(shop.settings, erasure)
    return erasure


@pytest.mark.parametrize("message", ["", "record|shop:1", "客户|é\u0000x", "x" * 500, "';drop table t--"], ids=range(5))
def test_the_hash_of_sql_is_the_hash_of_python(message: str) -> None:
    key = ErasureKey(KEY)
    with duckdb.connect() as connection:
        key.into(connection)
        assert connection.execute("select kehu_hmac(?)", [message]).fetchone() == (key.hmac(message),)
        assert connection.execute("select kehu_hmac(null)").fetchone() == (None,)


def test_a_ledger_that_does_not_say_which_key_it_has_is_refused(shop: SourceFolder) -> None:
    remember(shop, ("record", "shop:c7", "shop:erased-x-01"))
    (shop.settings.erasures_dir / "key.json").unlink()
    with pytest.raises(ErasureKeyError, match=r"restore the whole folder.*"):
        open_ledger(shop.settings)


def test_a_damaged_entry_is_refused(shop: SourceFolder) -> None:
    remember(shop, ("record", "shop:c7", "shop:erased-x-01"))
    next(shop.settings.erasures_dir.glob("0*.json")).write_text("{")
    with pytest.raises(ErasureError, match="cannot be read"):
        open_ledger(shop.settings)


def test_rows_on_which_an_expression_fails_land_without_the_person(shop: SourceFolder) -> None:
    shop.configure(
        orders={
            "columns": {
                "order_id": "No",
                "customer_id": "Client",
                "ordered_at": "At",
                "total_amount": {"expr": "Sum::decimal(9, 2)"},
            }
        }
    )
    shop.write(
        "orders.csv",
        "No,Client,At,Sum\no1,c7,2024-01-01,5\no2,c7,2024-01-02,five\no3,c8,2024-01-03,six\no4,c8,2024-01-04,7\n",
    )
    remember(shop, ("record", "shop:c7", "shop:erased-x-01"))
    assert shop.land()["orders"].rejects == 2
    landed = shop.values("order_id", "customer_id", "_raw", "_error")
    assert [row[:2] for row in landed if row[0]] == [("o1", "erased-x-01"), ("o4", "c8")]
    rejected = sorted((row[3], row[2]) for row in landed if not row[0])
    assert rejected[0] == ("erased: the row could not be parsed", None)
    assert json.loads(rejected[1][1])["Client"] == "c8"


def test_what_was_erased_and_what_is_landed_again_are_one_batch(shop: SourceFolder) -> None:
    shop.orders()
    first = shop.write("orders_1.csv", "OrderNo,Client,Sold\no1,c7,2024-01-01\no2,c8,2024-01-02\n")
    shop.land()
    before = shop.batches()
    remember(shop, ("record", "shop:c7", "shop:erased-x-01"))
    assert [change.rows for change in rewrite_landing(shop.settings, open_ledger(shop.settings))] == [1]
    (after,) = shop.batches()
    assert after.replaces == (before[0].batch_id,)
    assert (after.sequence, after.fingerprint) == (before[0].sequence, before[0].fingerprint)
    assert shop.values("customer_id") == [("erased-x-01",), ("c8",)]
    assert not (shop.settings.landing_dir / before[0].path).exists()
    first.write_text(first.read_text() + "\n")
    assert shop.land()["orders"].batches == 0
    assert rewrite_landing(shop.settings, open_ledger(shop.settings)) == [], "a second time changes nothing"


def test_two_batches_that_become_alike_stay_two(shop: SourceFolder) -> None:
    shop.configure(customers={"file": "customers_*.csv"})
    shop.write("customers_1.csv", "customer_id,full_name\nc7,Anna\n")
    shop.write("customers_2.csv", "customer_id,full_name\nc7,Anne\n")
    shop.land()
    remember(shop, ("record", "shop:c7", "shop:erased-x-01"))
    rewrite_landing(shop.settings, open_ledger(shop.settings))
    assert len({batch.batch_id for batch in shop.batches()}) == 2
    assert shop.values("customer_id", "full_name", entity="customers") == [("erased-x-01", None)] * 2
    rewrite_landing(shop.settings, open_ledger(shop.settings))
    assert len(shop.batches()) == 2


def test_lists_of_other_ids_keep_their_other_ids(shop: SourceFolder) -> None:
    shop.configure(customers={})
    shop.write("customers.csv", 'customer_id,external_ids\nc1,"crm:1, shop:c7,crm:2"\nc2,"crm:7,shop:c77"\nc3,\n')
    remember(shop, ("record", "shop:c7", "shop:erased-x-01"))
    shop.land()
    assert shop.values("customer_id", "external_ids", entity="customers") == [
        ("c1", "crm:1,shop:erased-x-01,crm:2"),
        ("c2", "crm:7,shop:c77"),
        ("c3", None),
    ]


@pytest.mark.parametrize("written", ["+49 170 5550173", "0049 (0)170/5550173", "（＋４９）170-555 01 73"])
def test_a_number_is_known_however_it_is_written(shop: SourceFolder, written: str) -> None:
    shop.configure(tickets={})
    shop.write("tickets.csv", f'ticket_id,phone,created_at,text\nt1,"{written}",2024-01-01,call me\n')
    erasure = remember(shop, ("phone", "+491705550173", ""))
    shop.land()
    ((phone, text),) = shop.values("phone", "text", entity="tickets")
    assert phone.startswith("+999")
    assert len(phone) == 15
    assert text is None
    assert erasure.token not in phone


def test_sql_of_a_source_never_meets_the_key(shop: SourceFolder) -> None:
    remember(shop, ("record", "shop:c7", "shop:erased-x-01"))
    rows = Rows(
        "select 'c7' as customer_id, 'f' as _file, null::varchar as _extra, 1::bigint as _row_number", ("customer_id",)
    )
    persons = ErasedPersons(shop.settings)
    persons.prepare()
    with workspace(shop.settings, "test") as work:
        clean = persons.applied(work, "shop", "customers", rows)
        assert work.rows(f"select customer_id from ({clean.accepted})") == [("erased-x-01",)]
        assert work.rows("select count(*) from duckdb_variables()") == [(0,)]
        assert work.rows("select count(*) from duckdb_functions() where function_name = 'kehu_hmac'") == [(0,)]
        assert work.rows("select count(*) from duckdb_tables()") == [(0,)]


def test_the_hash_is_no_function_of_a_source(shop: SourceFolder) -> None:
    shop.configure(customers={"columns": {"customer_id": "customer_id", "full_name": {"expr": "kehu_hmac('phone|1')"}}})
    shop.write("customers.csv", "customer_id\nc1\n")
    remember(shop, ("record", "shop:c7", "shop:erased-x-01"))
    with pytest.raises(BadExpression, match="kehu_hmac"):
        shop.land()
