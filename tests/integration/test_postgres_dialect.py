"""What a delivered text is as a number, a day or a moment must not depend on the warehouse that reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from random import Random
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pytest

from kehu.session import Session
from kehu.settings import PROJECT_ROOT, load_settings
from kehu.warehouse.factory import open_warehouse
from tests.support.postgres_server import Databases

DIALECT = PROJECT_ROOT / "dbt_project" / "macros" / "dialect"
ZONES = ("UTC", "Europe/Berlin", "Asia/Shanghai", "America/New_York")

NUMBERS = (
    "3|3.0|3.5|-3|+3| 3 |.5|5.|-.5|1e3|1E+2|1e-3|5.e2|1e|e5|1_000|1__0|_1|1,5|1 000|--1|- 1|0x1F|inf|nan|٣|12a|"
    "1.2345675|3.0000005|-0.0000005|0.0000005|999999999999|999999999999.999999|999999999999.9999995|"
    "1000000000000|-999999999999|1e11|1e12|1e400|1e-400|0|-0|00012|1.|.|+|-|1.5.2|1.10000000|9.999999999|0.015|"
    "1.005|2.675|9999999999.99999999|12345678901"
)
DAYS = (
    "2017-03-01|2017/3/1|2017-3/1|2017-3-1|2017-03-01 10:00|2017-03-01T1x|2017-03-01 1garbage|2017-02-29|"
    "2016-02-29|1900-02-29|2000-02-29|2017-04-31|2017-00-10|2017-13-01|2017-01-32|2017-01-00| 2017-03-01|"
    "2017-03-01 |2017-03-01 25:00|2017-03-01 8|2017-03-01 10:00:60|2017-03-01 10:60:00|2017-03-01 24:00:00|"
    "2017-03-01 24:00:01|2017-03-01 24:01|2017-03-01 8:5|2017-03-01 8:05|2017-03-01T10:00:00+05:00|"
    "2017-03-01 10:00:00Z|2017-03-01 10:00:00 Z|2017-03-01 10:00 UTC|2017-03-01T10:00:00-0330|"
    "2017-03-01 10:00+02|2017-03-01 10:00:00.1234567|2017-03-01 10:00:00.9999999|2017-03-01 23:59:59.9999999|"
    "2017-03-01 10:00:00.|2017-03-01 10:00:00.5Z|2017-03-01T10:00:00+16:00|2017-03-01T10:00:00-15:59|"
    "2017-03-26 02:30:00|2017-10-29 02:30:00|2017-03-12 02:30:00|2017-11-05 01:30:00|2017-03-26T02:00:00|"
    "2017-03-26 03:00:00|2017-10-29 03:00:00|2017-10-29 01:59:59|1970-01-01|1969-12-31 23:59:59|"
    "2038-01-19 03:14:08|9999-12-31|9999-12-31 23:59:59|1582-10-10|0001-06-01|17-03-01|20170301|01.03.2017|"
    "March 1, 2017|2017-03-01 8:30:00 PM|now|today|infinity|epoch|2017-03-01  10:00|2017-03-01T10:00:00 +02:00|"
    "2017-03-01 10:00:00+2|2017-03-01 1:2:3|2017-03-01 01:02:3|1899-12-31"
)
NUMBER = re.compile(r"\s*[-+]?[\d_.]*\s*")
MOMENT = re.compile(
    r"\s*\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?(Z|UTC|[-+]\d{2}(:?\d{2})?))?)?\s*"
)
FLAGS = "true|TRUE|t|T|1|yes|Y| y |false|F|0|no|N|on|off|2|ja|wahr|\u00a0yes\u3000|\tyes| "
TEXTS = " a | |\u00a0x\u3000|\tx\n|\u2003\u2009y\u202f|a b|\u200bz|ÉLODIE|x\u00a0"


class Macros:
    """The macros of a dialect, rendered as dbt renders them, without dbt."""

    def __init__(self, dialect: str) -> None:
        files = ("try_cast_text", "trimmed", "day_as_written", "cents")
        source = "\n".join((DIALECT / f"{name}.sql").read_text(encoding="utf-8") for name in files)
        names = re.findall(r"{% macro (\w+)\(", source)

        def dispatch(name: str) -> Any:
            found = f"{dialect}__{name}" if f"{dialect}__{name}" in names else f"default__{name}"
            return getattr(module, found)

        # dbt's return() hands a value back; here what is printed is enough
        environment = jinja2.Environment(extensions=["jinja2.ext.do"])
        environment.globals |= {"adapter": SimpleNamespace(dispatch=dispatch), "return": lambda value: value}
        module: Any = environment.from_string(source.replace("{{ return(", "{{ (")).make_module({})
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: str(getattr(self._module, name)(*arguments)).strip()


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Session]:
    settings = load_settings(
        home=tmp_path_factory.mktemp("home"), warehouse="postgres", warehouse_dsn=databases.new(), threads=1
    )
    with open_warehouse(settings).session() as session:
        session.execute("create table texts (number integer, value varchar, zone varchar)")
        yield session


def cast_on_both(
    postgres: Session, values: list[str], expression: str, zones: tuple[str, ...] = ("UTC",)
) -> dict[Any, Any]:
    """What each value is by an expression of a dialect; maps (value, zone) to both answers where they are not the same."""
    rows = [(number, value, zone) for number, (value, zone) in enumerate((v, z) for v in values for z in zones)]
    answers = []
    with closing(duckdb.connect()) as embedded:
        embedded.execute("set TimeZone = 'UTC'")
        embedded.execute("create table texts (number integer, value varchar, zone varchar)")
        embedded.executemany("insert into texts values (?, ?, ?)", rows)
        answers.append([row[0] for row in embedded.execute(render("duckdb", expression)).fetchall()])
    postgres.execute("delete from texts")
    postgres.append("texts", [{"number": n, "value": value, "zone": zone} for n, value, zone in rows])
    answers.append([row[0] for row in postgres.rows(render("postgres", expression))])
    assert len(answers[0]) == len(answers[1]) == len(rows)
    return {row[1:]: (one, two) for row, one, two in zip(rows, *answers, strict=True) if one != two}


def render(dialect: str, expression: str) -> str:
    macros = Macros(dialect)
    kind, *rest = expression.split(":")
    if kind == "cast":
        sql = macros.try_cast_text("value", rest[0], "zone")
        # Python knows no year 10000, in which the last second of 9999 is in New York
        sql = f"cast({sql} as varchar)" if rest[0] == "timestamp" else sql
    else:
        sql = getattr(macros, kind)("value")
    return f"select {sql} from texts order by number"


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
def test_a_text_is_the_same_value_on_both(postgres: Session, kind: str, values: str) -> None:
    assert cast_on_both(postgres, values.split("|"), f"cast:{kind}") == {}


def test_a_moment_is_the_same_in_every_zone(postgres: Session) -> None:
    assert cast_on_both(postgres, DAYS.split("|"), "cast:timestamp", ZONES) == {}


def test_the_day_as_written_is_the_same(postgres: Session) -> None:
    written = [value for value in DAYS.split("|") if re.match(r"[12]\d{3}-", value)]
    assert cast_on_both(postgres, written, "day_as_written") == {}


@pytest.mark.parametrize("kind", ["integer", "decimal", "rate", "date", "timestamp"])
def test_random_texts_are_the_same_value_on_both(postgres: Session, kind: str, is_long: bool) -> None:
    random = Random(20260101)
    alphabet = "0123456789.-+eE_ " if kind in ("integer", "decimal", "rate") else "0123456789-/: TZ+."
    seeds = (NUMBERS if kind in ("integer", "decimal", "rate") else DAYS).split("|")
    values = []
    for _ in range(20_000 if is_long else 2_000):
        text = list(random.choice(seeds))
        for _ in range(random.choice((0, 1, 1, 2))):
            place = random.randrange(len(text) + 1)
            text[place : place + random.choice((0, 1))] = random.choice(alphabet)
        values.append("".join(text))
    # beyond what somebody might write the two may differ: DuckDB takes 1e1. for a number and any word for a time zone
    likely = NUMBER if kind in ("integer", "decimal", "rate") else MOMENT
    values = [value for value in values if likely.fullmatch(value)]
    assert len(values) > 400
    assert cast_on_both(postgres, values, f"cast:{kind}", ("Europe/Berlin",)) == {}


def test_half_a_cent_is_rounded_alike(postgres: Session) -> None:
    halves = [
        f"{sign}{whole}.{cents:02d}5"
        for sign in ("", "-")
        for whole in (0, 1, 2, 8, 1023, 999999)
        for cents in range(100)
    ]
    expression = "cents(cast(value as double precision))"
    with closing(duckdb.connect()) as embedded:
        embedded.execute("create table texts (number integer, value varchar)")
        embedded.executemany("insert into texts values (?, ?)", list(enumerate(halves)))
        sql = Macros("duckdb").cents("cast(value as double precision)")
        one = [row[0] for row in embedded.execute(f"select {sql} from texts order by number").fetchall()]
    postgres.execute("delete from texts")
    postgres.append("texts", [{"number": number, "value": value} for number, value in enumerate(halves)])
    sql = Macros("postgres").cents("cast(value as double precision)")
    two = [row[0] for row in postgres.rows(f"select {sql} from texts order by number")]
    assert {v: (a, b) for v, a, b in zip(halves, one, two, strict=True) if a != b} == {}, expression
