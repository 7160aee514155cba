"""What the seeds that a candidate was built with hold: suites name them instead of repeating their values."""

from __future__ import annotations

from collections.abc import Callable

from kehu.session import Session

_COLUMNS = """
    select 1 from information_schema.columns
    where table_catalog = current_database() and table_schema = 'seeds' and table_name = ? and column_name = ?
"""


def seed_values(session: Session) -> Callable[[str, str], list[str]]:
    """A function of seed and column that gives the column's distinct values; none where there is no such column."""

    def values(seed: str, column: str) -> list[str]:
        if not session.rows(_COLUMNS, [seed, column]):
            return []
        sql = f'select distinct "{column}" from seeds."{seed}" where "{column}" is not null order by 1'
        return [str(row[0]) for row in session.rows(sql)]

    return values
