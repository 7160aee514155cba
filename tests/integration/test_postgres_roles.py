"""The roles of a database: what each may do, and by trying it, what it may not; after init and after every move of BI."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import make_dsn

from kehu.errors import ConfigurationError
from kehu.pipeline.administration import init_warehouse
from kehu.release.catalog import find, list_releases, reading
from kehu.settings import Settings
from kehu.warehouse.factory import open_warehouse
from kehu.warehouse.on_postgres.roles import BUILDER, LOADER, PUBLISHER
from kehu.warehouse.protocol import Role
from tests.support.postgres_roles import (
    BI,
    LOGIN,
    MASKED,
    PEOPLE,
    PII,
    WHOLE,
    add_people,
    clean_roles,
    connected,
    database_of,
)
from tests.support.postgres_server import Databases
from tests.unit.release.candidates import DAYS, published, rolled_back, settings_for

pytestmark = pytest.mark.slow

D1, D2, D3, D4, D5, *_ = DAYS
Run = Callable[..., list[tuple[Any, ...]]]

READING = (
    *("ops.releases", "ops.release_manifests", "ops.check_results", "landing.customers", "landing.tickets"),
    *("staging.nothing", "intermediate.nothing", "work.nothing", "seeds.nothing"),
    *(f"candidate_{D2}.people", f"candidate_{D2}.release", "pg_authid", "pg_user_mapping", "pg_largeobject"),
)
"""What a reader of BI may not read; the tables `nothing` are made by the tests."""
WRITING = (
    "insert into analytics.release select * from analytics.release",
    "update analytics.people set city = 'Ulm'",
    "delete from analytics.people",
    "delete from analytics.fct_orders",
    "truncate analytics.fct_orders",
    "drop table analytics.fct_orders",
    "drop view analytics.people",
    "alter table analytics.fct_orders add column mine integer",
    "alter view analytics.people owner to current_user",
    "alter schema analytics rename to mine",
    "drop schema analytics cascade",
    "comment on table analytics.release is 'mine'",
    "do $$ begin lock table analytics.release in access exclusive mode; end $$",
    "select * from analytics.release for update",
    "create table analytics.mine (x integer)",
    "create view analytics.mine as select 1 as x",
    "create table public.mine (x integer)",
    "create function public.mine() returns integer language sql as 'select 1'",
    "create type public.mine as (x integer)",
    "create temporary table mine (x integer)",
    "select 1 as x into temporary mine",
    "create schema mine",
    "create role mine",
    f"alter role {BI} superuser",
    f"alter role {PII} password 'mine'",
    f"grant {PII} to {BI}",
    f"set role {PII}",
    f"set role {PUBLISHER}",
    f"set role {LOGIN}",
    f"set session authorization {LOGIN}",
    "alter system set work_mem = '1GB'",
    "set session_replication_role = 'replica'",
    "select kehu.try_decimal('1', 0)",
    "select lo_create(0)",
    "select lo_from_bytea(0, 'mine')",
    "select pg_advisory_lock(hashtext('kehu'), 1)",
    "select pg_try_advisory_xact_lock_shared(hashtext('kehu'), 2)",
    "select pg_read_file('PG_VERSION')",
    "select pg_ls_dir('.')",
    "select pg_reload_conf()",
    "copy analytics.release to program 'cat'",
    "copy analytics.release to '/tmp/mine'",
    "copy analytics.release from '/tmp/mine'",
)
PERSONS = f"select {', '.join(PEOPLE)} from analytics.people order by customer_id"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Settings]:
    """A database that one owner used, where a release is published; since then it has roles, and a second release."""
    with clean_roles(databases):
        dsn = databases.new()
        home = tmp_path_factory.mktemp("roles") / "home"
        with connected(databases.admin) as run:
            run(f"create role {BI} login")
        owner = settings_for(home, warehouse="postgres", warehouse_dsn=dsn, bi_role=BI)
        add_people(owner, D1, factor=1)
        published(owner, D1)
        settings = settings_for(
            home,
            warehouse="postgres",
            warehouse_dsn=make_dsn(dsn, user=LOGIN, password="a'secret"),
            warehouse_admin_dsn=databases.admin,
            bi_role=BI,
            bi_reader_pii_password="another'secret",
        )
        init_warehouse(settings)
        for schema in ("staging", "intermediate", "work", "seeds"):
            with open_warehouse(settings).session() as session:
                session.execute(f"create table {schema}.nothing as select 1 as x")
        for factor, name in ((2, D2), (3, D3)):
            add_people(settings, name, factor=factor)
        yield settings


def need(settings: Settings, *names: str) -> None:
    """See that releases are kept, whatever tests have run before; BI stays where it is."""
    for name in names:
        if name not in {entry.id for entry in list_releases(settings)}:
            if not (settings.runs_dir / name).exists():
                add_people(settings, name, factor=DAYS.index(name) + 1)
            published(settings, name, make_current=False)


def as_role(settings: Settings, role: str) -> Any:
    return connected(make_dsn(**database_of(settings)), user=role)


def opened_as(settings: Settings, role: Role) -> Any:
    return open_warehouse(settings, role).session()


def refused(run: Run, sql: str) -> None:
    """A statement fails for want of a right, whatever the session says of being read-only."""
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        run(sql)
        pytest.fail(f"was let through: {sql}")


def moves(settings: Settings) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Which release is read, and which others are kept, after each publication and rollback."""
    yield D1, ()
    published(settings, D2, minutes=1)
    yield D2, (D1,)
    published(settings, D3, minutes=2)
    yield D3, (D1, D2)
    rolled_back(settings)
    yield D2, (D1, D3)
    rolled_back(settings, D1, minutes=61)
    yield D1, (D2, D3)
    rolled_back(settings, D3, minutes=62)
    yield D3, (D1, D2)


