"""The landing zone as the erasure sees it: every landed version of every row, whatever became of it in staging."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kehu.entities import ENTITIES
from kehu.erasure.folding import fold_in
from kehu.erasure.rows import RECORD_COLUMNS, dialled, email, own_id
from kehu.landing.ledger import read_ledger
from kehu.landing.workspace import Workspace
from kehu.quoting import sql_text
from kehu.settings import Settings

_CARRIERS = tuple(entity.name for entity in ENTITIES.values() if entity.is_record)
"""Entities whose rows are records; the first column of each in ``RECORD_COLUMNS`` is the record's id."""


class Landed:
    """All landed rows, as one view an entity."""

    def __init__(self, work: Workspace, settings: Settings) -> None:
        self.work = work
        fold_in(work.connection)
        files: dict[str, list[str]] = {}
        batches = read_ledger(settings.landing_dir)
        for batch in batches:
            files.setdefault(batch.entity, []).append(str(settings.landing_dir / batch.path))
        for entity, found in files.items():
            listed = ", ".join(map(sql_text, found))
            read = f"read_parquet([{listed}], hive_partitioning = false, union_by_name = true)"
            work.connection.execute(f"create or replace temp view landed_{entity} as select * from {read}")
        self.entities = sorted(files)
        self.sources = sorted({batch.source for batch in batches})
        self._records()

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple]:
        """Run one query over ``landed_<entity>``, ``carriers`` and ``named``."""
        return self.work.connection.execute(sql, list(parameters)).fetchall()

    def values(self, sql: str, *lists: Iterable[str]) -> set[str]:
        """The values of the one column of a query; each ``?`` stands for a list."""
        found = self.rows(sql, [[*one, ""] for one in lists])
        return {row[0] for row in found if row[0]}

    def of_records(self, column: str, records: Iterable[str], entities: Iterable[str]) -> set[str]:
        """What a column says in the rows of some entities that name one of the records."""
        listed, found = list(records), set()
        for entity in entities:
            if entity in self.entities:
                own = record_id(entity, RECORD_COLUMNS[entity][0])
                sql = f"select distinct {column} from landed_{entity} where list_contains(?, {own})"
                found |= self.values(sql, listed)
        return found

    def _records(self) -> None:
        """The views ``carriers`` (rows that are records, with what identifies them) and ``named`` (every id that is named)."""
        carriers = [
            f"select {record_id(entity, RECORD_COLUMNS[entity][0])} as record, {email('email')} as email,"
            f" {dialled('phone')} as phone, {full_names(entity)} as names,"
            f" {_references(entity)} as refers_to from landed_{entity}"
            for entity in _CARRIERS
            if entity in self.entities
        ]
        nothing = (
            "select null::varchar as record, null::varchar as email, null::varchar as phone, []::varchar[] as names,"
        )
        nothing += " []::varchar[] as refers_to where false"
        self.work.connection.execute(
            f"create or replace temp view carriers as {' union all '.join([*carriers, nothing])}"
        )
        named = [
            f"select {record_id(entity, column)} as record from landed_{entity}"
            for entity, columns in RECORD_COLUMNS.items()
            for column in columns
            if entity in self.entities
        ]
        nothing = "select null::varchar as record where false"
        self.work.connection.execute(f"create or replace temp view named as {' union '.join([*named, nothing])}")


def record_id(entity: str, column: str) -> str:
    """SQL of the published id that a column names."""
    lead = "'lead:' || " if (entity, column) == ("leads", "lead_id") else ""
    return f"_source || ':' || {lead}{own_id(column)}"


def full_names(entity: str) -> str:
    """SQL of the ways in which a row writes the whole name, as :mod:`kehu.erasure.folding` spells it."""
    names = ["full_name"]
    if "first_name" in ENTITIES[entity].column_names:
        names += ["first_name || ' ' || last_name", "last_name || ' ' || first_name", "last_name || first_name"]
    listed = ", ".join(f"kehu_folded(trim({name}))" for name in names)
    return f"list_filter([{listed}], lambda name: name <> '')"


def _references(entity: str) -> str:
    if entity == "leads":
        return f"[_source || ':' || {own_id('converted_customer_id')}]"
    return "list_transform(string_split(external_ids, ','), lambda item: trim(item))"
