"""Every format, encoding and delimiter lands the same rows."""

from __future__ import annotations

import gzip
import json
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from kehu.errors import SourceUnreadable
from kehu.sources.check import check_source
from kehu.sources.config import load_sources
from kehu.sources.files.excel_reader import cell_text
from kehu.sources.registry import open_source
from tests.support.source_folder import SourceFolder
from tests.support.workbook import ExcelError, write_workbook

CSV = 'customer_id,full_name,city,note\n1,Ana,Köln,a\n2,Bo,"Nice, France",b\n3,,Wien,\n'
TSV = CSV.replace('"Nice, France"', "Nice\x00 France").replace(",", "\t").replace("\x00", ",")
EXPECTED = [("1", "Ana", "Köln"), ("2", "Bo", "Nice, France"), ("3", None, "Wien")]


def packed(content: bytes) -> bytes:
    """The content as gzip, without the time of the packing: it is part of the names of tests, and those have to stay."""
    return gzip.compress(content, mtime=0)


def land_customers(shop: SourceFolder, name: str, content: bytes, **options: object) -> list[tuple]:
    shop.write(name, content)
    shop.configure(customers={"file": name, **options})
    shop.land()
    return shop.values("customer_id", "full_name", "city", entity="customers")


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("customers.csv", CSV.encode(), {}),
        ("customers.csv", CSV.replace("\n", "\r\n").encode(), {}),
        ("customers.csv", b"\xef\xbb\xbf" + CSV.encode(), {}),
        ("customers.csv", CSV.rstrip("\n").encode(), {}),
        ("customers.csv", b"\n\n" + CSV.encode(), {}),
        ("customers.csv.gz", packed(CSV.encode()), {}),
        ("customers.csv.gz", packed(CSV.encode("latin-1")), {}),
        ("customers.csv", CSV.replace("Nice, ", "Nice\x00").replace(",", ";").replace("\x00", ", ").encode(), {}),
        ("customers.csv", CSV.replace(",", "|").replace("Nice|", "Nice,").encode(), {}),
        ("customers.csv", CSV.replace(",", "~").replace("Nice~", "Nice,").encode(), {"delimiter": "~"}),
        ("customers.tsv", TSV.encode(), {}),
        ("customers.tsv.gz", packed(TSV.encode()), {}),
        ("CUSTOMERS.CSV", CSV.encode(), {}),
        ("customers.csv", CSV.encode("latin-1"), {}),
        ("customers.csv", CSV.encode("latin-1"), {"encoding": "latin-1"}),
        ("customers.csv", CSV.encode("utf-16"), {}),
    ],
)
def test_text_files(shop: SourceFolder, name: str, content: bytes, options: dict) -> None:
    assert land_customers(shop, name, content, **options) == EXPECTED
    assert [extra["note"] for extra in shop.extras("customers")] == ["a", "b", None]


@pytest.mark.parametrize("encoding", ["gbk", "gb18030"])
@pytest.mark.parametrize("named", [True, False])
def test_chinese_encodings(shop: SourceFolder, encoding: str, named: bool) -> None:
    text = "customer_id,full_name,city\n1,张伟,北京市朝阳区\n2,王芳,上海市\n3,李娜,广州市\n"
    options = {"encoding": encoding} if named else {}
    found = land_customers(shop, "c.csv", text.encode(encoding), **options)
    assert found == [("1", "张伟", "北京市朝阳区"), ("2", "王芳", "上海市"), ("3", "李娜", "广州市")]


def test_an_encoding_is_found_even_if_only_late_rows_show_it(shop: SourceFolder) -> None:
    plain = "".join(f"{i},name {i},city {i}\n" for i in range(2, 60_000))
    text = "customer_id,full_name,city\n" + plain + "1,Jürgen Groß,Köln\n"
    shop.write("c.csv", text.encode("latin-1"))
    shop.configure(customers={"file": "c.csv"})
    shop.land()
    assert ("1", "Jürgen Groß", "Köln") in shop.values("customer_id", "full_name", "city", entity="customers")