def test_readers_read_what_is_published_and_nothing_else_after_every_move(shop: Settings) -> None:
    with as_role(shop, BI) as masked, as_role(shop, PII) as whole:
        for run in (masked, whole):
            run("set default_transaction_read_only = off")
        for current, others in moves(shop):
            forbidden = [f"select * from {relation}" for relation in READING]
            forbidden += [f"select * from rel_{name}.people" for name in others]
            forbidden += [f"select * from rel_{name}_personal.people" for name in (current, *others)]
            for run, role in ((masked, BI), (whole, PII)):
                assert run("select release_id from analytics.release") == [(current,)]
                assert len(run("select * from analytics.fct_orders")) == 3
                for sql in forbidden:
                    refused(run, sql)
                for sql in WRITING if role == BI else WRITING[:6]:
                    refused(run, sql)
            assert whole(PERSONS) == WHOLE
            assert masked(PERSONS) == MASKED


def test_a_release_of_before_the_roles_is_masked_too(shop: Settings) -> None:
    rolled_back(shop, D1, minutes=63)
    with as_role(shop, BI) as masked, as_role(shop, PII) as whole:
        assert (masked(PERSONS), whole(PERSONS)) == (MASKED, WHOLE)


def test_both_readers_find_the_same_columns_types_and_descriptions(shop: Settings) -> None:
    shape = """
        select attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)
        from pg_attribute where attrelid = 'analytics.people'::regclass and attnum > 0 order by attnum
    """
    with as_role(shop, BI) as masked, as_role(shop, PII) as whole, opened_as(shop, "publish") as own:
        assert masked(shape) == whole(shape)
        assert [row[0] for row in masked(shape)] == [*PEOPLE, "factor"]
        assert ("contact_line", "character varying(40)", "What contact_line says.") in masked(shape)
        assert ("income", "numeric(12,2)", "What income says.") in masked(shape)
        base = own.rows(shape.replace("analytics.people", f"rel_{D1}_personal.people"))
        assert base == masked(shape)


def test_a_mask_cannot_be_looked_behind(shop: Settings) -> None:
    """Not by conditions, joins, plans or statistics: the planner knows no more of the column than its reader."""
    with as_role(shop, BI) as run:
        assert run("select count(*) from analytics.people where email = 'somebody2@example.com'") == [(0,)]
        assert run("select count(*) from analytics.people where email like 'somebody%'") == [(0,)]
        assert run("select count(*) from analytics.people where income > 0 or birth_date is not null") == [(0,)]
        assert run("select count(distinct email), min(email) from analytics.people") == [(1, "***")]
        assert run("select count(*) from pg_stats where tablename = 'people'") == [(0,)]
        plan = str(
            run("explain (analyze, verbose) select * from analytics.people where email = 'somebody2@example.com'")
        )
        assert "Berlin" not in plan and "somebody1" not in plan
        refused(run, f"select * from rel_{D1}_personal.people")


