"""What the drift check needs to know of two releases, read with SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kehu.gate.published import Schema
from kehu.warehouse.protocol import Session, one_value


@dataclass(frozen=True)
class Pair:
    """The published release and the candidate beside it."""

    session: Session
    published: Schema
    candidate: Schema
    ignored: frozenset[str]

    def columns(self, schema: Schema) -> dict[str, dict[str, str]]:
        """Type by column by table, of all tables that are compared."""
        rows = self.session.rows(
            "select table_name, column_name, case when data_type = 'numeric' and numeric_precision is not null"
            " then 'numeric(' || numeric_precision || ',' || numeric_scale || ')' else data_type end"
            " from information_schema.columns where table_catalog = ? and table_schema = ? order by table_name, ordinal_position",
            [schema.catalog, schema.name],
        )
        tables: dict[str, dict[str, str]] = {}
        for table, column, data_type in rows:
            if table not in self.ignored:
                tables.setdefault(table, {})[column] = data_type
        return tables

    def row_counts(self, table: str) -> tuple[int, int]:
        """Published and candidate rows of a table."""
        published, candidate = (
            one_value(self.session, f"select count(*) from {schema.table(table)}")
            for schema in (self.published, self.candidate)
        )
        return published, candidate

    def revenue_by_month(self, column: str, until: date) -> list[tuple[date, float, float]]:
        """Month, published and candidate revenue of every month that had ended by ``until``; absent counts as 0."""
        return [
            (month, float(old), float(new))
            for month, old, new in self.session.rows(
                f"""
                select
                    coalesce(published.month, candidate.month) as month,
                    coalesce(published.{column}, 0) as old_revenue,
                    coalesce(candidate.{column}, 0) as new_revenue
                from {self.published.table("kpi_monthly")} as published
                full outer join {self.candidate.table("kpi_monthly")} as candidate
                    on candidate.month = published.month
                where coalesce(published.month, candidate.month) + interval '1 month' - interval '1 day' <= ?
                order by 1
                """,
                [until],
            )
        ]

    def stability(self, floor: float) -> list[tuple[str, float]]:
        """Population stability index by published segmentation: Σ (new − old) · ln(new / old) over its segments."""
        return [
            (segmentation, float(index))
            for segmentation, index in self.session.rows(
                f"""
                with shares as (
                    select
                        coalesce(published.segmentation, candidate.segmentation) as segmentation,
                        greatest(coalesce(cast(published.share_of_customers as double precision), 0), ?) as old_share,
                        greatest(coalesce(cast(candidate.share_of_customers as double precision), 0), ?) as new_share
                    from {self.published.table("segment_summary")} as published
                    full outer join {self.candidate.table("segment_summary")} as candidate
                        on candidate.segmentation = published.segmentation and candidate.segment = published.segment
                )
                select segmentation, sum((new_share - old_share) * ln(new_share / old_share)) as stability_index
                from shares
                where segmentation in (select segmentation from {self.published.table("segment_summary")})
                group by segmentation
                order by segmentation
                """,
                [floor, floor],
            )
        ]

    def mean_predicted_clv(self) -> tuple[float | None, float | None]:
        """Published and candidate mean of the predicted value of a customer; None where nothing was predicted."""
        published, candidate = (
            one_value(
                self.session,
                f"select avg(cast(predicted_clv as double precision)) from {schema.table('customer_lifetime_value')}",
            )
            for schema in (self.published, self.candidate)
        )
        return published, candidate
