"""Where values that were delivered in personal columns appear again in what is published."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import pyarrow.parquet as pq

from kehu.entities import ENTITIES
from kehu.release.personal import PERSONAL_NAMES
from kehu.settings import Settings
from tests.support.same_tables import Table

_OF_MANY = {
    "gender", "income_band", "education", "occupation", "household_size", "marital_status", "interests", "outcome",
}  # fmt: skip
"""Personal columns whose values are published as segments: they say nothing of whose they are."""
_SHORT = 6
"""Shorter values are found anywhere by chance."""
_BETWEEN = re.compile(r"[\s,;|]+")

_DATE = re.compile(r"\d{4}-\d\d-\d\d")

Delivered = Mapping[tuple[str, str], Collection[str]]


def delivered_personal_values(settings: Settings) -> dict[tuple[str, str], list[str]]:
    """The values in the landing zone by entity and column that leads to a person, in order."""
    found = {}
    for entity in ENTITIES.values():
        files = sorted((settings.landing_dir / entity.name).rglob("*.parquet"))
        for column in PERSONAL_NAMES.intersection(entity.column_names) - _OF_MANY:
            values = {value for file in files for value in pq.read_table(file, columns=[column])[column].to_pylist()}
            found[entity.name, column] = sorted(value for value in values if value and len(value) >= _SHORT)
    return found


def published_personal_columns(
    tables: Mapping[str, Table], delivered: Delivered, tagged: Mapping[str, Collection[str]]
) -> set[tuple[str, str]]:
    """The columns by table that hold what was delivered as personal and are not known to do so.

    One text is enough, alone or among words. A date may be somebody's birthday by chance: most values of a column may not.
    """
    wanted = {_plain(value) for values in delivered.values() for value in values}
    dates = {value for value in wanted if _DATE.fullmatch(value)}
    texts_wanted, found = wanted - dates, set()
    for name, table in tables.items():
        for number, column in enumerate(table.kinds):
            if column in tagged.get(name, ()) or column in PERSONAL_NAMES:
                continue
            values = {str(row[number]) for row in table.rows if row[number] is not None}
            birthdays = [value for value in values if _parts(value) & dates]
            texts = [value for value in values if _parts(value) & texts_wanted]
            if texts or len(birthdays) > max(5, len(values) / 2):
                found.add((name, column))
    return found


def _parts(value: str) -> set[str]:
    return {_plain(value), *map(_plain, _BETWEEN.split(value))}


def _plain(value: str) -> str:
    """As mails are compared: without blanks around it and in small letters; of a telephone number the last digits."""
    digits = re.sub(r"\D", "", value)
    if len(digits) >= 10 and re.fullmatch(r"[\d\s+()/.-]+", value.strip()):
        return digits[-9:]
    return value.strip().casefold()
