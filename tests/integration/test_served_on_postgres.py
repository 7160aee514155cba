"""Computed in DuckDB, served from Postgres: releases, readers, roles, erasure, damage and kill -9 as on one engine alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import make_dsn

from kehu.erasure.erase import erase_customer
from kehu.errors import ConfigurationError, ReleaseError, WarehouseDamaged
from kehu.gate.drift import check_drift
from kehu.pipeline.administration import init_warehouse
from kehu.pipeline.publishing import rollback_release
from kehu.release.catalog import current_release_id, find, list_releases, reading, reading_current
from kehu.release.factory import open_store
from kehu.release.ids import parse_release_id
from kehu.settings import PROJECT_ROOT, Settings, load_settings
from kehu.warehouse.factory import open_warehouse
from tests.integration.test_postgres_releases import Dashboards, as_admin
from tests.support.planted_customer import CUSTOMER, IN_THE_CRM, VALUES, write_planted_shop
from tests.support.planted_home import KEY, RELEASES, build_home, places_of
from tests.support.postgres_roles import BI, LOGIN, MASKED, PII, WHOLE, add_people, clean_roles, connected
from tests.support.postgres_server import Databases
from tests.unit.release.candidates import (
    DAYS,
    add_candidate,
    events_of,
    identity,
    ops_session,
    published,
    rolled_back,
    settings_for,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

D1, D2, D3, D4, *_ = DAYS
PERSONS = (
    "select customer_id, full_name, email, contact_line, birth_date, income, city from analytics.people order by 1"
)


def served(folder: Path, dsn: str, **more: object) -> Settings:
    return settings_for(folder, serve="postgres", serve_dsn=dsn, **more)


@pytest.fixture
def home(tmp_path: Path, databases: Databases) -> Settings:
    """Settings of an empty home, and an empty database to serve from."""
    return served(tmp_path / "home", databases.new())


@pytest.fixture
def three(home: Settings) -> Settings:
    """Four gated candidates, of which the first three are published."""
    for minute, name in enumerate((D1, D2, D3, D4)):
        add_candidate(home, name, customers=3, factor=minute + 1)
        if minute < 3:
            published(home, name, minutes=minute)
    return home


def dsn_of(home: Settings, **more: str) -> str:
    assert home.serve_dsn is not None
    return make_dsn(home.serve_dsn.get_secret_value(), **more)


def schemas(home: Settings) -> list[str]:
    sql = "select nspname from pg_namespace where nspname like 'rel\\_%' or nspname = 'analytics' order by 1"
    with as_admin(dsn_of(home)) as run:
        return [row[0] for row in run(sql)]


def test_a_release_is_that_of_duckdb_and_lies_in_the_database_alone(home: Settings, tmp_path: Path) -> None:
    embedded = settings_for(tmp_path / "duckdb")
    for settings in (home, embedded):
        add_candidate(settings, D1, customers=40, factor=7)
        assert published(settings, D1).is_current
    one, other = find(home, D1), find(embedded, D1)
    assert one.content_checksum == other.content_checksum
    assert {name: table.rows for name, table in one.tables.items()} == {n: t.rows for n, t in other.tables.items()}
    assert (one.warehouse, one.freshness, one.batches) == ("duckdb", other.freshness, other.batches)
    assert not list(home.releases_dir.glob("r*")) and not home.published_link.exists()
    with reading(home, D1) as release, reading(embedded, D1) as file:
        for sql in ("select * from analytics.data_quality", "select * from analytics.fct_orders order by order_id"):
            assert release.rows(sql) == file.rows(sql)
        assert release.columns() == file.columns()
    assert events_of(home) == [(D1, "published", None)]


def test_releases_move_as_on_one_engine(three: Settings) -> None:
    before = events_of(three), schemas(three), find(three, D3)
    assert published(three, D3, minutes=99).was_current
    assert (events_of(three), schemas(three), find(three, D3)) == before
    late = identity("2018-01-02", minute=30)
    add_candidate(three, late, customers=3, factor=20)
    assert published(three, late, minutes=9).stored_only
    assert rolled_back(three).release_id == D2
    assert rolled_back(three, D3, minutes=61).is_current
    assert schemas(three) == ["analytics", f"rel_{D1}", f"rel_{D2}", f"rel_{late}"]
    with ops_session(three) as session:
        assert session.rows("select distinct release_id from ops.published_rfm_cut_points") == [(D3,)]
    keep_two = three.model_copy(update={"keep_releases": 2})
    assert sorted(published(keep_two, D4, minutes=70).pruned) == [D1, D2]
    assert [entry.id for entry in list_releases(three)] == [D4, D3, late]
    assert {event for event in events_of(three) if event[1] == "pruned"} == {(D1, "pruned", None), (D2, "pruned", None)}


def test_a_candidate_is_compared_with_what_postgres_serves(three: Settings) -> None:
    (three.expectations / "drift.yml").stat()
    with open_warehouse(three).session() as session:
        session.execute(f"alter table candidate_{D4}.dim_customers drop column net_revenue")
        found = check_drift(
            three,
            session,
            partial(reading_current, three),
            release_id=D4,
            as_of=parse_release_id(D4).as_of,
            accepted=frozenset(),
            ignored=frozenset({"data_quality"}),
        )
    failed = {result.check_name: result.observed for result in found if result.status != "passed"}
    assert failed == {"column_removed:dim_customers": "gone: net_revenue"}


def test_a_kept_release_is_shown_beside_the_candidate(three: Settings, tmp_path: Path, databases: Databases) -> None:
    """On all three: what changed for which customers is one join, with the types and values of the release."""
    joined = """
        select old.customer_id, old.net_revenue, new.net_revenue, old.as_of_date
        from {kept}.dim_customers as old inner join candidate_{new}.dim_customers as new using (customer_id) order by 1"""
    embedded = settings_for(tmp_path / "embedded")
    computed = settings_for(tmp_path / "computed", warehouse="postgres", warehouse_dsn=databases.new())
    found = []
    for settings in (three, embedded, computed):
        if settings is not three:
            for minute, name in enumerate((D2, D4)):
                add_candidate(settings, name, customers=3, factor=2 * minute + 2)
            published(settings, D2)
        store, kept = open_store(settings), parse_release_id(D2)
        with open_warehouse(settings).session() as session:
            with store.attach(kept, session, ["dim_customers"]) as schema:
                found.append(session.rows(joined.format(kept=schema, new=D4)))
            with pytest.raises(ReleaseError), store.attach(kept, session, ["no_such_table"]):
                pass
            with store.attach(kept, session, ["release"]) as again:
                assert session.rows(f"select release_id from {again}.release") == [(D2,)]
    assert found[0] == found[1] == found[2]
    assert [row[:3] for row in found[0]] == [(f"shop:{i}", 2 * i, 4 * i) for i in (1, 2, 3)]


@pytest.mark.parametrize(
    "change",
    [
        f"delete from rel_{D1}.fct_orders where customer_id = 'shop:1'",
        f"update rel_{D1}.dim_customers set net_revenue = net_revenue + 0.01 where customer_id = 'shop:1'",
        f"drop table rel_{D1}.segment_summary",
        f"drop schema rel_{D1} cascade",
    ],
)
def test_what_an_administrator_changed_is_not_served(three: Settings, change: str) -> None:
    with as_admin(dsn_of(three)) as run:
        run(change)
    with pytest.raises(ReleaseError, match=D1):
        rolled_back(three, D1)
    assert current_release_id(three) == D3
    assert rolled_back(three, minutes=70).release_id == D2


def test_a_current_release_that_lost_a_table_can_be_left(three: Settings) -> None:
    with as_admin(dsn_of(three)) as run:
        run("drop table analytics.rfm_cut_points")
    assert rolled_back(three).release_id == D2
    assert events_of(three)[-1] == (D2, "rolled_back", D3)


def test_a_damaged_warehouse_does_not_stop_going_back(three: Settings) -> None:
    three.warehouse_path.write_bytes(b"a letter\n" * 9000)
    with pytest.raises(WarehouseDamaged), open_warehouse(three).session():
        pass
    assert rollback_release(three).release_id == D2
    assert current_release_id(three) == D2


def test_readers_see_whole_releases_while_bi_moves(tmp_path: Path, databases: Databases, is_long: bool) -> None:
    home = served(tmp_path / "home", databases.new())
    for minute, name in enumerate((D1, D2)):
        add_candidate(home, name, customers=50, factor=minute + 1)
        published(home, name, minutes=minute)
    stop = threading.Event()
    dashboards = [Dashboards(dsn_of(home), stop) for _ in range(20 if is_long else 3)]
    for dashboard in dashboards:
        dashboard.start()
    for move in range(100 if is_long else 12):
        rolled_back(home, (D1, D2)[move % 2], minutes=10 + move)
    stop.set()
    for dashboard in dashboards:
        dashboard.join(timeout=30)
    assert [error for dashboard in dashboards for error in dashboard.errors] == []
    seen = {row for dashboard in dashboards for row in dashboard.seen}
    assert seen == {(D1, 1, 1), (D2, 2, 2)}, "a statement has mixed two releases"


@pytest.fixture
def with_roles(tmp_path: Path, databases: Databases) -> Iterator[Settings]:
    """A database with the roles of `kehu warehouse init`."""
    with clean_roles(databases):
        settings = served(
            tmp_path / "home",
            make_dsn(databases.new(), user=LOGIN, password="a'secret"),
            warehouse_admin_dsn=databases.admin,
            bi_role=BI,
            bi_reader_password="one'secret",
            bi_reader_pii_password="another'secret",
        )
        init_warehouse(settings)
        yield settings


def test_roles_and_masks_are_those_of_postgres(with_roles: Settings) -> None:
    for minute, name in enumerate((D1, D2)):
        add_people(with_roles, name, factor=minute + 1)
        published(with_roles, name, minutes=minute)
    rolled_back(with_roles)
    with connected(dsn_of(with_roles), user=BI) as masked, connected(dsn_of(with_roles), user=PII) as whole:
        for run, rows in ((masked, MASKED), (whole, WHOLE)):
            assert run("select release_id from analytics.release") == [(D1,)]
            assert run(PERSONS) == rows
            for sql in (f"select * from rel_{D2}.people", "select * from ops.release_manifests", "create schema mine"):
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    run("set default_transaction_read_only = off")
                    run(sql)
    open_store(with_roles).verify(parse_release_id(D1))
    assert init_warehouse(with_roles), "it may be repeated while a release is served"


def test_a_database_of_another_text_order_may_serve_and_not_compute(tmp_path: Path, databases: Databases) -> None:
    name = f"kehu_test_{os.getpid()}_other_order"
    with as_admin(databases.admin) as run:
        run(f"drop database if exists {name} with (force)")
        run(f"create database {name} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'")
    dsn = make_dsn(databases.admin, dbname=name)
    home = served(tmp_path / "home", dsn)
    add_candidate(home, D1)
    assert published(home, D1).is_current
    computed = settings_for(tmp_path / "computed", warehouse="postgres", warehouse_dsn=dsn)
    with pytest.raises(ConfigurationError, match="orders texts"), open_warehouse(computed).session():
        pass


def test_a_person_is_erased_from_what_postgres_serves(tmp_path: Path, databases: Databases) -> None:
    write_planted_shop(tmp_path / "shop")
    sources = tmp_path / "shop" / "sources.yml"
    home = load_settings(
        home=tmp_path / "home", sources=sources, erasure_key=KEY, threads=2, memory_limit="512MB",
        serve="postgres", serve_dsn=databases.new(), warehouse_admin_dsn=databases.admin,
    )  # fmt: skip
    build_home(home)
    totals = "select count(*), sum(net_revenue), count(distinct customer_id) from analytics.fct_orders"
    with as_admin(dsn_of(home)) as run:
        before = run(totals)
        assert values_in(run, (*VALUES, IN_THE_CRM))
        report = erase_customer(home, CUSTOMER)
        assert report.releases[RELEASES[0]]["fct_orders"] == 6
        assert values_in(run, (*VALUES, IN_THE_CRM)) == set()
        assert run(totals) == before
    assert report.search is not None and report.search.found_in == [] and report.search.tables > 10
    assert places_of(home, VALUES) == {}
    for release in RELEASES:
        open_store(home).verify(parse_release_id(release))
    assert rollback_release(home).release_id == RELEASES[0]
    assert erase_customer(home, CUSTOMER).releases == {}, "a second time nothing is left to do"


def values_in(run: Any, values: tuple[str, ...]) -> set[str]:
    listed = run("select schemaname, tablename from pg_tables where schemaname !~ '^(pg_|information)'")
    rows = [str(row).lower() for s, t in listed for row in run(f'select x::text from "{s}"."{t}" as x')]
    return {value for value in values if any(value.lower() in row for row in rows)}


COMMAND = """
import sys
from pathlib import Path
from tests.unit.release.candidates import published, rolled_back, settings_for

