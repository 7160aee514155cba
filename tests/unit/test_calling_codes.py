"""Telephone numbers without + are read as libphonenumber reads them; its metadata in the seed are the installed ones."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterator

import duckdb
import phonenumbers
import pytest
from jinja2 import Environment, FileSystemLoader
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from kehu.settings import PROJECT_ROOT
from tools import calling_codes

SAMPLES = 6
KINDS = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)


def countries() -> list[dict[str, str]]:
    with calling_codes.SEED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def national_numbers(country: dict[str, str]) -> set[str]:
    """National numbers: the examples of libphonenumber and such as begin like them and fit the country's pattern."""
    draw = random.Random(country["country_code"])
    fits = re.compile(country["national_pattern"]).fullmatch
    found = set()
    for kind in KINDS:
        example = phonenumbers.example_number_for_type(country["country_code"], kind)
        if example is None:
            continue
        national = phonenumbers.national_significant_number(example)
        others = {national}
        for _ in range(SAMPLES):
            kept = draw.randint(1, len(national) - 1)
            others.add(national[:kept] + "".join(draw.choices("0123456789", k=len(national) - kept)))
        found |= {number for number in others if fits(number) and not number.startswith("0")}
    return found


def spellings() -> Iterator[tuple[str, str, str]]:
    """Country, number with the calling code before it and no +, and its E.164 form by libphonenumber."""
    for country in countries():
        code, trunk = country["calling_code"], country["trunk_prefix"]
        for number in sorted(national_numbers(country)):
            if len(code + number) < 8:
                continue
            # where the trunk prefix is the calling code once more, nobody writes both
            for written in {code + number, code + (trunk if trunk != code else "") + number}:
                parsed = phonenumbers.parse(written, country["country_code"])
                if parsed.national_number == int(number):
                    wanted = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
                    yield country["country_code"], written, wanted


@pytest.fixture(scope="module")
def e164() -> str:
    """SQL of the macro over ``written`` and ``countries``, on DuckDB."""
    macros = Environment(loader=FileSystemLoader(PROJECT_ROOT / "dbt_project" / "macros"), autoescape=False)
    macros.globals["fits_whole"] = "regexp_full_match({}, {})".format
    module = macros.get_template("identity/normalised_phone.sql").module
    return str(module.e164("numbers.written", "countries"))  # type: ignore[attr-defined]


def read(e164: str, numbers: list[tuple[str, str, str]]) -> list[tuple[str, str, str, str | None]]:
    """Country, number, what is wanted, what the macro makes of it."""
    with duckdb.connect() as connection:
        connection.execute("create table numbers (country varchar, written varchar, wanted varchar)")
        connection.executemany("insert into numbers values (?, ?, ?)", numbers)
        connection.execute(
            f"create table countries as select * replace (nullif(trunk_prefix, '') as trunk_prefix)"
            f" from read_csv('{calling_codes.SEED}', header = true, columns = {{'country_code': 'varchar',"
            " 'country_code_3': 'varchar', 'names': 'varchar', 'calling_code': 'varchar', 'trunk_prefix': 'varchar',"
            " 'shortest_number': 'integer', 'national_pattern': 'varchar'})"
        )
        return connection.execute(
            f"select numbers.*, {e164} from numbers join countries on numbers.country = countries.country_code"
        ).fetchall()


def test_the_seed_holds_the_installed_metadata() -> None:
    assert calling_codes.SEED.read_text(encoding="utf-8") == calling_codes.seed(), "run `make calling-codes`"


def test_a_calling_code_without_plus_is_told_as_libphonenumber_does(e164: str) -> None:
    numbers = list(spellings())
    assert len(numbers) > 2_000
    assert [row for row in read(e164, numbers) if row[2] != row[3]] == []


@pytest.mark.parametrize(
    ("country", "written", "wanted"),
    [
        ("CN", "8613812345678", "+8613812345678"),
        ("CN", "13812345678", "+8613812345678"),
        ("FR", "33612345678", "+33612345678"),
        ("FR", "330612345678", "+33612345678"),
        ("DE", "01705550173", "+491705550173"),
        ("GB", "447911123456", "+447911123456"),
        ("US", "12125550123", "+12125550123"),
        ("IT", "393123456789", "+393123456789"),
        # area codes of the north-west of Germany begin as its calling code: which of the two it is cannot be told
        ("DE", "491705550173", "+49491705550173"),
        ("DE", "04921123456", "+494921123456"),
        ("DE", "4921123456", "+494921123456"),
    ],
)
def test_numbers_as_people_write_them(e164: str, country: str, written: str, wanted: str) -> None:
    assert read(e164, [(country, written, wanted)])[0][3] == wanted
