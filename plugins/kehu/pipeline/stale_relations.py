"""Relations of the state that no model makes any more: an older version's names, models that were removed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from kehu.session import Session

log = logging.getLogger(__name__)

_SCHEMAS = ("seeds", "staging", "intermediate", "work")
_RELATIONS = f"""
    select table_schema, table_name, table_type from information_schema.tables
    where table_schema in ({", ".join(f"'{name}'" for name in _SCHEMAS)})
    order by 1, 2
"""


def drop_stale_relations(session: Session, dbt_project: Path) -> list[str]:
    """Drop what an earlier version left in the schemas of the state; returns the names.

    They would hold rows of customers that nobody maintains. A model and a seed are called like their files, and what a
    model keeps beside itself begins with its name, as in ``customer_stage_changes_months``.
    """
    files = (*(dbt_project / "models").rglob("*.sql"), *(dbt_project / "seeds").rglob("*.csv"))
    made = {file.stem for file in files}
    dropped = []
    for schema, name, kind in session.rows(_RELATIONS):
        if not any(known in made for known in _possible_makers(name)):
            what = "view" if kind == "VIEW" else "table"
            session.execute(f'drop {what} if exists {schema}."{name}" cascade')
            dropped.append(f"{schema}.{name}")
    if dropped:
        log.info("dropped what no model makes any more: %s", ", ".join(dropped))
    return dropped


def _possible_makers(name: str) -> Iterator[str]:
    words = name.split("_")
    yield from ("_".join(words[:count]) for count in range(len(words), 0, -1))
