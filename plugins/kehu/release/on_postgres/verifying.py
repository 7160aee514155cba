"""Whether the schema of a release holds what its manifest says: every row of every table is read."""

from __future__ import annotations

import psycopg2

from kehu.errors import ReleaseError
from kehu.release.manifest import Manifest
from kehu.release.on_postgres.checksums import summarise_schema
from kehu.warehouse.on_postgres.release_schemas import SWAP, where_is
from kehu.warehouse.on_postgres.session import PostgresSession

_FIX = "restore the database from a backup, build the day again, or roll back to another release"


def verify_schema(session: PostgresSession, manifest: Manifest) -> None:
    """See that rows and checksums are those of the manifest, for personal columns behind a mask too.

    Raises:
        ReleaseError: they are not, or a table cannot be read; BI must not be pointed at it.
    """
    session.execute("select pg_advisory_lock_shared(hashtext('kehu'), ?)", [SWAP])
    schema = where_is(session, manifest.release_id)
    try:
        found = {} if schema is None else summarise_schema(session, schema)
    except (psycopg2.ProgrammingError, psycopg2.DataError, psycopg2.InternalError) as error:
        cause = str(error).strip().splitlines()[0]
        raise ReleaseError(
            "a table of the release cannot be read", fix=_FIX, release=manifest.release_id, cause=cause
        ) from error
    expected = manifest.tables
    wrong = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    if wrong:
        raise ReleaseError(
            "the schema of the release does not hold what its manifest says",
            fix=_FIX,
            release=manifest.release_id,
            tables=wrong,
        )
