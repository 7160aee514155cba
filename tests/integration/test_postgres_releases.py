"""Releases on Postgres: one atomic step to another schema, for readers, roles, other people's views, and after kill -9."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from kehu.errors import CandidateRejected, ReleaseError
from kehu.release.catalog import current_release_id, find, list_releases, reading
from kehu.settings import PROJECT_ROOT, Settings
from kehu.warehouse.on_postgres import release_schemas as postgres_releases
from tests.support.postgres_server import Databases
from tests.unit.release.candidates import (
    DAYS,
    add_candidate,
    check_again,
    events_of,
    identity,
    ops_session,
    published,
    rolled_back,
    settings_for,
)

pytestmark = pytest.mark.slow

D1, D2, D3, D4, *_ = DAYS
ROLE = f"kehu_test_reader_{os.getpid()}"
FIGURES = "select r.release_id, o.factor, s.factor from analytics.release r, analytics.fct_orders o, analytics.segment_summary s"


@pytest.fixture
def home(tmp_path: Path, databases: Databases) -> Settings:
    """Settings of an empty home and an empty database."""
    return on_postgres(tmp_path / "home", databases)


def on_postgres(folder: Path, databases: Databases, **more: object) -> Settings:
    return settings_for(folder, warehouse="postgres", warehouse_dsn=databases.new(), bi_role=ROLE, **more)


@pytest.fixture
def three(home: Settings) -> Settings:
    """Four gated candidates, of which the first three are published."""
    for minute, name in enumerate((D1, D2, D3, D4)):
        add_candidate(home, name, customers=3, factor=minute + 1)
        if minute < 3:
            published(home, name, minutes=minute)
    return home


@pytest.fixture
def reader_role(databases: Databases) -> Iterator[str]:
    """A role that may log in and owns nothing."""
    with as_admin(databases.admin) as run:
        run(f"drop role if exists {ROLE}")
        run(f"create role {ROLE} login")
    yield ROLE
    with as_admin(databases.admin) as run:
        for (name,) in run("select datname from pg_database where datname like 'kehu\\_test\\_%'"):
            with as_admin(psycopg2.extensions.make_dsn(databases.admin, dbname=name)) as inside:
                inside(f"drop owned by {ROLE}")
        run(f"drop role {ROLE}")


@contextmanager
def as_admin(dsn: str) -> Iterator[Any]:
    with closing(psycopg2.connect(dsn)) as connection:
        connection.autocommit = True

        def run(sql: str) -> list[tuple[Any, ...]]:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []

        yield run


def dsn_of(home: Settings, **more: str) -> str:
    assert home.warehouse_dsn is not None
    return psycopg2.extensions.make_dsn(home.warehouse_dsn.get_secret_value(), **more)


def schemas(home: Settings) -> list[str]:
    sql = "select nspname from pg_namespace where nspname like 'rel\\_%' or nspname = 'analytics' order by 1"
    with ops_session(home) as session:
        return [row[0] for row in session.rows(sql)]


def test_a_release_has_the_candidates_tables_and_what_publication_adds(home: Settings) -> None:
    add_candidate(home, D1, customers=7, factor=3)
    outcome = published(home, D1)
    assert (outcome.is_current, outcome.previous) == (True, None)
    with reading(home, D1) as release:
        assert release.rows("select count(*), sum(net_revenue) from analytics.dim_customers") == [(7, 84)]
        row = release.records("select * from analytics.release")[0]
        assert (row["release_id"], row["previous_release_id"], str(row["published_at"])) == (
            D1,
            None,
            "2026-01-02 03:30:00",
        )
        checks = release.rows('select layer, "table", "check", status from analytics.data_quality')
        assert checks == [("marts", "dim_customers", "critical_passed", "passed")]
    manifest = find(home, D1)
    assert {name: table.rows for name, table in manifest.tables.items()}["fct_orders"] == 7
    assert [batch.batch_id for batch in manifest.batches] == ["b1", "b2"]
    assert [(one.source, one.extracted_at.hour) for one in manifest.freshness if one.extracted_at] == [("shop", 2)]
    assert manifest.file_bytes > 0
    assert events_of(home) == [(D1, "published", None)]


def test_equal_candidates_have_the_checksum_that_they_have_on_duckdb(home: Settings, tmp_path: Path) -> None:
    embedded = settings_for(tmp_path / "duckdb")
    for settings in (home, embedded):
        add_candidate(settings, D1, customers=40, factor=7)
        published(settings, D1)
    assert find(home, D1).content_checksum == find(embedded, D1).content_checksum
    add_candidate(home, D2, customers=40, factor=8)
    published(home, D2)
    assert find(home, D2).content_checksum != find(embedded, D1).content_checksum


def test_a_database_of_the_version_before_is_read_built_on_served_and_rolled_back(three: Settings) -> None:
    with ops_session(three) as session:
        session.execute("drop table ops.checked_tables")
        session.execute("comment on schema kehu is 'the version before'")
    assert [(entry.id, entry.problem) for entry in list_releases(three)] == [(D3, None), (D2, None), (D1, None)]
    with pytest.raises(ReleaseError, match="version before checked it"):
        published(three, D4, minutes=9)
    with ops_session(three) as session:
        check_again(session, D4)
    assert published(three, D4, minutes=9).previous == D3
    assert rolled_back(three, D1).is_current
    with reading(three, D1) as release:
        assert release.rows("select distinct factor from analytics.fct_orders") == [(1,)]


def test_publishing_again_changes_nothing(three: Settings) -> None:
    before = events_of(three), schemas(three), find(three, D3)
    again = published(three, D3, minutes=99)
    assert (again.is_current, again.was_current) == (True, True)
    assert (events_of(three), schemas(three), find(three, D3)) == before


def test_a_candidate_that_the_gate_has_not_passed_is_not_published(home: Settings) -> None:
    add_candidate(home, D1, gated=False)
    with pytest.raises((CandidateRejected, ReleaseError)):
        published(home, D1)
    assert schemas(home) == []


def test_an_earlier_day_is_stored_and_bi_stays(three: Settings) -> None:
    late = identity("2018-01-02", minute=30)
    add_candidate(three, late, customers=3, factor=20)
    outcome = published(three, late, minutes=9)
    assert outcome.stored_only
    assert current_release_id(three) == D3
    assert f"rel_{late}" in schemas(three)
    assert events_of(three)[-1] == (late, "stored", D2)


def test_rollback_goes_back_one_release_and_forward_again(three: Settings) -> None:
    assert rolled_back(three).release_id == D2
    assert current_release_id(three) == D2
    with reading(three, D2) as now, reading(three, D3) as other:
        assert now.rows("select distinct factor from analytics.fct_orders") == [(2,)]
        assert other.rows("select distinct factor from analytics.fct_orders") == [(3,)]
    assert rolled_back(three, D3, minutes=61).is_current
    assert current_release_id(three) == D3
    assert schemas(three) == ["analytics", f"rel_{D1}", f"rel_{D2}"]
    assert [event for _, event, _ in events_of(three)][-2:] == ["rolled_back", "rolled_back"]


def test_what_the_next_release_keeps_to_follows_the_published_one(three: Settings) -> None:
    rolled_back(three, D1)
    with ops_session(three) as session:
        assert session.rows("select distinct release_id from ops.published_rfm_cut_points") == [(D1,)]


def test_a_release_that_lost_rows_is_not_rolled_back_to(three: Settings) -> None:
    with as_admin(dsn_of(three)) as run:
        run(f"delete from rel_{D1}.fct_orders where customer_id = 'shop:1'")
    with pytest.raises(ReleaseError, match="fct_orders"):
        rolled_back(three, D1)
    assert current_release_id(three) == D3


def test_only_the_last_releases_are_kept(tmp_path: Path, databases: Databases) -> None:
    home = on_postgres(tmp_path / "home", databases, keep_releases=2)
    for minute, name in enumerate((D1, D2, D3)):
        add_candidate(home, name, customers=3, factor=minute + 1)
        outcome = published(home, name, minutes=minute)
    assert outcome.pruned == (D1,)
    assert schemas(home) == ["analytics", f"rel_{D2}"]
    assert [entry.id for entry in list_releases(home)] == [D3, D2]
    assert (D1, "pruned", None) in events_of(home)


def test_pruning_leaves_a_release_that_somebodys_view_reads_and_names_the_view(
    tmp_path: Path, databases: Databases, caplog: pytest.LogCaptureFixture
) -> None:
    home = on_postgres(tmp_path / "home", databases, keep_releases=1)
    for minute, name in enumerate((D1, D2, D3, D4)):
        add_candidate(home, name, customers=3, factor=minute + 1)
    published(home, D1)
    with as_admin(dsn_of(home)) as run:
        run("create schema dashboards")
        run("create view dashboards.top as select customer_id, factor from analytics.fct_orders")
        published(home, D2, minutes=1)
        with caplog.at_level(logging.WARNING):
            outcome = published(home, D3, minutes=2)
        assert outcome.pruned == ()
        assert "dashboards.top" in caplog.text
        assert run("select distinct factor from dashboards.top") == [(1,)]
        assert f"rel_{D1}" in schemas(home)
        run("drop view dashboards.top")
    assert set(published(home, D4, minutes=3).pruned) == {D1, D2}


def test_the_reader_may_read_what_is_published_and_nothing_else(
    tmp_path: Path, databases: Databases, reader_role: str
) -> None:
    home = on_postgres(tmp_path / "home", databases)
    for minute, name in enumerate((D1, D2)):
        add_candidate(home, name, customers=3, factor=minute + 1)
    published(home, D1)
    forbidden = ["select * from ops.releases", f"select * from candidate_{D1}.release", "delete from analytics.release"]
    forbidden += ["create table analytics.mine (x int)", "select * from ops.release_manifests"]
    with as_admin(dsn_of(home, user=reader_role)) as run:
        for move, current, other in (
            (lambda: None, D1, None),
            (lambda: published(home, D2, minutes=1), D2, D1),
            (lambda: rolled_back(home), D1, D2),
            (lambda: rolled_back(home, D2, minutes=61), D2, D1),
        ):
            move()
            assert run("select release_id from analytics.release") == [(current,)]
            for sql in [*forbidden, f"select * from rel_{other}.release"] if other else forbidden:
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    run(sql)


def test_a_schema_analytics_of_somebody_else_is_left_alone(home: Settings) -> None:
    with as_admin(dsn_of(home)) as run:
        run("create schema analytics")
        run("create table analytics.mine (x int)")
    add_candidate(home, D1)
    with pytest.raises(ReleaseError, match="not one that Kehu has published"):
        published(home, D1)
    assert schemas(home) == ["analytics"]


def test_who_reads_several_tables_keeps_the_swap_waiting(three: Settings) -> None:
    moved = threading.Thread(target=rolled_back, args=(three, D1))
    with reading(three, D3) as release:
        moved.start()
        time.sleep(1)
        assert moved.is_alive()
        assert release.rows("select distinct factor from analytics.fct_orders") == [(3,)]
        assert release.rows("select release_id from analytics.release") == [(D3,)]
    moved.join(timeout=30)
    assert current_release_id(three) == D1


COMMAND = """
import sys
from pathlib import Path
from tests.unit.release.candidates import published, rolled_back, settings_for

