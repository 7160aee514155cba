"""Who owns what in a database with roles, and who may do what with it. Least privilege: what is not named here is not given.

Everything is true at once after :func:`apply`, whatever was granted before; later schemas get theirs by default privileges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from psycopg2 import sql

from kehu.ops.tables import SCHEMAS
from kehu.warehouse.on_postgres.release_schemas import PUBLISHED
from kehu.warehouse.on_postgres.roles import BUILDER, LOADER, PUBLISHER, WORKERS
from kehu.warehouse.on_postgres.session import PostgresSession

_WRITTEN_BY = {
    LOADER: ("batches", "sources", "runs", "loaded_batches"),
    BUILDER: (
        "runs",
        "node_results",
        "check_results",
        "checked_tables",
        "steps",
        "state",
        "state_batches",
        "state_tests",
        "erasures",
    ),
}
"""Tables of ``ops`` that others than their owner, the publisher, write."""
_READ_BY_BUILDER = (
    *("batches", "sources", "releases"),
    *("published_rfm_cut_points", "published_clv_parameters", "published_persona_centres"),
)
_SCHEMAS = """
    select nspname, pg_get_userbyid(nspowner) from pg_namespace
    where nspname = any(?) or nspname like 'candidate\\_r%' or nspname like 'rel\\_r%' order by nspname
"""
_RELATIONS = """
    select relname, relkind from pg_class
    where relnamespace = to_regnamespace(?) and relkind in ('r', 'p', 'v', 'm') and relowner <> to_regrole(?) order by relname
"""
_ROUTINES = """
    select oid::regprocedure::text from pg_proc
    where pronamespace = to_regnamespace(?) and proowner <> to_regrole(?) order by 1
"""
_FOR_EVERYBODY = """
    select oid::regprocedure::text from pg_proc
    where pronamespace = 'pg_catalog'::regnamespace
        and (proname in ('lo_creat', 'lo_create', 'lo_from_bytea') or proname ~ '^pg_(try_)?advisory_')
    order by 1
"""
"""By Postgres' default every reader may store large objects, and hold the locks by which Kehu's writers take turns."""


def owner_of(schema: str) -> str:
    """The role that owns a schema of Kehu and everything in it."""
    if schema == "landing":
        return LOADER
    if schema in ("ops", PUBLISHED) or schema.startswith("rel_"):
        return PUBLISHER
    return BUILDER


def schemas(session: PostgresSession) -> dict[str, str]:
    """The schemas of Kehu that are there, with their present owners."""
    return dict(session.rows(_SCHEMAS, [[*SCHEMAS, "kehu", PUBLISHED]]))


def hand_over(session: PostgresSession) -> list[str]:
    """Give every schema of Kehu with all that is in it to the role that is to own it; returns the schemas that changed hands."""
    changed = []
    for schema, present in schemas(session).items():
        owner = owner_of(schema)
        statements = [*_hand_over_contents(session, schema, owner)]
        if present != owner:
            statements.insert(0, "alter schema {} owner to {}")
        for statement in statements:
            _run(session, statement, schema, owner)
        if statements:
            changed.append(schema)
    return changed


def _hand_over_contents(session: PostgresSession, schema: str, owner: str) -> Iterator[str]:
    kinds = {"v": "view", "m": "materialized view"}
    for name, kind in session.rows(_RELATIONS, [f'"{schema}"', owner]):
        quoted = sql.Identifier(name).as_string(session.connection)
        yield f"alter {kinds.get(kind, 'table')} {{0}}.{quoted} owner to {{1}}"
    for (signature,) in session.rows(_ROUTINES, [f'"{schema}"', owner]):
        yield f"alter routine {signature} owner to {{1}}"


def apply(session: PostgresSession, login: str, readers: Sequence[str]) -> None:
    """Make the privileges of the roles what they are to be; call it in a transaction, after :func:`hand_over`.

    Args:
        login: the role that Kehu logs in as, which acts as the others.
        readers: the roles of BI. They lose what they had: what they may read is granted with each release.
    """
    _database(session, login, readers)
    outsiders = ("public", *readers)
    for schema in schemas(session):
        strangers = {*outsiders, *WORKERS, login} - {owner_of(schema)}
        for role in sorted(strangers):
            _run(session, "revoke all on schema {} from {}", schema, role)
            _run(session, "revoke all on all tables in schema {} from {}", schema, role)
            _run(session, "revoke all on all routines in schema {} from {}", schema, role)
        for statement, role in _grants(schema):
            _run(session, statement, schema, role)
    _bookkeeping(session)
    _later(session, outsiders)


def _database(session: PostgresSession, login: str, readers: Sequence[str]) -> None:
    name = session.rows("select current_database()")[0][0]
    _run(session, "revoke all on database {} from public", name)
    for role in (*WORKERS, *readers, login):
        _run(session, "revoke all on database {} from {}", name, role)
    for role in (login, *readers):
        _run(session, "grant connect on database {} to {}", name, role)
    for role in (BUILDER, PUBLISHER):
        _run(session, "grant create on database {} to {}", name, role)
    _run(session, "grant temporary on database {} to {}", name, BUILDER)
    for role in ("public", *readers):
        _run(session, "revoke create on schema public from {}", role)


def _grants(schema: str) -> Iterator[tuple[str, str]]:
    """What others than its owner may do with a schema."""
    reading = ("grant usage on schema {} to {}", "grant select on all tables in schema {} to {}")
    if schema == "ops":
        yield from ((reading[0], role) for role in (LOADER, BUILDER))
    elif schema in ("landing", PUBLISHED) or schema.startswith("rel_"):
        yield from ((statement, BUILDER) for statement in reading)
    elif schema == "seeds" or schema.startswith("candidate_"):
        yield from ((statement, PUBLISHER) for statement in reading)


def _bookkeeping(session: PostgresSession) -> None:
    for role, tables in _WRITTEN_BY.items():
        for table in tables:
            _run(session, "grant select, insert, update, delete on ops.{} to {}", table, role)
    for table in _READ_BY_BUILDER:
        _run(session, "grant select on ops.{} to {}", table, BUILDER)


def _later(session: PostgresSession, outsiders: Iterable[str]) -> None:
    """What builder and publisher will make: schemas of candidates and of releases, each for the other to read."""
    for maker, reader in ((BUILDER, PUBLISHER), (PUBLISHER, BUILDER)):
        for given in ("usage on schemas", "select on tables"):
            _run(session, f"alter default privileges for role {{}} grant {given} to {{}}", maker, reader)
        _run(session, "alter default privileges for role {} revoke execute on routines from public", maker)
        for role in outsiders:
            for taken in ("schemas", "tables"):
                _run(session, f"alter default privileges for role {{}} revoke all on {taken} from {{}}", maker, role)


def close_functions(session: PostgresSession, users: Iterable[str]) -> None:
    """Leave to these roles alone what Postgres lets everybody do with large objects and locks; a superuser only may."""
    for (signature,) in session.rows(_FOR_EVERYBODY):
        session.execute(f"revoke execute on function {signature} from public")
        if "advisory" in signature:
            for role in users:
                _run(session, f"grant execute on function {signature} to {{}}", role)


def _run(session: PostgresSession, statement: str, *names: str) -> None:
    """Run a statement with its names quoted; ``public`` as a role is a word of the language."""
    quoted = [sql.SQL("public") if name == "public" else sql.Identifier(name) for name in names]
    session.execute(sql.SQL(statement).format(*quoted).as_string(session.connection))