def test_kehu_itself_reads_whole_values_and_counts_them(shop: Settings) -> None:
    need(shop, D2)
    with reading(shop, D1) as now, reading(shop, D2) as other:
        for release in (now, other):
            assert release.rows(PERSONS) == WHOLE
    sums = {name: {table: one.checksum for table, one in find(shop, name).tables.items()} for name in (D1, D2)}
    assert sums[D1]["rfm_cut_points"] != sums[D2]["rfm_cut_points"]
    assert find(shop, D2).tables["people"].rows == 3


def test_loader_builder_and_publisher_do_their_own_work_only(shop: Settings) -> None:
    need(shop, D2)
    forbidden: dict[Role, tuple[str, ...]] = {
        "load": (
            *(
                "select * from analytics.release",
                f"select * from rel_{D2}.people",
                f"select * from candidate_{D2}.people",
            ),
            *(
                f"select * from rel_{D2}_personal.people",
                "select * from ops.releases",
                "select * from ops.check_results",
            ),
            *("delete from analytics.people", "drop schema analytics cascade", "select * from staging.nothing"),
            *("create schema mine", "create temporary table mine (x integer)", "select kehu.try_decimal('1', 0)"),
            *("create table ops.mine (x integer)", "delete from ops.releases", "select * from seeds.nothing"),
        ),
        "build": (
            *("delete from landing.customers", "truncate landing.orders", "drop table landing.orders"),
            *("create table landing.mine (x integer)", "alter schema landing rename to mine"),
            *("delete from analytics.people", f"delete from rel_{D2}_personal.people", "drop table analytics.release"),
            *("create table analytics.mine (x integer)", "alter schema analytics rename to mine"),
            *(
                "delete from ops.releases",
                "insert into ops.batches default values",
                "select * from ops.release_manifests",
            ),
        ),
        "publish": (
            *("delete from landing.customers", "select * from landing.customers", "drop table landing.orders"),
            *("select * from staging.nothing", "delete from staging.nothing", "create table staging.mine (x integer)"),
            *("select * from intermediate.nothing", "select * from work.nothing", "delete from seeds.nothing"),
            *(f"delete from candidate_{D2}.people", f"drop table candidate_{D2}.people"),
            *("create temporary table mine (x integer)", "select kehu.try_decimal('1', 0)"),
        ),
    }
    allowed: dict[Role, tuple[str, ...]] = {
        "load": ("select * from landing.customers", "analyze landing.customers", "select * from ops.batches"),
        "build": (
            "select * from landing.customers",
            "select * from analytics.people",
            "select kehu.try_decimal('1', 0)",
        ),
        "publish": (
            f"select * from candidate_{D2}.people",
            "select * from ops.check_results",
            "select * from seeds.nothing",
        ),
    }
    for role, statements in forbidden.items():
        with opened_as(shop, role) as session:
            for sql in allowed[role]:
                session.execute(sql)
            for sql in (*statements, "create role mine", "create table public.mine (x integer)"):
                refused(session.rows, sql)


def test_who_logs_in_for_kehu_has_no_right_but_to_act_as_the_three(shop: Settings) -> None:
    with as_role(shop, LOGIN) as run:
        for relation in ("analytics.release", "ops.releases", "landing.customers", "staging.nothing"):
            refused(run, f"select * from {relation}")
        for sql in (
            "create schema mine",
            "create temporary table mine (x integer)",
            f"set role {BI}",
            "create role mine",
        ):
            refused(run, sql)
        for role in (LOADER, BUILDER, PUBLISHER):
            run(f"set role {role}")
            assert run("select current_user") == [(role,)]
            run("reset role")