home = settings_for(Path(sys.argv[1]), keep_releases=1, serve="postgres", serve_dsn=sys.argv[2])
if sys.argv[3] == "publish":
    published(home, sys.argv[4], minutes=9)
else:
    rolled_back(home)
"""
STEPS = [f"publish:{step}" for step in ("exported", "synced", "renamed", "before_swap", "swapped", "recorded")]
STEPS += [f"rollback:{step}" for step in ("verified", "before_swap", "swapped", "recorded")]


def run_command(home: Settings, *arguments: str, die_at: str = "") -> int:
    environment = {**os.environ, "KEHU_TEST_DIE_AT": die_at, "PYTHONPATH": str(PROJECT_ROOT)}
    command = [sys.executable, "-c", COMMAND, str(home.home), dsn_of(home), *arguments]
    return subprocess.run(command, env=environment, cwd=PROJECT_ROOT, check=False, capture_output=True).returncode


def state(home: Settings) -> dict[str, Any]:
    with ops_session(home) as session:
        kept = session.rows("select distinct release_id from ops.published_rfm_cut_points")
    return {"current": current_release_id(home), "schemas": schemas(home), "events": events_of(home), "kept": kept}


@pytest.mark.faults
def test_a_killed_command_leaves_one_release_and_the_same_command_ends_it(
    tmp_path: Path, databases: Databases, is_long: bool
) -> None:
    for step in STEPS if is_long else ("publish:swapped", "rollback:swapped"):
        operation = step.partition(":")[0]
        arguments = (operation, D3) if operation == "publish" else (operation,)
        ends = []
        for killed in (False, True):
            home = served(tmp_path / f"{step}-{killed}", databases.new(), keep_releases=2)
            for minute, name in enumerate((D1, D2, D3)):
                add_candidate(home, name, customers=3, factor=minute + 1)
                if minute < 2:
                    published(home, name, minutes=minute)
            if killed:
                assert run_command(home, *arguments, die_at=step) == -signal.SIGKILL
                current = current_release_id(home)
                with as_admin(dsn_of(home)) as run:
                    assert run("select release_id from analytics.release") == [(current,)]
            assert run_command(home, *arguments) == 0
            ends.append(state(home))
        # a rollback that was killed after its swap is recorded with the time of the release, not of the command
        assert ends[0] == ends[1], step


def test_settings_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="KEHU_SERVE is postgres, and neither"):
        open_store(settings_for(tmp_path, serve="postgres"))
    with pytest.raises(ConfigurationError, match="KEHU_SERVE"):
        settings_for(tmp_path, warehouse="postgres", warehouse_dsn="x", serve="duckdb")
    with pytest.raises(ConfigurationError, match="KEHU_SERVE_DSN"):
        settings_for(tmp_path, warehouse="postgres", warehouse_dsn="x", serve_dsn="y")
