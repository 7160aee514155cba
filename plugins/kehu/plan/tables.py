"""Two versions of one table, row by row by its key: what was added, removed and changed, and in which columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kehu.quoting import sql_name
from kehu.session import Session

EXAMPLES = 3
MASK = "•••"
_FLOATING = {"DOUBLE", "FLOAT", "REAL", "DOUBLE PRECISION"}
_TOLERANCE = "1e-9"
"""Sums of floating numbers depend on the order of addition, which two builds need not share."""


@dataclass(frozen=True)
class Example:
    """A changed row: its key, and each changed column before and after; personal values are masked."""

    key: Mapping[str, str | None]
    before: Mapping[str, str | None]
    after: Mapping[str, str | None]


@dataclass(frozen=True)
class TableDiff:
    """What is different.

    Attributes:
        key: the columns that tell rows apart; with none rows are compared whole, and one that differs is one removed and one
            added.
        rows_before: in the release.
        duplicate_keys: keys that more than one row has now, and had not before.
        changed_by_column: changed rows by column; only columns that both versions have.
    """

    table: str
    key: tuple[str, ...]
    rows_before: int
    rows_after: int
    added: int = 0
    removed: int = 0
    changed: int = 0
    duplicate_keys: int = 0
    changed_by_column: Mapping[str, int] = field(default_factory=dict)
    columns_added: Mapping[str, str] = field(default_factory=dict)
    columns_removed: Mapping[str, str] = field(default_factory=dict)
    columns_retyped: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()

    @property
    def is_different(self) -> bool:
        """Whether anything is."""
        return self.has_other_columns or bool(self.added or self.removed or self.changed)

    @property
    def has_other_columns(self) -> bool:
        """Whether the schema is another one."""
        return bool(self.columns_added or self.columns_removed or self.columns_retyped)


@dataclass(frozen=True)
class Sides:
    """A table in the release and in the plan.

    Attributes:
        before: as SQL names it.
        after: as SQL names it.
        columns_before: type by column.
        columns_after: type by column.
        key: the columns of its key; none if nothing says what its key is.
        masked: the columns whose values are for readers of personal values alone.
    """

    table: str
    before: str
    after: str
    columns_before: Mapping[str, str]
    columns_after: Mapping[str, str]
    key: tuple[str, ...]
    masked: frozenset[str] = frozenset()

    @property
    def shared(self) -> list[str]:
        """The columns that both versions have."""
        return [name for name in self.columns_before if name in self.columns_after]

    @property
    def usable_key(self) -> tuple[str, ...]:
        """The key, if both versions have its columns."""
        return self.key if set(self.key) <= set(self.shared) else ()


def diff_table(session: Session, sides: Sides) -> TableDiff:
    """Compare two versions of a table."""
    before, after = _count(session, sides.before), _count(session, sides.after)
    found: dict[str, Any] = {
        "columns_added": _beside(sides.columns_after, sides.columns_before),
        "columns_removed": _beside(sides.columns_before, sides.columns_after),
        "columns_retyped": {
            name: (kind, sides.columns_after[name])
            for name, kind in sides.columns_before.items()
            if sides.columns_after.get(name, kind) != kind
        },
    }
    key = sides.usable_key
    if not key:
        added, removed = _rows_beside(session, sides)
        return TableDiff(sides.table, (), before, after, added, removed, **found)
    repeated_before, repeated_after = (_repeated(session, side, key) for side in (sides.before, sides.after))
    joined = _joined(sides, is_unique=not (repeated_before or repeated_after))
    compared = [name for name in sides.shared if name not in key]
    listed = ", ".join(f"count(*) filter (where is_in_both and {_differs(sides, name)})" for name in compared)
    row = session.rows(f"""
        {joined}
        select
            count(*) filter (where was_there is null), count(*) filter (where is_there is null),
            count(*) filter (where is_in_both and ({_any_differs(sides, compared)})) {"," if listed else ""} {listed}
        from joined
    """)[0]
    columns = {name: count for name, count in zip(compared, row[3:], strict=True) if count}
    examples = _examples(session, sides, joined, tuple(columns)) if row[2] else ()
    more = max(repeated_after - repeated_before, 0)
    return TableDiff(sides.table, key, before, after, row[0], row[1], row[2], more, columns, examples=examples, **found)


def _count(session: Session, relation: str) -> int:
    return int(session.rows(f"select count(*) from {relation}")[0][0])


def _beside(columns: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
    return {name: kind for name, kind in columns.items() if name not in others}


def _repeated(session: Session, relation: str, key: Sequence[str]) -> int:
    listed = ", ".join(map(sql_name, key))
    sql = f"select count(*) from (select {listed} from {relation} group by {listed} having count(*) > 1)"
    return int(session.rows(sql)[0][0])


def _rows_beside(session: Session, sides: Sides) -> tuple[int, int]:
    """Whole rows that only one of the versions has, each as often as it has more of them: those added, those removed."""
    listed = ", ".join(map(sql_name, sides.shared))
    pairs = ((sides.after, sides.before), (sides.before, sides.after))
    queries = (f"(select {listed} from {one} except all select {listed} from {other})" for one, other in pairs)
    added, removed = (_count(session, query) for query in queries)
    return added, removed


def _joined(sides: Sides, is_unique: bool) -> str:
    """The CTE ``joined``: both versions side by side. The rows of a repeated key are numbered, so that each has one other."""
    key = list(map(sql_name, sides.usable_key))
    columns = ", ".join(map(sql_name, sides.shared))
    rank = "1"
    if not is_unique:
        order = ", ".join(f"cast({sql_name(name)} as varchar)" for name in sides.shared)
        rank = f"row_number() over (partition by {', '.join(key)} order by {order})"
    on = " and ".join(f"before.{name} is not distinct from after.{name}" for name in [*key, "_rank"])
    listed = ", ".join(
        f"{side}.{sql_name(name)} as {sql_name(f'{side}_{name}')}"
        for name in sides.shared
        for side in ("before", "after")
    )
    return f"""
        with before as (select {columns}, {rank} as _rank, true as is_one from {sides.before}),
        after as (select {columns}, {rank} as _rank, true as is_one from {sides.after}),
        joined as (
            select
                before.is_one as was_there, after.is_one as is_there,
                before.is_one is not null and after.is_one is not null as is_in_both, {listed}
            from before full outer join after on {on}
        )
    """


def _any_differs(sides: Sides, columns: Sequence[str]) -> str:
    return " or ".join(_differs(sides, name) for name in columns) or "false"


def _differs(sides: Sides, name: str) -> str:
    before, after = sql_name(f"before_{name}"), sql_name(f"after_{name}")
    kinds = {sides.columns_before[name], sides.columns_after[name]}
    if kinds <= _FLOATING:
        near = f"abs({before} - {after}) <= {_TOLERANCE} * greatest(abs({before}), abs({after}))"
        return f"({before} is distinct from {after} and not coalesce({near}, false))"
    if len(kinds) > 1 and any("DECIMAL" in kind or "INT" in kind or kind in _FLOATING for kind in kinds):
        return f"(try_cast({before} as double) is distinct from try_cast({after} as double))"
    if len(kinds) > 1:
        return f"(cast({before} as varchar) is distinct from cast({after} as varchar))"
    return f"({before} is distinct from {after})"


def _examples(session: Session, sides: Sides, joined: str, columns: tuple[str, ...]) -> tuple[Example, ...]:
    """A few changed rows, the first by their keys."""
    key = sides.usable_key
    shown = [f"{side}_{name}" for name in columns for side in ("before", "after")]
    differing = [f"{_differs(sides, name)} as {sql_name(f'differs_{name}')}" for name in columns]
    listed = ", ".join(
        [
            *(f"cast({sql_name(f'after_{name}')} as varchar) as {sql_name(f'key_{name}')}" for name in key),
            *(f"cast({sql_name(name)} as varchar) as {sql_name(name)}" for name in shown),
            *differing,
        ]
    )
    rows = session.records(f"""
        {joined}
        select {listed} from joined where is_in_both and ({_any_differs(sides, columns)})
        order by {", ".join(sql_name(f"after_{name}") for name in key)} limit {EXAMPLES}
    """)
    return tuple(_example(row, sides, columns) for row in rows)


def _example(row: Mapping[str, Any], sides: Sides, columns: Sequence[str]) -> Example:
    differing = [name for name in columns if row[f"differs_{name}"]]

    def shown(name: str, value: str | None) -> str | None:
        return MASK if value is not None and name in sides.masked else value

    return Example(
        {name: shown(name, row[f"key_{name}"]) for name in sides.usable_key},
        {name: shown(name, row[f"before_{name}"]) for name in differing},
        {name: shown(name, row[f"after_{name}"]) for name in differing},
    )
