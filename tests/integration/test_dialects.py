"""What a delivered text is as a number, a day or a moment must not depend on the engine that reads it.

DuckDB is held against Postgres and against Sail, which speaks Spark's SQL; where the long groups run, against PySpark too.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from kehu.settings import load_settings
from kehu.warehouse.factory import open_warehouse
from tests.support.dialect_texts import (
    DAYS,
    FLAGS,
    NUMBERS,
    PHONES,
    TEXTS,
    ZONES,
    halves,
    on_duckdb,
    random_texts,
    render,
)
from tests.support.postgres_server import Databases
from tests.support.spark_server import ROOT, connect, pyspark_server, sail_server

pytestmark = pytest.mark.slow

Rows = Sequence[tuple[int, str, str]]


@dataclass(frozen=True)
class Engine:
    """An engine beside DuckDB: its dialect, and what it answers to a query of ``texts (number, value, zone)``."""

    dialect: str
    ask: Callable[[Rows, str], list[Any]]
    last_zoned_year: int = 9999


@contextmanager
def postgres(folder: Path, databases: Databases) -> Iterator[Engine]:
    settings = load_settings(home=folder, warehouse="postgres", warehouse_dsn=databases.new(), threads=1)
    with open_warehouse(settings).session() as session:
        session.execute("create table texts (number integer, value varchar, zone varchar)")

        def ask(rows: Rows, sql: str) -> list[Any]:
            session.execute("delete from texts")
            session.append("texts", [{"number": n, "value": value, "zone": zone} for n, value, zone in rows])
            return [row[0] for row in session.rows(sql)]

        yield Engine("postgres", ask)


@contextmanager
def spark(url: str, last_zoned_year: int) -> Iterator[Engine]:
    session = connect(url)

    def ask(rows: Rows, sql: str) -> list[Any]:
        names = ("number", "value", "zone")
        table = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])
        session.createDataFrame(table).createOrReplaceTempView("texts")
        return session.sql(sql).toArrow().column(0).to_pylist()

    yield Engine("spark", ask, last_zoned_year)
    session.stop()


@pytest.fixture(scope="module", params=["postgres", "sail", "pyspark"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, databases: Databases, is_long: bool
) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "postgres":
        with postgres(folder, databases) as one:
            yield one
        return
    if request.param == "pyspark" and not is_long:
        pytest.skip("PySpark's own engine is asked where the long groups run")
    # Sail's table of time zones ends with the century
    server, last_zoned_year = (sail_server, 2099) if request.param == "sail" else (pyspark_server, 9999)
    with server(folder) as url, spark(url, last_zoned_year) as one:
        yield one


def test_spark_is_spoken_to_from_a_process_without_a_main_file() -> None:
    """Workers of pytest's are such processes."""
    script = "from tests.support.spark_server import client; print(client().__name__)"
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "SparkSession\n"), done.stderr


def differing(engine: Engine, values: Sequence[str], expression: str, zones: tuple[str, ...] = ("UTC",)) -> Any:
    """What each value is by an expression of a dialect; maps (value, zone) to both answers where they are not the same."""
    rows = [(number, value, zone) for number, (value, zone) in enumerate((v, z) for v in values for z in zones)]
    one = on_duckdb(rows, render("duckdb", expression))
    two = engine.ask(rows, render(engine.dialect, expression))
    assert len(one) == len(two) == len(rows)
    return {row[1:]: pair for row, *pair in zip(rows, one, two, strict=True) if pair[0] != pair[1]}


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("integer", NUMBERS),
        ("decimal", NUMBERS),
        ("rate", NUMBERS),
        ("boolean", FLAGS),
        ("text", TEXTS),
        ("date", DAYS),
    ],
)
def test_a_text_is_the_same_value(engine: Engine, kind: str, values: str) -> None:
    assert differing(engine, values.split("|"), f"cast:{kind}") == {}


def test_a_moment_is_the_same_in_every_zone(engine: Engine) -> None:
    assert differing(engine, DAYS.split("|"), "cast:timestamp", ZONES) == {}


def test_the_day_as_written_is_the_same(engine: Engine) -> None:
    written = [value for value in DAYS.split("|") if re.match(r"[12]\d{3}-", value)]
    assert differing(engine, written, "day_as_written") == {}


@pytest.mark.parametrize("kind", ["integer", "decimal", "rate", "date", "timestamp"])
def test_random_texts_are_the_same_value(engine: Engine, kind: str, is_long: bool) -> None:
    values = random_texts(kind, 20_000 if is_long else 2_000)
    if kind == "timestamp":
        values = [value for value in values if int(value.strip()[:4]) <= engine.last_zoned_year]
    assert len(values) > 400
    assert differing(engine, values, f"cast:{kind}", ("Europe/Berlin",)) == {}


@pytest.mark.parametrize("zone", ["America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kolkata"])
def test_every_half_hour_around_changes_of_the_clock_is_the_same_moment(engine: Engine, zone: str) -> None:
    """São Paulo changed at midnight, so that a day began at 01:00, and gave summer time up in 2019."""
    days = (
        "2017-10-14",
        "2017-10-15",
        "2018-02-17",
        "2018-02-18",
        "2018-11-03",
        "2018-11-04",
        "2019-02-16",
        "2019-02-17",
    )
    days += ("2019-11-03", "2021-04-04", "2021-10-03", "2026-04-05")
    values = [f"{day} {hour:02d}:{minute:02d}:00" for day in days for hour in range(24) for minute in (0, 15, 30)]
    assert differing(engine, values, "cast:timestamp", (zone,)) == {}


@pytest.mark.parametrize("zone", ["America/Sao_Paulo", "Europe/Berlin"])
def test_a_moment_is_of_the_same_business_day(engine: Engine, zone: str) -> None:
    values = [
        f"{day} {hour:02d}:30:00"
        for day in ("2018-02-17", "2018-11-04", "2019-02-17", "2020-03-29")
        for hour in range(24)
    ]
    assert differing(engine, values, f"business_date:{zone}") == {}


def test_half_a_cent_is_rounded_alike(engine: Engine) -> None:
    assert differing(engine, halves(), "cents") == {}


@pytest.mark.parametrize("country", ["Germany", "Italy", "Russia", "China", "nowhere"])
def test_a_telephone_number_is_the_same(engine: Engine, country: str) -> None:
    assert differing(engine, PHONES.split("|"), f"phone:{country}") == {}


def test_the_portable_hash_of_a_row_is_the_same_number(engine: Engine) -> None:
    values = [*TEXTS.split("|"), *DAYS.split("|"), "É", "中国", "'"]
    assert differing(engine, values, "portable_hash", ("UTC", "a:b")) == {}
