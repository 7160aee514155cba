"""Files as tools write them: read right, refused by name, or told; never read as something else in silence."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest

from kehu.errors import ConfigurationError, MappedColumnMissing, SourceUnreadable
from kehu.sources.column_names import folded, meant
from kehu.sources.files.western import is_surely_western
from tests.support.source_folder import SourceFolder
from tests.support.workbook import ExcelError, Formula, write_workbook

pytestmark = pytest.mark.slow

CASES = Path(__file__).resolve().parents[2] / "cases"
ROWS = "1,a,2024-01-05 10:00:00,10.00\n2,b,2024-01-06 10:00:00,20.00\n"
NAMES = "order_id,customer_id,ordered_at,subtotal_amount\n"
LANDED = [("1", "a", "10.00", 1), ("2", "b", "20.00", 2)]


def use_case(shop: SourceFolder, name: str, day: str = "") -> None:
    """Lay the files of a case over the shop's."""
    folder = CASES / name / day
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        target = shop.yml if path.name == "sources.yml" else shop.yml.parent / "data" / path.name
        target.parent.mkdir(exist_ok=True)
        shutil.copy(path, target)


def orders(shop: SourceFolder) -> list[tuple]:
    return shop.values("order_id", "customer_id", "subtotal_amount", "_row_number")


# --- headers -----------------------------------------------------------------------------------------------------------


def test_a_header_in_other_case_is_the_same_column(shop: SourceFolder) -> None:
    use_case(shop, "header_case_drift", "day1")
    shop.land()
    use_case(shop, "header_case_drift", "day2")
    shop.land()
    assert shop.values("order_id", "status", "currency", batch=-1) == [
        ("D1", "completed", "EUR"),
        ("D2", "cancelled", "EUR"),
        ("D3", "test", "EUR"),
    ]
    assert shop.batches()[0].delivered_columns == shop.batches()[-1].delivered_columns
    assert set(map(str, shop.extras()[-3:])) == {"None"}, "nothing is left over for _extra"


@pytest.mark.parametrize(
    "header",
    [
        "ORDER_ID,Customer_Id,ordered_at,SUBTOTAL_AMOUNT",
        " order_id , customer_id\t,ordered_at ,\u00a0subtotal_amount",
        "ｏｒｄｅｒ＿ｉｄ,ｃｕｓｔｏｍｅｒ＿ｉｄ,Ｏrdered_at,subtotal_amount\u3000",
        "\u200border_id,customer_id\u200b,ordered_at,\u2060subtotal_amount",
    ],
)
@pytest.mark.parametrize("mapped", [False, True])
def test_case_blanks_width_and_invisible_characters_make_no_other_column(
    shop: SourceFolder, header: str, mapped: bool
) -> None:
    shop.write("orders.csv", f"{header}\n{ROWS}")
    columns = {name: name for name in NAMES.strip().split(",")}
    shop.configure(orders={"file": "orders.csv", **({"columns": columns} if mapped else {})})
    shop.land()
    assert orders(shop) == LANDED
    assert set(map(str, shop.extras())) == {"None"}


def test_of_two_columns_that_differ_in_case_the_spelling_decides_or_nobody(shop: SourceFolder) -> None:
    shop.write("orders.csv", "order_id,ordered_at,Status,STATUS\n1,2024-01-05,completed,x\n")
    columns = {"order_id": "order_id", "ordered_at": "ordered_at", "status": "status"}
    shop.configure(orders={"file": "orders.csv", "columns": columns})
    with pytest.raises(MappedColumnMissing, match=r"several columns.*columns=\['Status', 'STATUS_2'\]"):
        shop.land()
    shop.configure(orders={"file": "orders.csv", "columns": columns | {"status": "STATUS_2"}})
    shop.land()
    assert shop.values("status") == [("x",)]


def test_a_name_is_folded_as_people_read_it() -> None:
    assert folded(" Ｏrder  ID\u200b") == "order id"
    assert meant("Total", ["total ", "TOTAL AMOUNT"]) == ["total "]
    assert meant("total", ["Total", "total"]) == ["total"], "the spelling goes first"
    assert meant("order id", ["order_id"]) == [], "a blank is no underscore: that would be a guess"


# --- encodings ---------------------------------------------------------------------------------------------------------


