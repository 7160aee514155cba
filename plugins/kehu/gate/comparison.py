"""What the drift check needs to know of two releases: each is asked for aggregates in its own engine.

The published release may be in another database than the candidate, so nothing is joined before it is a few rows.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from math import log

from kehu.gate.published import Published
from kehu.session import Session

_COLUMNS = """
    select table_name, column_name, case
        when data_type = 'numeric' and numeric_precision is not null
            then 'DECIMAL(' || numeric_precision || ',' || numeric_scale || ')'
        else data_type
    end
    from information_schema.columns
    where table_catalog = current_database() and table_schema = ? order by table_name, ordinal_position
"""
_DUCKDBS_NAMES = {
    "character varying": "VARCHAR",
    "text": "VARCHAR",
    "double precision": "DOUBLE",
    "timestamp without time zone": "TIMESTAMP",
    **{name: name.upper() for name in ("bigint", "integer", "smallint", "boolean", "date")},
}
_REVENUE = """
    select month, coalesce({revenue}, 0) from {table} where month + interval '1 month' - interval '1 day' <= ? order by month
"""
_SHARES = """
    select segmentation, segment, coalesce(cast(share_of_customers as double precision), 0) from {table}
    order by segmentation, segment
"""
_MEAN = "select avg(cast(predicted_clv as double precision)) from {table}"


@dataclass(frozen=True)
class Pair:
    """The published release and the candidate, which is a schema of the session."""

    session: Session
    published: Published
    candidate: str
    ignored: frozenset[str]

    def published_columns(self) -> dict[str, dict[str, str]]:
        """Type by column by table of the published release, of all tables that are compared."""
        return {table: shape for table, shape in self.published.columns().items() if table not in self.ignored}

    def candidate_columns(self) -> dict[str, dict[str, str]]:
        """The same of the candidate."""
        tables: dict[str, dict[str, str]] = {}
        for table, column, data_type in self.session.rows(_COLUMNS, [self.candidate]):
            if table not in self.ignored:
                tables.setdefault(table, {})[column] = _DUCKDBS_NAMES.get(data_type, data_type)
        return tables

    def row_counts(self, table: str) -> tuple[int, int]:
        """Published and candidate rows of a table."""
        published, candidate = self._both("select count(*) from {table}", table)
        return published[0][0], candidate[0][0]

    def revenue_by_month(self, column: str, until: date) -> list[tuple[date, float, float]]:
        """Month, published and candidate revenue of every month that had ended by ``until``; absent counts as 0."""
        old, new = (
            dict(rows) for rows in self._both(_REVENUE.format(revenue=column, table="{table}"), "kpi_monthly", [until])
        )
        return [(month, float(old.get(month, 0)), float(new.get(month, 0))) for month in sorted({*old, *new})]

    def stability(self, floor: float) -> list[tuple[str, float]]:
        """Population stability index by published segmentation: Σ (new − old) · ln(new / old) over its segments."""
        old, new = (
            {(segmentation, segment): share for segmentation, segment, share in rows}
            for rows in self._both(_SHARES, "segment_summary")
        )
        compared = {segmentation for segmentation, _ in old}
        index: defaultdict[str, float] = defaultdict(float)
        for key in sorted({*old, *new}, key=str):
            if key[0] in compared:
                before, after = max(old.get(key, 0.0), floor), max(new.get(key, 0.0), floor)
                index[key[0]] += (after - before) * log(after / before)
        return sorted(index.items())

    def mean_predicted_clv(self) -> tuple[float | None, float | None]:
        """Published and candidate mean of the predicted value of a customer; None where nothing was predicted."""
        published, candidate = self._both(_MEAN, "customer_lifetime_value")
        return published[0][0], candidate[0][0]

    def _both(self, sql: str, table: str, parameters: list[object] | None = None) -> tuple[list[tuple], list[tuple]]:
        """The rows of one query on both sides."""
        given = parameters or []
        published = self.published.rows(sql.format(table=f'analytics."{table}"'), given)
        return published, self.session.rows(sql.format(table=f'"{self.candidate}"."{table}"'), given)