def test_an_encoding_that_cannot_be_told_is_named(shop: SourceFolder) -> None:
    shop.write("c.csv", "customer_id,city\n1,Москва\n2,Санкт-Петербург\n".encode("cp1251") + b"3,\x81\x8d\xff\xff\n")
    shop.configure(customers={"file": "c.csv"})
    with pytest.raises(SourceUnreadable, match="encoding:"):
        shop.land()
    shop.configure(customers={"file": "c.csv", "encoding": "cp1251"})
    shop.land()
    assert ("1", "Москва") in shop.values("customer_id", "city", entity="customers")


def test_parquet_keeps_its_values_as_iso_text(shop: SourceFolder) -> None:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'Asia/Shanghai'")
        connection.execute(f"""
            copy (
                select
                    7 as customer_id, timestamp '2020-01-02 03:04:05.5' as created_at, date '1990-05-06' as birth_date,
                    3::decimal(9, 2) as household_size, ['a', 'b'] as interests, true as marketing_consent,
                    timestamptz '2020-01-02 03:04:05+08' as updated_at, encode('Zoé') as city, 0.1::double as weight,
                    {{'a': 1}} as nested, null as country
            ) to '{shop.files}/customers.parquet' (format parquet)
        """)
    shop.configure(customers={})
    shop.land()
    (row,) = shop.rows("customers")
    assert row["customer_id"] == "7"
    assert row["created_at"] == "2020-01-02 03:04:05.5"
    assert row["updated_at"] == "2020-01-01 19:04:05+00", "an offset stays with its timestamp"
    assert (row["birth_date"], row["household_size"], row["marketing_consent"]) == ("1990-05-06", "3.00", "true")
    assert (row["interests"], row["city"], row["country"]) == ('["a","b"]', "Zoé", None)
    assert json.loads(row["_extra"]) == {"nested": {"a": 1}, "weight": "0.1"}


def test_types_of_parquet_can_be_used_in_expressions(shop: SourceFolder) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select 1 as id, 2.5::decimal(9, 2) as price, 3 as qty, timestamp '2020-01-02' as sold_at)"
            f" to '{shop.files}/o.parquet' (format parquet)"
        )
    shop.configure(
        orders={
            "file": "o.parquet",
            "columns": {
                "order_id": "id",
                "ordered_at": {"expr": "sold_at + interval 1 day"},
                "total_amount": {"expr": "price * qty"},
                "channel": {"expr": "_file || ':' || _row_number"},
            },
            "where": "qty > 2 and sold_at >= date '2020-01-01'",
        }
    )
    shop.land()
    assert shop.values("order_id", "ordered_at", "total_amount", "channel") == [
        ("1", "2020-01-03 00:00:00", "7.50", "o.parquet:1")
    ]


@pytest.mark.parametrize("name", ["customers.jsonl", "customers.jsonl.gz"])
def test_json_lines(shop: SourceFolder, name: str) -> None:
    lines = [
        {"customer_id": 12345678901234567890, "full_name": "Ana", "city": "Köln", "score": 1.5, "tags": {"x": [1]}},
        {"customer_id": 2, "full_name": "Bo", "city": 'Nice, "France"\n', "score": 2, "ok": True},
        {"customer_id": 3, "city": None, "odd/key~": "v"},
    ]
    text = "\n".join(json.dumps(line, ensure_ascii=index == 0) for index, line in enumerate(lines)) + "\n\n{oops\n[1]\n"
    content = text.encode()
    found = land_customers(shop, name, gzip.compress(content) if name.endswith("gz") else content)
    assert found == [
        ("12345678901234567890", "Ana", "Köln"),
        ("2", "Bo", 'Nice, "France"\n'),
        ("3", None, None),
        (None, None, None),
        (None, None, None),
    ]
    assert shop.extras("customers")[0] == {"odd/key~": None, "ok": None, "score": "1.5", "tags": {"x": [1]}}
    rejected = [row for row in shop.values("_row_number", "_raw", "_error", entity="customers") if row[2]]
    assert rejected == [(5, "{oops", "not valid JSON"), (6, "[1]", "not a JSON object")]