def test_others_may_not_connect_and_members_of_the_readers_may(shop: Settings, databases: Databases) -> None:
    stranger = f"{BI}_stranger"
    with clean_roles(databases, stranger), connected(databases.admin) as run:
        run(f"create role {stranger} login")
        with pytest.raises(psycopg2.OperationalError, match="permission denied for database"), as_role(shop, stranger):
            pass
        run(f"grant {BI} to {stranger}")
        init_warehouse(shop)
        with as_role(shop, stranger) as member:
            assert member(PERSONS) == MASKED
            assert member("show statement_timeout") == [("5min",)]


def test_readers_are_bounded(shop: Settings) -> None:
    for role in (BI, PII):
        with as_role(shop, role) as run:
            shown = {
                name: run(f"show {name}")[0][0]
                for name in ("statement_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout")
            }
            assert shown == {
                "statement_timeout": "5min",
                "idle_in_transaction_session_timeout": "1min",
                "idle_session_timeout": "15min",
            }
            with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
                run("create table analytics.mine (x integer)")
    init_warehouse(shop.model_copy(update={"bi_statement_timeout_seconds": 1}))
    with as_role(shop, BI) as run, pytest.raises(psycopg2.errors.QueryCanceled):
        run("select pg_sleep(30)")
    init_warehouse(shop)


def test_what_a_reader_has_set_for_everybody_is_forgotten(shop: Settings) -> None:
    with as_role(shop, BI) as run:
        database = run("select current_database()")[0][0]
        run("set default_transaction_read_only = off")
        for where in ("", f' in database "{database}"'):
            run(f"alter role {BI}{where} set search_path = 'pg_catalog'")
            run(f"alter role {BI}{where} set default_transaction_isolation = 'serializable'")
        run(f'alter role {BI} in database "{database}" set statement_timeout = 0')
    init_warehouse(shop)
    with as_role(shop, BI) as run:
        assert run("show search_path") == [('"$user", public',)]
        assert run("show default_transaction_isolation") == [("read committed",)]
        assert run("show statement_timeout") == [("5min",)]


def test_a_password_reaches_the_server_as_a_verifier_only(shop: Settings, databases: Databases) -> None:
    with connected(databases.admin) as run:
        stored = dict(run("select rolname, rolpassword from pg_authid where rolname = any(%s)", [[BI, PII, LOGIN]]))
    assert stored[BI] is None
    assert is_password(stored[PII], "another'secret")
    assert is_password(stored[LOGIN], "a'secret")
    assert not is_password(stored[LOGIN], "another'secret")
    shown = " ".join(init_warehouse(shop))
    assert "secret" not in shown and "SCRAM" not in shown
    assert f"set the password of {PII}" in shown
    assert "secret" not in repr(shop)


def is_password(verifier: str, password: str) -> bool:
    """RFC 5803, computed without libpq."""
    _, iterations_and_salt, keys = verifier.split("$")
    iterations, salt = iterations_and_salt.split(":")
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(iterations))
    key = hmac.digest(salted, b"Client Key", "sha256")
    return hashlib.sha256(key).digest() == base64.b64decode(keys.split(":")[0])


CATALOG = """
    select 'schema ' || nspname, pg_get_userbyid(nspowner), nspacl::text from pg_namespace where nspname !~ '^pg_t'
    union all select 'relation ' || oid::regclass, pg_get_userbyid(relowner), relacl::text from pg_class
    union all select 'routine ' || oid::regprocedure, pg_get_userbyid(proowner), proacl::text from pg_proc
    union all select 'database ' || datname, pg_get_userbyid(datdba), datacl::text from pg_database
    union all select 'default ' || oid, pg_get_userbyid(defaclrole), defaclacl::text from pg_default_acl
    union all select 'setting', setrole::regrole::text, setconfig::text from pg_db_role_setting
    union all select 'member', roleid::regrole || ' ' || member::regrole, null from pg_auth_members
    union all select 'role', rolname, rolcanlogin::text from pg_roles
    order by 1, 2, 3
"""


