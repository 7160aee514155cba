"""Published figures that would be others: those of the months and of the segments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kehu.plan.tables import Sides
from kehu.quoting import sql_name
from kehu.session import Session

TABLES = ("kpi_monthly", "segment_summary")
_NOT_FIGURES = {"as_of_date", "label_en", "label_zh"}


@dataclass(frozen=True)
class MetricChange:
    """One figure of one month or segment, as text; None where there is none."""

    table: str
    key: tuple[str, ...]
    metric: str
    before: str | None
    after: str | None


def find_metric_changes(session: Session, sides: Sides) -> tuple[MetricChange, ...]:
    """The figures of a table that differ, by key; a row that one version lacks has none of them."""
    key = sides.usable_key
    figures = [name for name in sides.shared if name not in key and name not in _NOT_FIGURES]
    if not key or not figures:
        return ()
    return tuple(change for name in figures for change in _of_figure(session, sides, name))


def _of_figure(session: Session, sides: Sides, name: str) -> Iterator[MetricChange]:
    key = [sql_name(one) for one in sides.usable_key]
    figure = sql_name(name)
    keys = ", ".join(f"cast(coalesce(before.{one}, after.{one}) as varchar)" for one in key)
    on = " and ".join(f"before.{one} = after.{one}" for one in key)
    old, new = f"before.{figure}", f"after.{figure}"
    near = ""
    if {sides.columns_before[name], sides.columns_after[name]} == {"DOUBLE"}:
        near = f"and not coalesce(abs({old} - {new}) <= 1e-9 * greatest(abs({old}), abs({new})), false)"
    sql = f"""
        select {keys}, cast({old} as varchar), cast({new} as varchar)
        from {sides.before} as before full outer join {sides.after} as after on {on}
        where cast({old} as varchar) is distinct from cast({new} as varchar) {near}
        order by {", ".join(str(at + 1) for at in range(len(key)))}
    """
    for row in session.rows(sql):
        yield MetricChange(sides.table, tuple(row[: len(key)]), name, row[-2], row[-1])