def test_polish_text_is_asked_for_instead_of_read_as_western(shop: SourceFolder) -> None:
    use_case(shop, "encoding_guessed_wrong")
    with pytest.raises(SourceUnreadable, match=r"encoding of the file cannot be told.*encoding:") as caught:
        shop.land()
    assert caught.value.facts["file"] == "customers.csv"
    assert shop.batches() == []
    shop.yml.write_text(shop.yml.read_text().replace("customers: {}", "customers: {encoding: cp1250}"))
    shop.land()
    assert shop.values("city", entity="customers") == [("Łódź",), ("Gdańsk",), ("Kraków",)]


OTHERS = {
    "one word of Polish": ("Gdańsk", "cp1250"),
    "Polish names": ("Zięba, Dąbrowski, Stępień, Wałęsa", "cp1250"),
    "Latin 2": ("Łódź, Gdańsk", "iso8859-2"),
    "Czech": ("Černý, Dvořák, Němcová, Plzeň, Jiří", "cp1250"),
    "Slovak": ("Košice, Žilina", "cp1250"),
    "Hungarian": ("Győr, Szűcs, Kecskemét, Erdős", "cp1250"),
    "Croatian": ("Petrović, Kočevar", "cp1250"),
    "Romanian": ("Brăila, Bacău", "cp1250"),
    "Turkish": ("İstanbul, Şişli, Yıldız, Doğan", "cp1254"),
    "Baltic": ("Šiauliai, Žemaitė, Bērziņš", "cp1257"),
    "Russian": ("Москва, Иванов", "cp1251"),
    "Russian of old": ("Москва, Иванов", "koi8-r"),
    "Greek": ("Αθήνα, Παπαδόπουλος", "cp1253"),
    "Hebrew": ("שלום", "cp1255"),
    "Arabic": ("مرحبا", "cp1256"),
    "Korean": ("서울특별시 강남구, 김철수, 부산, 이영희", "euc-kr"),
    "Japanese": ("東京都渋谷区, 佐藤太郎, 大阪, 京都", "shift_jis"),
    "Taiwanese": ("台北市信義區, 陳志明, 高雄, 台中", "big5"),
    "German of DOS": ("Müller, Größe", "cp850"),
    "Spanish of the Macintosh": ("Málaga, señor, España", "mac-roman"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_may_be_text_in_several_encodings_is_asked_for(shop: SourceFolder, name: str) -> None:
    text, encoding = OTHERS[name]
    rows = "".join(f"{number},{word}\n" for number, word in enumerate(text.split(", ")))
    shop.write("customers.csv", f"customer_id,city\n{rows}".encode(encoding))
    shop.configure(customers={})
    with pytest.raises(SourceUnreadable, match="encoding:"):
        shop.land()
    shop.configure(customers={"encoding": encoding})
    shop.land()
    assert [row[0] for row in shop.values("city", entity="customers")] == text.split(", ")


@pytest.mark.parametrize(
    "text",
    [
        "père, très, siège, être, forêt, cœur, où, août, déjà, façade, Noël, L’Haÿ-les-Roses, 10 €, PÈRE, Éric",
        "Müller, Straße, Köln, Äpfel, Über, ÄRGER, Café, »so«, 20 °C, 3 m²",
        "España, niño, Muñoz, Málaga, ¿Qué tal?, ¡Hola!, nº 5, AÑO, pingüino",
        "São Paulo, corações, põe, maçã, você, ciência, João, Conceição, Guimarães, português",
        "città, caffè, così, perché, più, virtù, però",
        "Malmö, Göteborg, Åsa, smörgås",
        "København, Århus, Sørensen, Lærke",
        "België, coördinatie, één",
    ],
)
def test_western_text_is_told_without_asking(shop: SourceFolder, text: str) -> None:
    assert is_surely_western(text)
    shop.write("customers.csv", f'customer_id,city\n1,"{text}"\n'.encode("cp1252"))
    shop.configure(customers={})
    shop.land()
    assert shop.values("city", entity="customers") == [(text,)]


# --- lines before the header -------------------------------------------------------------------------------------------


def test_the_line_for_excel_is_taken_as_excel_takes_it(shop: SourceFolder) -> None:
    use_case(shop, "csv_lines_before_the_header", "sep_line")
    shop.land()
    assert orders(shop) == [("1", "a", "10.00", 1)]


@pytest.mark.parametrize(
    ("first", "delimiter"),
    [("sep=;", ";"), ('"sep=;"', ";"), ("SEP=|", "|"), ("sep=,,,,", ","), ("\nsep=~", "~"), ("sep=\t", "\t")],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_the_line_for_excel_in_other_spellings(
    shop: SourceFolder, first: str, delimiter: str, end: str, encoding: str
) -> None:
    table = (NAMES + ROWS.replace("b", "ö")).replace(",", delimiter)
    shop.write("orders.csv", f"{first}\n{table}".replace("\n", end).encode(encoding))
    shop.configure(orders={})
    shop.land()
    assert orders(shop) == [LANDED[0], ("2", "ö", "20.00", 2)]


@pytest.mark.parametrize(
    ("case", "skip", "said"),
    [
        ("preamble", 3, "line 1 has 2 columns, line 4 has 4.*skip: 3"),
        ("preamble_hash", 1, "line 1 has 1 column, line 2 has 4.*skip: 1"),
    ],
)
def test_lines_before_the_header_are_suspected_and_skipped(shop: SourceFolder, case: str, skip: int, said: str) -> None:
    use_case(shop, "csv_lines_before_the_header", case)
    with pytest.raises(ConfigurationError, match=said):
        shop.land()
    plain = shop.yml.read_text()
    options = [f"skip: {skip}", f"header_row: {skip + 1}"] + (["comment: '#'"] if case == "preamble_hash" else [])
    for option in options:
        shop.yml.write_text(plain.replace("orders: {}", f"orders: {{{option}}}"))
        shop.land()
    assert orders(shop) == [("1", "a", "10.00", 1)], "each says the same, so that it lands once"


def test_rejects_behind_skipped_lines_have_the_row_number_behind_the_header(shop: SourceFolder) -> None:
    shop.write("orders.csv.gz", gzip.compress(f"Report\n\nof, May\n{NAMES}{ROWS}3,c\n".encode()))
    shop.configure(orders={"skip": 3})
    shop.land()
    assert shop.values("order_id", "_row_number", "_raw") == [("1", 1, None), ("2", 2, None), (None, 3, "3,c")]


def test_several_comments_and_blank_lines_before_the_header_are_left_out(shop: SourceFolder) -> None:
    shop.write("orders.csv", f"// made by X\r\n\r\n// on Monday\r\n{NAMES}{ROWS}".replace("\r\n", "\n"))
    shop.configure(orders={"comment": "//"})
    shop.land()
    assert orders(shop) == LANDED


def test_more_lines_to_skip_than_there_are_is_said(shop: SourceFolder) -> None:
    shop.write("orders.csv", NAMES + ROWS)
    shop.configure(orders={"skip": 9})
    with pytest.raises(SourceUnreadable, match=r"empty.*correct skip"):
        shop.land()


def test_a_format_without_a_header_has_no_lines_before_it(shop: SourceFolder) -> None:
    shop.write("orders.jsonl", '{"order_id": 1, "ordered_at": "2024-01-05"}\n')
    shop.configure(orders={"skip": 2})
    with pytest.raises(ConfigurationError, match="skip says where the header is"):
        shop.land()
    shop.configure(orders={"skip": 2, "header_row": 3})
    with pytest.raises(ConfigurationError, match="in two ways"):
        shop.land()


# --- what is inside ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("orders.csv", b"PK\x03\x04" + b"x" * 50, r"Excel workbook.*\.xlsx"),
        ("orders.csv", b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel workbook"),
        ("orders.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1", r"old Excel workbook.*save it as"),
        ("orders.xlsx", b"order_id,ordered_at\n1,2\n", "cannot be read"),
        ("orders.csv", b"<html><body><table>", "web page"),
        ("orders.xlsx", b"<?xml version='1.0'?><Workbook>", "web page or XML"),
        ("orders.csv", b'{"order_id": 1}\n', r"JSON.*\.jsonl"),
        ("orders.csv", b'[{"order_id": 1}]\n', "JSON"),
        ("orders.csv", b"\x1f\x8b\x08\x00", r"gzip.*\.gz"),
        ("orders.tsv", b"PAR1xxxx", "Parquet"),
        ("orders.jsonl", b"%PDF-1.7", "PDF"),
        ("orders.parquet", b"order_id,ordered_at\n", "Parquet"),
        ("orders.csv.gz", b"order_id,ordered_at\n", "cannot be read"),
    ],
)
def test_a_file_that_is_not_what_its_ending_says_is_named(
    shop: SourceFolder, name: str, content: bytes, said: str
) -> None:
    shop.write(name, content)
    shop.configure(orders={})
    with pytest.raises(SourceUnreadable, match=said) as caught:
        shop.land()
    assert caught.value.facts["file"] == name
    assert shop.batches() == []


# --- workbooks ---------------------------------------------------------------------------------------------------------

TITLES = ["order_id", "customer_id", "ordered_at", "subtotal_amount", "note"]


def sheet_of(*rows: list[object]) -> list[list[object]]:
    return [list(TITLES), *rows]


def test_a_formula_without_a_stored_value_is_a_reject_by_name(shop: SourceFolder) -> None:
    use_case(shop, "xlsx_formula_without_value")
    landed = shop.land()["orders"]
    assert (landed.rows - landed.rejects, landed.rejects) == (0, 5)
    assert {row[0] for row in shop.values("_error")} == {
        "subtotal_amount: a formula without a stored value: open the file in a spreadsheet and save it"
    }


@pytest.mark.parametrize(
    ("cell", "rejected"),
    [
        (Formula("1+1"), True),
        (Formula("1+1", "<v/>"), True),
        (Formula("1+1", "<v></v>", ' t="n"'), True),
        (Formula("1+1", "<v>2</v>"), False),
        (Formula('A1&amp;""', "<v></v>", ' t="str"'), False),
    ],
)
def test_only_a_formula_that_was_never_computed_costs_its_row(
    shop: SourceFolder, cell: Formula, rejected: bool
) -> None:
    rows = sheet_of([1, "a", "2024-01-05", cell, "x"], [2, "b", "2024-01-06", 5, Formula("A1")])
    write_workbook(shop.files / "orders.xlsx", {"S": rows})
    shop.configure(orders={})
    shop.land()
    found = shop.values("order_id", "_error")
    assert ("2", None) in found, "a cell that nobody reads costs nobody a row"
    assert [order for order, _ in found].count("1") == (0 if rejected else 1)


def test_a_column_of_an_expression_or_a_query_is_read_too(shop: SourceFolder) -> None:
    rows = sheet_of([1, "a", "2024-01-05", 2, Formula("A1")], [2, "b", "2024-01-06", 3, "7"])
    write_workbook(shop.files / "orders.xlsx", {"S": rows})
    columns = {"order_id": "order_id", "ordered_at": "ordered_at", "subtotal_amount": {"expr": "NOTE"}}
    shop.configure(orders={"file": "orders.xlsx", "columns": columns})
    shop.land()
    assert shop.values("order_id", "subtotal_amount", "_row_number") == [(None, None, 1), ("2", "7", 2)]
    query = "select order_id, ordered_at, note as subtotal_amount from t"
    shop.configure(orders={"files": {"t": "orders.xlsx"}, "query": query, "mode": "snapshot"})
    shop.land()
    found = shop.values("order_id", "subtotal_amount", "_error", batch=-1)
    assert sorted(map(str, found)) == [
        "('2', '7', None)",
        "(None, None, 'note: a formula without a stored value: open the file in a spreadsheet and save it')",
    ]


def test_the_empty_cells_of_a_merged_range_are_told_not_read(shop: SourceFolder) -> None:
    rows = sheet_of([1, "a", "2024-01-05", 10, "x"], [2, None, "2024-01-06", 20, None], [3, "c", "2024-01-07", 30, "z"])
    write_workbook(shop.files / "orders.xlsx", {"S": rows}, merged={"S": ["B2:B3", "E2:E3"]})
    shop.configure(orders={})
    shop.land()
    assert orders(shop) == [("1", "a", "10", 1), (None, None, None, 2), ("3", "c", "30", 3)]
    (error,) = [row[0] for row in shop.values("_error") if row[0]]
    assert error.startswith("customer_id: part of merged cells")


def test_a_hidden_sheet_is_never_read_by_default(shop: SourceFolder) -> None:
    old, new = sheet_of([9, "z", "2020-01-05", 1, ""]), sheet_of([1, "a", "2024-01-05", 10, ""])
    write_workbook(shop.files / "orders.xlsx", {"Old": old, "New": new, "Pivot": [["x"]]}, hidden=["Old"])
    shop.configure(orders={})
    shop.land()
    assert shop.values("order_id") == [("1",)]
    shop.configure(orders={"sheet": "Old"})
    shop.land()
    assert shop.values("order_id", batch=-1) == [("9",)], "it is read where it is named"
    write_workbook(shop.files / "orders.xlsx", {"Old": old}, hidden=["Old"])
    shop.configure(orders={})
    with pytest.raises(SourceUnreadable, match=r"all sheets of the workbook are hidden.*sheets=\['Old'\]"):
        shop.land()


def test_which_sheet_was_read_is_told_where_a_column_is_missing(shop: SourceFolder) -> None:
    write_workbook(shop.files / "orders.xlsx", {"Notes": [["Report of May"], [], ["a", "b"]], "Orders": sheet_of()})
    shop.configure(orders={})
    with pytest.raises(ConfigurationError, match=r"the sheet Notes was read, there is also: Orders \(sheet:\)"):
        shop.land()


def test_rows_above_the_header_of_a_sheet_are_skipped(shop: SourceFolder) -> None:
    rows: list[list[object]] = [["Report"], ["of May", "x"], *sheet_of([1, "a", "2024-01-05", 10, ""])]
    write_workbook(shop.files / "orders.xlsx", {"S": rows})
    for option in ({"skip": 2}, {"header_row": 3}):
        shop.configure(orders=option)
        shop.land()
    assert orders(shop) == [("1", "a", "10", 1)]


def test_an_error_cell_is_never_empty(shop: SourceFolder) -> None:
    write_workbook(shop.files / "orders.xlsx", {"S": sheet_of([1, "a", "2024-01-05", ExcelError("#REF!"), ""])})
    shop.configure(orders={})
    shop.land()
    assert orders(shop) == [("1", "a", "#REF!", 1)]


# --- headers within the data -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["csv", "tsv", "csv.gz", "xlsx"])
def test_a_header_within_the_data_is_no_record_and_is_named(shop: SourceFolder, ending: str) -> None:
    lines = [NAMES, ROWS.splitlines()[0], NAMES, ROWS.splitlines()[1]]
    cells = [line.strip().split(",") for line in lines]
    if ending == "xlsx":
        write_workbook(shop.files / "orders.xlsx", {"Sheet1": cells})
    else:
        text = "".join(("\t" if ending == "tsv" else ",").join(row) + "\n" for row in cells).encode()
        shop.write(f"orders.{ending}", gzip.compress(text) if ending.endswith("gz") else text)
    shop.configure(orders={"file": f"orders.{ending}"})

    landed = shop.land()["orders"]

    assert (landed.rows, landed.rejects) == (3, 1)
    assert shop.values("order_id", "_row_number", "_error") == [
        ("1", 1, None),
        (None, 2, "the row repeats the header"),
        ("2", 3, None),
    ]


def test_headers_among_rows_that_cannot_be_parsed_keep_the_row_numbers(shop: SourceFolder) -> None:
    shop.write("orders.csv", NAMES + "1,a,2024-01-05,1\nbroken\n" + NAMES + "2,b,2024-01-06,2\n")
    shop.configure(orders={})
    shop.land()
    assert shop.values("order_id", "_row_number", "_error")[2:] == [
        (None, 3, "the row repeats the header"),
        ("2", 4, None),
    ]


@pytest.mark.parametrize("row", ["order_id,customer_id,2024-01-05,1", "ORDER_ID,b,ordered_at,3", ",,,"])
def test_a_row_that_only_shares_words_with_the_header_is_a_record(shop: SourceFolder, row: str) -> None:
    shop.write("orders.csv", NAMES + f"1,a,2024-01-05,1\n{row}\n")
    shop.configure(orders={})
    assert shop.land()["orders"].rejects == 0


def test_a_mapping_of_other_names_and_a_query_know_the_header_too(shop: SourceFolder) -> None:
    shop.write("sales.csv", "No,Client,Sold\n1,a,2024-01-05\nNo,Client,Sold\n2,b,2024-01-06\n")
    columns = {"order_id": "No", "customer_id": "Client", "ordered_at": "Sold"}
    shop.configure(
        orders={"file": "sales.csv", "columns": columns},
        customers={"files": {"sales": "sales.csv"}, "query": "select distinct Client as customer_id from sales"},
    )
    shop.land()
    assert [one for one in shop.values("order_id") if one[0]] == [("1",), ("2",)]
    assert sorted(one for one in shop.values("customer_id", entity="customers") if one[0]) == [("a",), ("b",)]
