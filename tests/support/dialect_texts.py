"""Texts that people write for numbers, days and moments, and the macros of a dialect without dbt: what is a value of what on
one engine must be the same on every other."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from contextlib import closing
from random import Random
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2

from kehu.settings import PROJECT_ROOT

DIALECT = PROJECT_ROOT / "dbt_project" / "macros" / "dialect"
SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
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


PHONES = (
    "+49 (0)30 123456|0049 30 123456|(00)49 30 123456|030 123456|+49-30/12 34 56|+٤٩30123456|１３９１２３４５６７８|"
    "+86 139 1234 5678|＋８６（0）139 1234 5678|139-1234-5678|8 812 123 45 67|812 123 45 67|+7 (812) 123-45-67|"
    "06 1234 5678|+39 06 1234 5678|+0 123 4567 890|++49 30 123456|49+30 123456|+|00|0|++|call me|+4930123456x12|"
    "123|+1234567|12345678901234567890|+123456789012345|+1234567890123456|(0)30 123456|+49(0)(0)30 123456| +49 30 1|"
    "00 49 30 123456|+49\t30\n123456|004930123456|0|00(0)30 123456|(+49)(0)30 123456|+(0)49 30 123456|\\1 30|$1 30"
)
_COUNTRIES = {"Germany": "DE", "Italy": "IT", "Russia": "RU", "China": "CN"}
_PHONES_OF = """
    with texts as (select texts.*, {dialled} as dialled from texts),
    countries as (
        select {calling_code} as calling_code, {trunk_prefix} as trunk_prefix, {shortest_number} as shortest_number,
            {national_pattern} as national_pattern
    )
    select {phone} as phone from texts cross join countries as countries order by number
"""


class Macros:
    """The macros of a dialect, rendered as dbt renders them, without dbt.

    Args:
        dialect: whose macros are taken before the default ones.
        timezone: the var of that name.
    """

    def __init__(self, dialect: str, timezone: str = "UTC") -> None:
        files = [*sorted(DIALECT.glob("*.sql")), DIALECT.parent / "identity" / "normalised_phone.sql"]
        source = "\n".join(file.read_text(encoding="utf-8") for file in files)
        names = re.findall(r"{%-? macro (\w+)\(", source)

        def dispatch(name: str) -> Any:
            found = f"{dialect}__{name}" if f"{dialect}__{name}" in names else f"default__{name}"
            return getattr(self._module, found)

        # dbt's return() hands a value back; here what is printed is enough
        environment = jinja2.Environment(extensions=["jinja2.ext.do"])
        environment.globals |= {
            "adapter": SimpleNamespace(dispatch=dispatch),
            "return": lambda value: value,
            "var": {"timezone": timezone}.__getitem__,
            "modules": SimpleNamespace(re=re),
        }
        self._module: Any = environment.from_string(source.replace("{{ return(", "{{ (")).make_module({})

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: str(getattr(self._module, name)(*arguments)).strip()


def random_texts(kind: str, count: int) -> list[str]:
    """Spellings with a slip or two, as many as are likely among so many: beyond what somebody might write engines may differ.

    DuckDB takes 1e1. for a number and any word for a time zone.
    """
    random = Random(20260101)
    is_number = kind in ("integer", "decimal", "rate")
    alphabet = "0123456789.-+eE_ " if is_number else "0123456789-/: TZ+."
    seeds = (NUMBERS if is_number else DAYS).split("|")
    values = []
    for _ in range(count):
        text = list(random.choice(seeds))
        for _ in range(random.choice((0, 1, 1, 2))):
            place = random.randrange(len(text) + 1)
            text[place : place + random.choice((0, 1))] = random.choice(alphabet)
        values.append("".join(text))
    likely = NUMBER if is_number else MOMENT
    return [value for value in values if likely.fullmatch(value)]


def halves() -> list[str]:
    """Numbers that lie between two cents."""
    return [
        f"{sign}{whole}.{cents:02d}5"
        for sign in ("", "-")
        for whole in (0, 1, 2, 8, 1023, 999999)
        for cents in range(100)
    ]


def render(dialect: str, expression: str) -> str:
    """The query of ``texts`` for ``kind`` or ``kind:argument``: a cast, cents, a business date, a telephone number and so on."""
    kind, _, argument = expression.partition(":")
    macros = Macros(dialect, argument if kind == "business_date" else "UTC")
    if kind == "phone":
        sql = _PHONES_OF.format(
            dialled=macros.dialled_digits("value"),
            phone=macros.e164("texts.dialled", "countries"),
            **_country(argument),
        )
        return macros.in_dialect(sql)
    if kind == "cast":
        sql = macros.try_cast_text("value", argument, "zone")
        # Python knows no year 10000, in which the last second of 9999 is in New York
        sql = f"replace(cast({sql} as varchar), '+', '')" if argument == "timestamp" else sql
    elif kind == "cents":
        sql = macros.cents("cast(value as double precision)")
    elif kind == "business_date":
        sql = macros.business_date("cast(value as timestamp)")
    elif kind == "portable_hash":
        sql = macros.default__row_hash(["value", "zone"])
    else:
        sql = getattr(macros, kind)("value")
    return macros.in_dialect(f"select {sql} as answer from texts order by number")


def _country(name: str) -> dict[str, str]:
    """A country's row of the seed as literals of SQL; nulls of the right type for one that is not in it."""
    with (SEEDS / "country_calling_codes.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["country_code"]: row for row in csv.DictReader(file)}
    row = rows.get(_COUNTRIES.get(name, ""))
    names = ("calling_code", "trunk_prefix", "national_pattern")
    texts = {name: f"'{row[name]}'" if row else "cast(null as varchar)" for name in names}
    return {**texts, "shortest_number": row["shortest_number"] if row else "cast(null as integer)"}


def on_duckdb(rows: Sequence[tuple[int, str, str]], sql: str) -> list[Any]:
    """The answers of DuckDB to a query of ``texts (number, value, zone)``."""
    with closing(duckdb.connect()) as embedded:
        embedded.execute("set TimeZone = 'UTC'")
        embedded.execute("create table texts (number integer, value varchar, zone varchar)")
        embedded.executemany("insert into texts values (?, ?, ?)", rows)
        return [row[0] for row in embedded.execute(sql).fetchall()]