@pytest.mark.parametrize("columns", [None, {"customer_id": "id", "city": {"expr": "upper(town)"}, "full_name": "name"}])
@pytest.mark.parametrize("empty", ["", "\n\n"])
def test_json_lines_of_a_quiet_day_are_no_rows(shop: SourceFolder, columns: dict | None, empty: str) -> None:
    keys = (
        {"id": 1, "town": "KÖLN", "name": "Ana"} if columns else {"customer_id": 1, "city": "KÖLN", "full_name": "Ana"}
    )
    shop.write("c_1.jsonl", empty)
    shop.write("c_2.jsonl", json.dumps(keys) + "\n")
    for mode in ("append", "snapshot"):
        shop.configure(customers={"file": "c_*.jsonl", "mode": mode, **({"columns": columns} if columns else {})})
        landed = shop.land()["customers"]
        assert (landed.rows, landed.rejects) == (1, 0)
        assert shop.values("customer_id", "city", entity="customers", batch=-1) == [("1", "KÖLN")]
    shop.configure(customers={"file": "c_*.jsonl", **({"columns": columns} if columns else {})})
    (entry,) = load_sources(shop.yml).sources
    (customers,) = check_source(open_source(entry, shop.settings), shop.settings).entities
    assert (customers.rows, customers.rejects) == (1, 0)


@pytest.mark.parametrize(
    ("content", "row", "cause"),
    [
        ('[{"customer_id": 1}, {"customer_id": 2}]\n', 1, "not a JSON object"),
        ('\n[\n{"customer_id": 1},\n{"customer_id": 2},\n]\n', 2, "not valid JSON"),
        ('{\n  "customer_id": 1\n}\n', 1, "not valid JSON"),
        ("customer_id\n1\n", 1, "not valid JSON"),
    ],
)
def test_a_file_without_a_json_object_on_any_line_is_named(
    shop: SourceFolder, content: str, row: int, cause: str
) -> None:
    shop.write("customers.jsonl", content)
    shop.configure(customers={"mode": "snapshot"})
    with pytest.raises(SourceUnreadable, match=rf"no line is a JSON object.*row={row}, cause='{cause}'.*JSON lines"):
        shop.land()
    assert shop.batches() == []


def test_json_numbers_land_as_the_documentation_says(shop: SourceFolder) -> None:
    shop.write("customers.jsonl", '{"customer_id": 1, "city": 1.10, "region": 1E2, "country": "1.10"}\n')
    shop.configure(customers={})
    shop.land()
    found = shop.values("customer_id", "city", "region", "country", entity="customers")
    assert found == [("1", "1.1", "100.0", "1.10")]


def test_types_of_json_can_be_used_in_expressions(shop: SourceFolder) -> None:
    shop.write("o.jsonl", '{"id": 1, "price": 2.50, "big": 90071992547409931}\n{"id": 2, "price": 3, "big": null}\n')
    shop.configure(
        orders={
            "file": "o.jsonl",
            "columns": {
                "order_id": "id",
                "ordered_at": {"value": "2020-01-01"},
                "subtotal_amount": {"expr": "price * 2"},
                "customer_id": "big",
            },
            "where": "price < 3",
        }
    )
    shop.land()
    assert shop.values("order_id", "subtotal_amount", "customer_id") == [("1", "5.0", "90071992547409931")]


def test_excel(shop: SourceFolder) -> None:
    write_workbook(
        shop.files / "customers.xlsx",
        {
            "Notes": [["nothing here"]],
            "Kunden": [["customer_id", "full_name", "city", None], [1, "Ana", "Köln", 1.5], [], [20, None, True, "x"]],
        },
    )
    shop.configure(customers={"sheet": "Kunden"})
    shop.land()
    assert shop.values("customer_id", "full_name", "city", "_row_number", entity="customers") == [
        ("1", "Ana", "Köln", 1),
        ("20", None, "true", 3),
    ]
    assert shop.extras("customers") == [{"column_4": "1.5"}, {"column_4": "x"}]


