"""The identity of a batch: a hash of its rows that does not depend on their order.

Every row is hashed; the hashes are added up and xor-ed. A row's text is unambiguous: each value is preceded by its length
and a colon, a null is the colon alone. MD5 serves as a well-mixed hash here, not as protection.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from kehu.entities import ENTITIES
from kehu.errors import ConfigurationError, LandingError
from kehu.landing.extract import Extract, Rows
from kehu.landing.ledger import Batch
from kehu.landing.workspace import Workspace
from kehu.quoting import sql_name

_FORMAT = 1

_FIRST_DAYS = {"timestamp": date.fromisoformat("1970-01-01"), "date": date.fromisoformat("1900-01-02")}
_LAST_DAY = date.fromisoformat("2099-12-30")
"""Days outside are placeholders (0001-01-01, 1900-01-01, 9999-12-31): one of them would have the window replace all history."""


@dataclass(frozen=True)
class Digest:
    """Content id and counts of a batch that is not yet written."""

    content_id: str
    row_count: int
    reject_count: int
    window_from: date | None
    window_to: date | None


def digest_rows(work: Workspace, source: str, extract: Extract | Batch, rows: Rows) -> Digest:
    """Read all rows once, in bounded memory.

    Raises:
        ConfigurationError: the column that a window is made of is not delivered.
        LandingError: a window batch that is new has rows, but none with a date that is no placeholder.
    """
    if extract.window_column and extract.window_column not in rows.delivered:
        raise ConfigurationError(
            "window_column is not delivered",
            fix="map it, or name a date that is delivered",
            source=source,
            entity=extract.entity,
            file=extract.file,
            column=extract.window_column,
            delivered=list(rows.delivered),
        )
    accepted = _sums(work, rows.accepted, [*rows.delivered, "_extra"], _day(extract))
    rejects = _sums(work, rows.rejects, ["_raw"], "null::date") if rows.rejects else (0, None, None, None, None)
    window_from, window_to = accepted[3], accepted[4]
    # a batch that has landed keeps its days, whoever is taken out of it
    if extract.window_column and accepted[0] and window_from is None and not isinstance(extract, Batch):
        raise LandingError(
            "no row has a date in window_column, so that it is not known which days the batch replaces",
            fix=f"correct window_column, or deliver dates as YYYY-MM-DD that are no placeholders ({_valid_days(extract)})",
            source=source,
            entity=extract.entity,
            file=extract.file,
            column=extract.window_column,
        )
    identity = [
        _FORMAT, source, extract.entity, extract.mode, extract.timezone, extract.window_column, rows.delivered,
        accepted[:3], rejects[:3],
    ]  # fmt: skip
    content_id = hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:32]
    return Digest(content_id, accepted[0] + rejects[0], rejects[0], window_from, window_to)


def content_id_after(content_id: str, previous_batch_id: str) -> str:
    """The id of a batch whose content was there before: salted with the id of the batch that it follows."""
    return hashlib.sha256(f"{content_id} after {previous_batch_id}".encode()).hexdigest()[:32]


def row_text(expressions: Iterable[str]) -> str:
    """SQL of one text that stands for these values and no others; the expressions are texts."""
    return f"""concat({", ".join(f"strlen({value}), ':', {value}" for value in expressions)})"""


def _day(extract: Extract | Batch) -> str:
    """SQL of the day that a row counts for in its batch's window; null where there is none."""
    if not extract.window_column:
        return "null::date"
    written = f"try_cast(try_cast(trim({sql_name(extract.window_column)}) as timestamp) as date)"
    first, last = _bounds(extract)
    return f"case when {written} between date '{first}' and date '{last}' then {written} end"


def _bounds(extract: Extract | Batch) -> tuple[date, date]:
    kind = ENTITIES[extract.entity].column(str(extract.window_column)).type
    return _FIRST_DAYS[kind], _LAST_DAY


def _valid_days(extract: Extract | Batch) -> str:
    return " to ".join(map(str, _bounds(extract)))


def _sums(work: Workspace, query: str, columns: Sequence[str], day: str) -> tuple:
    """Count, sum and xor of the row hashes; first and last day of the window."""
    sql = f"""
        select
            count(*),
            sum(hash::hugeint),
            bit_xor(hash),
            min(day),
            max(day),
        from (select md5_number_lower({row_text(map(sql_name, columns))}) as hash, {day} as day from ({query}))
    """
    return work.connection.execute(sql).fetchall()[0]