def test_init_again_changes_nothing_and_heals_what_was_changed(shop: Settings, databases: Databases) -> None:
    def catalog() -> list[tuple[Any, ...]]:
        with connected(databases.admin, dbname=database_of(shop)["dbname"]) as run:
            return [(*row[:2], row[2] and "".join(sorted(row[2]))) for row in run(CATALOG)]

    need(shop, D2)
    init_warehouse(shop)
    before = catalog()
    said = init_warehouse(shop)
    assert catalog() == before
    assert not [line for line in said if line.startswith(("made", "handed", "took", "masked"))], said
    with connected(databases.admin, dbname=database_of(shop)["dbname"]) as run:
        run(f"grant usage on schema ops, work, rel_{D2}_personal to {BI}")
        run(f"grant select on ops.releases to public; grant select on rel_{D2}_personal.people to {BI}")
        run(
            f"grant create, temporary on database {database_of(shop)['dbname']} to public; alter table work.nothing owner to {BI}"
        )
        run(f"alter default privileges for role {PUBLISHER} grant usage on schemas to {BI}")
    assert catalog() != before
    init_warehouse(shop)
    assert catalog() == before


def test_views_of_others_on_masked_tables_are_named_and_keep_the_release(
    shop: Settings, databases: Databases, caplog: pytest.LogCaptureFixture
) -> None:
    need(shop, D2, D3)
    few = shop.model_copy(update={"keep_releases": 1})
    rolled_back(shop, D2, minutes=70)
    with connected(databases.admin, dbname=database_of(shop)["dbname"]) as run:
        run("create schema dashboards")
        run("create view dashboards.persons as select * from analytics.people")
        run(f"grant usage on schema dashboards to {BI}; grant select on dashboards.persons to {BI}")
        with as_role(shop, BI) as reader:
            assert [row[1] for row in reader("select * from dashboards.persons")] == ["***"] * 3
        for factor, name in ((4, D4), (5, D5)):
            add_people(shop, name, factor=factor)
        assert published(few, D4, minutes=71).pruned == (D3, D1)
        with caplog.at_level("WARNING"):
            assert published(few, D5, minutes=72).pruned == ()
        assert "dashboards.persons" in caplog.text and f"rel_{D2}.people" not in caplog.text
        assert run("select distinct factor from dashboards.persons") == [(2,)]
        run("drop schema dashboards cascade")
        published(few, D5, minutes=73)
        kept = run("select nspname from pg_namespace where nspname like 'rel\\_%' order by 1")
        assert kept == [(f"rel_{D4}",), (f"rel_{D4}_personal",), (f"rel_{D5}_personal",)]


def test_no_statement_mixes_releases_where_one_table_is_a_masked_view(shop: Settings) -> None:
    sql = "select r.release_id, p.factor, o.factor from analytics.people p, analytics.release r, analytics.fct_orders o"
    need(shop, D4, D5)
    rolled_back(shop, D5, minutes=79)
    stop, seen, errors = threading.Event(), set(), []

    def dashboard() -> None:
        with as_role(shop, BI) as run:
            while not stop.is_set():
                try:
                    seen.update(run(f"select distinct * from ({sql}) as figures"))
                except psycopg2.Error as error:
                    errors.append(str(error))
                time.sleep(0.002)

    readers = [threading.Thread(target=dashboard) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for move in range(8):
            rolled_back(shop, (D4, D5)[move % 2], minutes=80 + move)
    finally:
        stop.set()
        for reader in readers:
            reader.join(timeout=30)
    assert errors == []
    assert seen == {(D4, 4, 4), (D5, 5, 5)}


def test_a_run_refuses_a_database_of_another_version_until_an_administrator_has_been_there(
    shop: Settings, databases: Databases
) -> None:
    with connected(databases.admin, dbname=database_of(shop)["dbname"]) as run:
        run("comment on schema kehu is 'of another version'")
    with pytest.raises(ConfigurationError, match="kehu warehouse init"), opened_as(shop, "load"):
        pass
    init_warehouse(shop)
    with opened_as(shop, "load") as session:
        assert session.rows("select current_user") == [(LOADER,)]


def test_who_is_no_member_is_told_what_to_do(shop: Settings) -> None:
    assert shop.warehouse_dsn is not None
    with connected(shop.warehouse_admin_dsn.get_secret_value()) as run:  # type: ignore[union-attr]
        run(f"revoke {BUILDER} from {LOGIN}")
    with pytest.raises(ConfigurationError, match=f"kehu warehouse init.*|{BUILDER}"), opened_as(shop, "build"):
        pass
    init_warehouse(shop)
    with opened_as(shop, "build") as session:
        assert session.rows("select current_user") == [(BUILDER,)]
