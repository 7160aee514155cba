"""Whether two warehouses hold the same tables: column by column, row by row, in both directions.

Texts, dates, whole numbers and decimals must be equal; a double may differ by what adding in another order does to it, far
less than the sixth decimal.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kehu.release.catalog import reading
from kehu.settings import Settings

PLACES = 6
DIGITS = 13
_SHOWN = 3

Row = tuple[Any, ...]

_COLUMNS = """
    select table_name, column_name, data_type, numeric_precision, numeric_scale from information_schema.columns
    where table_schema = ? and table_catalog = current_database() order by table_name, column_name
"""


@dataclass(frozen=True)
class Table:
    """The columns of a table in alphabetical order with their kinds, and its rows."""

    kinds: Mapping[str, str]
    rows: Sequence[Row]


def published_tables(settings: Settings, release_id: str, only: Collection[str] | None = None) -> dict[str, Table]:
    """Every table of a release that is kept, or some of them, read as BI reads it."""
    with reading(settings, release_id) as release:
        schema = getattr(release, "schema", "analytics")
        shapes: dict[str, dict[str, str]] = {}
        for table, column, *kind in release.rows(_COLUMNS, [schema]):
            if only is None or table in only:
                shapes.setdefault(table, {})[column] = kind_of(*kind)
        return {
            table: Table(shape, release.rows(f'select {_list(shape)} from analytics."{table}"'))
            for table, shape in shapes.items()
        }


def _list(columns: Mapping[str, str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def kind_of(data_type: str, precision: int | None, scale: int | None) -> str:
    """One name for a type on all warehouses."""
    lower = data_type.lower()
    if lower.startswith(("decimal", "numeric")):
        return f"decimal({precision}, {scale})"
    names = {
        "character varying": "text",
        "varchar": "text",
        "double": "double precision",
        "timestamp without time zone": "timestamp",
    }
    return names.get(lower, lower)


def differences(
    left: Mapping[str, Table], right: Mapping[str, Table], ignored: Mapping[str, frozenset[str]] | None = None
) -> list[str]:
    """What differs, in words; an empty list says that nothing does.

    Args:
        ignored: columns by table that are not compared, for example the time of publication.
    """
    found = [f"{name}: only in the first" for name in left.keys() - right.keys()]
    found += [f"{name}: only in the second" for name in right.keys() - left.keys()]
    for name in sorted(left.keys() & right.keys()):
        skipped = (ignored or {}).get(name, frozenset())
        found += [f"{name}: {problem}" for problem in _compare(left[name], right[name], skipped)]
    return sorted(found)


def _compare(left: Table, right: Table, ignored: frozenset[str]) -> Iterator[str]:
    kinds = [{name: kind for name, kind in table.kinds.items() if name not in ignored} for table in (left, right)]
    if kinds[0] != kinds[1]:
        names = sorted(kinds[0].keys() | kinds[1].keys())
        other = [name for name in names if kinds[0].get(name) != kinds[1].get(name)]
        yield "columns " + ", ".join(f"{name} ({kinds[0].get(name)}, {kinds[1].get(name)})" for name in other)
        return
    one, two = _grouped(left, ignored), _grouped(right, ignored)
    for side, rows, others in (("first", one, two), ("second", two, one)):
        alone = [(key, row) for key in sorted(rows) for row in rows[key][len(others.get(key, ())) :]]
        if alone:
            yield f"{len(alone)} rows only in the {side}, such as {[row for _, row in alone[:_SHOWN]]}"
    pairs = [pair for key in sorted(one.keys() & two.keys()) for pair in zip(one[key], two[key], strict=False)]
    apart = [pair for pair in pairs if not _same(*pair)]
    if apart:
        yield f"{len(apart)} rows with other doubles, such as {apart[:_SHOWN]}"


def _grouped(table: Table, ignored: frozenset[str]) -> dict[tuple[str, ...], list[Row]]:
    """The rows by everything that must be exactly equal; rows that are equal in that are in the order of their doubles."""
    kept = [number for number, name in enumerate(table.kinds) if name not in ignored]
    groups: dict[tuple[str, ...], list[Row]] = {}
    for whole in table.rows:
        row = tuple(whole[number] for number in kept)
        # a double that is null counts as exact
        key = tuple("double" if isinstance(value, float) else repr(value) for value in row)
        groups.setdefault(key, []).append(row)
    for rows in groups.values():
        rows.sort(key=lambda row: [value for value in row if isinstance(value, float)])
    return groups


def _same(left: Row, right: Row) -> bool:
    """Whether rows of one group have the same doubles, up to half of the sixth decimal or of the 13th digit."""
    return all(
        math.isclose(a, b, rel_tol=10.0**-DIGITS / 2, abs_tol=10.0**-PLACES / 2) or (math.isnan(a) and math.isnan(b))
        for a, b in zip(left, right, strict=True)
        if isinstance(a, float)
    )