def test_an_error_in_an_excel_cell_lands_as_its_text(shop: SourceFolder) -> None:
    missing, infinite = ExcelError("#N/A"), ExcelError("#DIV/0!")
    rows = [
        [None, "customer_id", "full_name", "city"],
        [None, 1, missing, "x"],
        [],
        [None, missing, None, infinite],
        [None, 2],
    ]
    write_workbook(shop.files / "customers.xlsx", {"Notes": [[missing]], "K & L": [[], *rows]})
    shop.configure(customers={"sheet": "K & L"})
    shop.land()
    assert shop.values("customer_id", "full_name", "city", "_row_number", entity="customers") == [
        ("1", "#N/A", "x", 1),
        ("#N/A", None, "#DIV/0!", 3),
        ("2", None, None, 4),
    ]


def test_an_excel_sheet_that_is_not_there_is_named(shop: SourceFolder) -> None:
    write_workbook(shop.files / "customers.xlsx", {"Kunden": [["customer_id"], [1]]})
    shop.configure(customers={"sheet": "Kundn"})
    with pytest.raises(Exception, match=r"sheet='Kundn', nearest=\['Kunden'\]"):
        shop.land()


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (12.0, "12"), (9007199254740992.0, "9007199254740992"), (9500000000000000.0, "9.500000000000000e+15"),
        (12345678901234500.0, "1.23456789012345e+16"),
        (12.5, "12.5"), (0.1, "0.1"), (1e300, "1e+300"), ("", None), (None, None), (False, "false"),
        (date(2020, 1, 2), "2020-01-02"), (datetime(2020, 1, 2, 3, 4), "2020-01-02 03:04:00"), (" x ", " x "),  # noqa: DTZ001
        (Decimal("1.10"), "1.10"),
    ],
)  # fmt: skip
def test_text_of_excel_cells(cell: object, text: str | None) -> None:
    assert cell_text(cell) == text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("customers.parquet", b"PAR1 no"),
        ("customers.xlsx", b"PK no"),
        ("customers.csv", b""),
        ("customers.csv", b"\n\n"),
        ("customers.csv.gz", b"not gzip"),
        ("customers.csv.gz", packed(CSV.encode())[:-6]),
        ("customers.jsonl.gz", packed(b'{"customer_id": 1}\n' * 1000)[:-9]),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_nothing_lands(shop: SourceFolder, name: str, content: bytes) -> None:
    shop.write(name, content)
    shop.configure(customers={})
    with pytest.raises(SourceUnreadable, match=name):
        shop.land()
    assert shop.batches() == []


@pytest.mark.parametrize("at", [len(packed(CSV.encode())) // 2, -8, -1])
@pytest.mark.parametrize("options", [{}, {"encoding": "utf-8"}, {"encoding": "latin-1"}])
def test_an_archive_with_a_flipped_byte_is_named(shop: SourceFolder, at: int, options: dict) -> None:
    damaged = bytearray(packed(CSV.encode()))
    damaged[at] ^= 0x55
    shop.write("customers.csv.gz", bytes(damaged))
    shop.configure(customers=options)
    with pytest.raises(SourceUnreadable, match=r"customers\.csv\.gz.*To fix"):
        shop.land()
    (entry,) = load_sources(shop.yml).sources
    with pytest.raises(SourceUnreadable, match=r"customers\.csv\.gz"):
        check_source(open_source(entry, shop.settings), shop.settings)
    assert shop.batches() == []


def test_an_archive_of_several_parts_is_read_to_its_end(shop: SourceFolder) -> None:
    first, rest = CSV.encode()[:40], CSV.encode()[40:]
    assert land_customers(shop, "customers.csv.gz", packed(first) + packed(rest), encoding="utf-8") == EXPECTED


@pytest.mark.slow
def test_a_cut_off_archive_with_early_umlauts_is_noticed(shop: SourceFolder) -> None:
    text = "customer_id,city\n" + "".join(f"{i},Köln {i * 7919 % 10007}\n" for i in range(300_000))
    packed = gzip.compress(text.encode())
    shop.write("customers.csv.gz", packed[: len(packed) // 2])
    shop.configure(customers={})
    with pytest.raises(SourceUnreadable, match=r"customers\.csv\.gz"):
        shop.land()
    assert shop.batches() == []
