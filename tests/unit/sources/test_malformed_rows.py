"""A row that cannot be parsed is kept with its text and number, and takes no other row with it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kehu.errors import SourceUnreadable
from kehu.landing.workspace import Workspace, workspace
from kehu.settings import load_settings
from kehu.sources.files.csv_reader import read_csv
from kehu.sources.files.csv_repair import repair
from kehu.sources.files.csv_shape import TextOptions, shape_of
from kehu.sources.files.located import SourceFile
from tests.support.source_folder import HEADER, SourceFolder

WIDTH = "the 3 columns of the header"
FEWER, MORE = f"fewer values than {WIDTH}", f"more values than {WIDTH}"
QUOTE = "a quote is not closed where the value ends"


def outcome(shop: SourceFolder) -> list[tuple]:
    """Row number, order id, raw text and reason of all landed rows."""
    return shop.values("_row_number", "order_id", "_raw", "_error")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("1,a,t\n2,b\n3,c,t\n", [(1, "1", None, None), (2, None, "2,b", FEWER), (3, "3", None, None)]),
        ("1,a,t\n2,b,t,x\n3,c,t\n", [(1, "1", None, None), (2, None, "2,b,t,x", MORE), (3, "3", None, None)]),
        ("1,a\r\n\r\n2,b,t\r\n", [(1, None, "1,a", FEWER), (2, "2", None, None)]),
        ('1,"a,t\n2,"b",t\n3,c,t\n', [(1, None, '1,"a,t', QUOTE), (2, "2", None, None), (3, "3", None, None)]),
        ('1,a,t\n2,b,"t\n', [(1, "1", None, None), (2, None, '2,b,"t', QUOTE)]),
        ('1,"a"x,t\n2,b,t\n', [(1, None, '1,"a"x,t', QUOTE), (2, "2", None, None)]),
        ('1,"a\nb",t\n2,b\n3,"c\n\nd",t\n', [(1, "1", None, None), (2, None, "2,b", FEWER), (3, "3", None, None)]),
        (
            "1,a,t\r\n2,b,t\n3,c\r4,d,t\r\n",
            [(1, "1", None, None), (2, "2", None, None), (3, None, "3,c", FEWER), (4, "4", None, None)],
        ),
        ('1,a "b" c,t\n', [(1, "1", None, None)]),
        ('1,"a ""b"" c",t\n', [(1, "1", None, None)]),
        ("", []),
    ],
)
def test_only_the_malformed_row_is_rejected(shop: SourceFolder, body: str, expected: list[tuple]) -> None:
    shop.write("orders.csv", HEADER + body)
    shop.orders()
    landed = shop.land()["orders"]
    assert outcome(shop) == expected
    assert (landed.rows, landed.rejects) == (len(expected), sum(1 for row in expected if row[3]))
    (batch,) = shop.batches()
    assert (batch.row_count, batch.reject_count) == (landed.rows, landed.rejects)


@pytest.mark.parametrize(
    "header",
    [
        'order_id,ordered_at,"note"s',
        'order_id,ordered_at, "note"s',
        'order_id,ordered_at,"note',
        'order_id,"ordered_at,note',
        'order_id,ordered_at,"size 15" max"',
        'order_id,ordered_at,"note; more"s',
        '"order_id;ordered_at;note',
    ],
)
@pytest.mark.parametrize(
    "rows", ["1,2024-01-01,Ann Secret\n2,2024-01-02,b\n", '1,2024-01-01,"Ann Secret"\n', '1,"",Ann Secret,"\n']
)
def test_a_broken_quote_in_the_header_is_named_and_no_row_is_shown(shop: SourceFolder, header: str, rows: str) -> None:
    shop.write("orders.csv", f"{header}\n{rows}")
    shop.configure(orders={"mode": "snapshot"})
    with pytest.raises(SourceUnreadable, match=r"quote in the header.*file='orders\.csv', row=1") as caught:
        shop.land()
    assert "Secret" not in str(caught.value)
    assert shop.batches() == [], "a snapshot without rows would replace everything"


@pytest.mark.parametrize(
    ("header", "delimiter", "columns"),
    [
        ('"a;b";"c,d,e";x', ";", ("a;b", "c,d,e", "x")),
        ('"a";"b,c,d,e"', ";", ("a", "b,c,d,e")),
        ('a,size 15" max,c', ",", ("a", 'size 15" max', "c")),
        ('a, "b" ,"c ""d"""', ",", ("a", "b", 'c "d"')),
        ('a,"Price\n(EUR)",c', ",", ("a", "Price\n(EUR)", "c")),
        ('"a"', ",", ("a",)),
        ('a|"b"|', "|", ("a", "b", "column_3")),
        ('5" wide', ",", ('5" wide',)),
    ],
)
def test_a_header_with_quotes_is_read_under_the_delimiter_that_closes_them(
    shop: SourceFolder, work: Workspace, header: str, delimiter: str, columns: tuple[str, ...]
) -> None:
    row = delimiter.join("x" * len(columns))
    shape = shape_of(SourceFile(shop.write("a.csv", f"{header}\n{row}\n"), "a.csv", "csv"), TextOptions())
    assert (shape.delimiter, shape.columns) == (delimiter, columns)
    table = read_csv(work, SourceFile(shop.files / "a.csv", "a.csv", "csv"), shape)
    assert work.rows(f"select count(*) from ({table.relation})") == [(1,)]


