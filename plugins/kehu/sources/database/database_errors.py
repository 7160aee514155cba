"""The troubles of a database by their names, with what may be told of them: never a row's value, never a password."""

from __future__ import annotations

import re

from kehu.errors import (
    BadExpression,
    KehuError,
    SourceRefused,
    SourceTimeout,
    SourceUnreachable,
    SourceUnreadable,
)
from kehu.landing.redaction import without_values

_STATE = re.compile(r"SQLSTATE: ([0-9A-Z]{5})")
_ERROR = re.compile(r"(?:ERROR|FATAL|PANIC):\s+(.*)")
_LOST = re.compile(
    r"server closed the connection|terminating connection|connection (?:not open|reset|is closed)|no connection to the server"
    r"|could not (?:receive|send) data|broken pipe|SSL connection has been closed|lost connection|gone away",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"password|authentication|role .* does not exist|no pg_hba", re.IGNORECASE)
_MISSING_TABLE = ("42P01", "3F000")


def sqlstate(error: BaseException) -> str | None:
    """The five characters by which Postgres names a trouble, wherever the driver has put them."""
    for candidate in (getattr(error, "sqlstate", None), getattr(error, "pgcode", None)):
        if isinstance(candidate, str) and len(candidate) == 5:
            return candidate
    found = _STATE.search(str(error))
    return found[1] if found else None


def is_missing_table(error: BaseException) -> bool:
    """Whether a table or its schema is not there."""
    return sqlstate(error) in _MISSING_TABLE


def refused_connection(error: BaseException, message: str, place: dict[str, object]) -> KehuError:
    """The error of a connection that did not come about; ``message`` is free of secrets."""
    cause = (_ERROR.findall(message) or [line for line in message.splitlines() if line.strip()] or ["no reason given"])[
        0
    ]
    if sqlstate(error) == "28P01" or _LOGIN.search(message):
        return SourceUnreachable(
            "the database does not let us in", fix="correct user or password in the URL", **place, cause=cause[:300]
        )
    return SourceUnreachable(
        "the database cannot be reached",
        fix="see whether it runs, and whether host, port and database of the URL are right",
        **place,
        cause=cause[:300],
    )


def named_error(error: BaseException, place: dict[str, object], is_about_sql: bool = False) -> KehuError:
    """The error of a statement.

    Args:
        error: what the driver raised.
        place: source, entity, table.
        is_about_sql: nothing has been read yet, so that the message speaks of the SQL in ``sources.yml`` alone.
    """
    state = sqlstate(error) or ""
    message = str(error)
    facts = {**place, "sqlstate": state}
    if state.startswith(("08", "57P", "25P03", "25P04")) or (not state and _LOST.search(message)):
        return SourceUnreachable(
            "the connection to the database is lost", fix="see whether it runs, then ingest again", **facts
        )
    if state in ("57014", "55P03"):
        problem = "has cancelled the statement" if state == "57014" else "did not give a lock in time"
        return SourceTimeout(
            f"the database {problem}",
            fix="raise statement_timeout or lock_timeout of the role, read less (cursor), or see who holds the lock",
            **facts,
        )
    if state in ("42501", "25006", "25001"):
        problem = "a right is missing" if state == "42501" else "the query would write, and the session only reads"
        fix = "grant select on it to the role of the URL" if state == "42501" else "write a query that only reads"
        return SourceRefused(problem, fix=fix, **facts)
    if is_about_sql:
        first = (_ERROR.findall(message) or message.strip().splitlines() or [""])[0]
        return BadExpression(
            "the database does not accept the SQL", fix="correct the query", **facts, cause=first[:300]
        )
    told = without_values(Exception((_ERROR.findall(message) or [type(error).__name__])[0]))
    return SourceUnreadable(
        "the rows cannot be read", fix="run the query in the database itself to see the row", **facts, cause=told
    )