home = settings_for(Path(sys.argv[1]), keep_releases=1, warehouse="postgres", warehouse_dsn=sys.argv[2])
if sys.argv[3] == "publish":
    published(home, sys.argv[4], minutes=9)
else:
    rolled_back(home)
"""


def run_command(home: Settings, *arguments: str, die_at: str = "") -> int:
    environment = {**os.environ, "KEHU_TEST_DIE_AT": die_at, "PYTHONPATH": str(PROJECT_ROOT)}
    command = [sys.executable, "-c", COMMAND, str(home.home), dsn_of(home), *arguments]
    return subprocess.run(command, env=environment, cwd=PROJECT_ROOT, check=False, capture_output=True).returncode


def state(home: Settings) -> dict[str, Any]:
    with ops_session(home) as session:
        return {
            "current": current_release_id(home),
            "schemas": schemas(home),
            "events": events_of(home),
            "manifests": session.rows("select release_id from ops.release_manifests order by 1"),
            "kept": session.rows("select distinct release_id from ops.published_rfm_cut_points"),
            "figures": session.rows(f"select distinct * from ({FIGURES}) as figures"),
        }


STEPS = [f"publish:{step}" for step in ("exported", "synced", "renamed", "before_swap", "recorded")]
STEPS += [f"rollback:{step}" for step in ("before_swap", "recorded")]


@pytest.mark.faults
def test_a_killed_command_leaves_one_release_and_the_same_command_ends_it(
    tmp_path: Path, databases: Databases, is_long: bool
) -> None:
    for step in STEPS if is_long else ("publish:synced", "publish:before_swap", "rollback:before_swap"):
        operation = step.partition(":")[0]
        arguments = (operation, D3) if operation == "publish" else (operation,)
        ends = []
        for killed in (False, True):
            home = on_postgres(tmp_path / f"{step}-{killed}", databases, keep_releases=2)
            for minute, name in enumerate((D1, D2, D3)):
                add_candidate(home, name, customers=3, factor=minute + 1)
                if minute < 2:
                    published(home, name, minutes=minute)
            if killed:
                assert run_command(home, *arguments, die_at=step) == -signal.SIGKILL
                seen = state(home)
                assert seen["current"] in (D1, D2, D3)
                assert seen["figures"] == [(seen["current"], *[(D1, D2, D3).index(seen["current"]) + 1] * 2)]
                assert seen["kept"] == [(seen["current"],)]
            assert run_command(home, *arguments) == 0
            ends.append(state(home))
        assert ends[0] == ends[1], step


class Dashboards(threading.Thread):
    """A dashboard: asks again and again over one connection, and writes down what it saw and how long it waited."""

    def __init__(self, dsn: str, stop: threading.Event) -> None:
        super().__init__()
        self.connection, self.stop = psycopg2.connect(dsn), stop
        self.connection.autocommit = True
        self.seen: list[tuple[Any, ...]] = []
        self.errors: list[str] = []
        self.slowest = 0.0

    def run(self) -> None:
        with closing(self.connection), self.connection.cursor() as cursor:
            while not self.stop.is_set():
                begun = time.monotonic()
                try:
                    cursor.execute(f"select distinct * from ({FIGURES}) as figures")
                    self.seen += cursor.fetchall()
                except psycopg2.Error as error:
                    self.errors.append(str(error))
                self.slowest = max(self.slowest, time.monotonic() - begun)
                time.sleep(0.002)


def test_readers_see_whole_releases_while_bi_moves(tmp_path: Path, databases: Databases, is_long: bool) -> None:
    home = on_postgres(tmp_path / "home", databases)
    for minute, name in enumerate((D1, D2)):
        add_candidate(home, name, customers=50, factor=minute + 1)
        published(home, name, minutes=minute)
    stop = threading.Event()
    dashboards = [Dashboards(dsn_of(home), stop) for _ in range(20 if is_long else 4)]
    for dashboard in dashboards:
        dashboard.start()
    for move in range(100 if is_long else 15):
        rolled_back(home, (D1, D2)[move % 2], minutes=10 + move)
    stop.set()
    for dashboard in dashboards:
        dashboard.join(timeout=30)
    assert [error for dashboard in dashboards for error in dashboard.errors] == []
    seen = {row for dashboard in dashboards for row in dashboard.seen}
    assert seen == {(D1, 1, 1), (D2, 2, 2)}, "a statement has mixed two releases"


def test_a_long_query_does_not_keep_bi_from_the_next_release(
    tmp_path: Path, databases: Databases, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(postgres_releases, "_HOLD_ATTEMPTS", 2)
    home = on_postgres(tmp_path / "home", databases)
    for minute, name in enumerate((D1, D2)):
        add_candidate(home, name, customers=3, factor=minute + 1)
        published(home, name, minutes=minute)
    with closing(psycopg2.connect(dsn_of(home))) as reader, reader.cursor() as cursor:
        cursor.execute("select release_id from analytics.release")
        rolled_back(home, D1, minutes=10)
        assert cursor.fetchall() == [(D2,)]
    assert "queries on the current release have run on" in caplog.text
    assert state(home)["current"] == D1