def test_invalid_bytes_reject_their_row_only(shop: SourceFolder) -> None:
    shop.write("orders.csv", HEADER.encode() + b"1,\xc3\xa4,t\n2,\xff\xfe,t\n3,c,t\n")
    shop.orders(encoding="utf-8")
    shop.land()
    assert [(row[0], row[1], bool(row[3])) for row in outcome(shop)] == [
        (1, "1", False),
        (2, None, True),
        (3, "3", False),
    ]
    assert "encoding" in outcome(shop)[1][3]


def test_invalid_bytes_in_a_transcoded_file_reject_their_row_only(shop: SourceFolder) -> None:
    shop.write("orders.csv", HEADER.encode() + "1,张伟,t\n".encode("gbk") + b"2,\x81,t\n3,c,t\n")
    shop.orders(encoding="gbk")
    shop.land()
    assert [(row[0], row[1], bool(row[3])) for row in outcome(shop)] == [
        (1, "1", False),
        (2, None, True),
        (3, "3", False),
    ]


@pytest.mark.slow
def test_a_quote_that_is_never_closed_does_not_swallow_a_long_file(shop: SourceFolder) -> None:
    rows = [f"{i},c{i},t\n" for i in range(1, 400_001)]
    rows[99] = '100,"c100,t\n'
    shop.write("orders.csv", HEADER + "".join(rows))
    shop.orders()
    landed = shop.land()["orders"]
    assert (landed.rows, landed.rejects) == (400_000, 1)
    assert shop.values(
        "count(*) as n",
        "sum((order_id::int is distinct from _row_number)::int) as wrong",
        "1 as _file",
        "1 as _row_number",
    )[0][:2] == (400_000, 1)


@pytest.mark.slow
def test_row_numbers_stay_exact_in_a_large_file_with_rejects(shop: SourceFolder) -> None:
    rows = [f'{i},"line one\nline two {i}",some more text to fill the buffers\n' for i in range(1, 600_001)]
    for i in range(1000, 600_001, 9973):
        rows[i - 1] = f"{i},short\n"
    shop.write("orders.csv", HEADER + "".join(rows))
    shop.orders()
    landed = shop.land()["orders"]
    assert (landed.rows, landed.rejects) == (600_000, len(range(1000, 600_001, 9973)))
    wrong = shop.values(
        "count(*) filter (coalesce(order_id, split_part(_raw, ',', 1))::int <> _row_number) as wrong",
        "1 as _file", "1 as _row_number",
    )  # fmt: skip
    assert wrong[0][0] == 0


def test_rejects_count_for_the_identity_of_a_batch(shop: SourceFolder) -> None:
    shop.write("orders.csv", HEADER + "1,a,t\n2,b\n")
    shop.orders()
    shop.land()
    shop.write("orders.csv", HEADER + "1,a,t\n2,c\n")
    assert shop.land()["orders"].batches == 1
    assert shop.land()["orders"].batches == 0


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    config = load_settings(home=tmp_path_factory.mktemp("home"), memory_limit="512MB", threads=2)
    with workspace(config, "test") as opened:
        yield opened


def parse(work: Workspace, path: Path) -> tuple[list[tuple], list[tuple]]:
    file = SourceFile(path, path.name, "csv")
    table = read_csv(work, file, shape_of(file, TextOptions("utf-8", ",")))
    columns = ", ".join(f'"{name}"' for name in table.columns)
    accepted = work.rows(f"select _row_number, {columns} from ({table.relation}) order by 1")
    rejects = work.rows(f"select _row_number, _raw from ({table.rejects}) order by 1") if table.rejects else []
    return accepted, rejects


VALUES = st.text(st.sampled_from("ab ,\"\n\r;'é"), max_size=6)
SOBER = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@SOBER
@given(rows=st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=8), newline=st.sampled_from(["\n", "\r\n"]))
def test_a_well_formed_file_reads_as_python_reads_it(
    work: Workspace, tmp_path: Path, rows: list[tuple[str, str]], newline: str
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator=newline, quoting=csv.QUOTE_ALL).writerows([("x", "y"), *rows])
    path = tmp_path / "t.csv"
    path.write_bytes(text.getvalue().encode())
    accepted, rejects = parse(work, path)
    assert accepted == [(number, row[0] or None, row[1] or None) for number, row in enumerate(rows, start=1)]
    assert rejects == []


GOOD = st.sampled_from(["1,a", '2,"b, c"', '3,"d\ne"', '"x ""y""",4', "é,5", ",", '6,a "b" c'])
BAD = st.sampled_from(["7", "8,a,b", '9,"a', '10,"a"b', "short"])


@SOBER
@given(
    records=st.lists(
        st.tuples(st.booleans(), GOOD, BAD, st.sampled_from(["\n", "\r\n", "\n\n"])), min_size=1, max_size=12
    )
)
def test_every_record_is_accepted_or_rejected_at_its_place(
    work: Workspace, tmp_path: Path, records: list[tuple[bool, str, str, str]]
) -> None:
    body = "".join((good if is_good else bad) + newline for is_good, good, bad, newline in records)
    path = tmp_path / "t.csv"
    path.write_bytes(("x,y\n" + body).encode())
    accepted, rejects = parse(work, path)
    expected_good = [number for number, record in enumerate(records, start=1) if record[0]]
    expected_bad = [(number, record[2]) for number, record in enumerate(records, start=1) if not record[0]]
    assert [row[0] for row in accepted] == expected_good
    assert rejects == expected_bad
    for row in accepted:
        (expected,) = csv.reader(io.StringIO(records[row[0] - 1][1], newline=""))
        assert [value or "" for value in row[1:]] == expected


@pytest.mark.parametrize("block", [16, 64, 8 << 20])
def test_repair_does_not_depend_on_where_blocks_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr("kehu.sources.files.csv_repair._BLOCK", block)
    text = b'\xef\xbb\xbfx,y\r\n\r\n1,"a\r\nb ""c"""\n2,b\r3,"d, e"\r\n' + b'4,"' + b"f" * 50 + b'"\n5,\xc3\xa4'
    target = tmp_path / "copy"
    repair(io.BytesIO(text), target, ",", 2)
    expected = b'x,y\n1,"a\r\nb ""c"""\n2,b\n3,"d, e"\n4,"' + b"f" * 50 + b'"\n5,\xc3\xa4\n'
    assert target.read_bytes() == expected
