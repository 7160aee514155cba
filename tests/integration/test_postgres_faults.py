"""A server that is lost, or a lock that is not given, while a release is published.

What is detected: a step that leaves half a release behind when its connection breaks, or an error without a name. Usual cause:
a statement outside the transaction it belongs to.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from kehu.errors import WarehouseBusy, WarehouseUnreachable
from kehu.release import publish, rollback
from kehu.release.catalog import current_release_id
from kehu.release.on_postgres import export as postgres_export
from kehu.release.on_postgres import store as postgres_store
from kehu.settings import Settings
from tests.support.postgres_server import Databases
from tests.unit.release.candidates import (
    DAYS,
    add_candidate,
    events_of,
    ops_session,
    published,
    rolled_back,
    settings_for,
)

pytestmark = pytest.mark.slow

D1, D2, D3, *_ = DAYS
STEPS = [f"publish:{step}" for step in ("exported", "synced", "renamed", "before_swap", "recorded")]
STEPS += [f"rollback:{step}" for step in ("before_swap", "recorded")]
MINE = "datname = current_database() and pid <> pg_backend_pid()"


def two_of_three(folder: Path, databases: Databases, **more: str) -> Settings:
    """Three gated candidates, of which the first two are published."""
    dsn = psycopg2.extensions.make_dsn(databases.new(), **more)
    home = settings_for(folder, warehouse="postgres", warehouse_dsn=dsn, keep_releases=2)
    for minute, name in enumerate((D1, D2, D3)):
        add_candidate(home, name, customers=3, factor=minute + 1)
        if minute < 2:
            published(home, name, minutes=minute)
    return home


def run(home: Settings, operation: str) -> None:
    if operation == "publish":
        published(home, D3, minutes=2)
    else:
        rolled_back(home, D1, minutes=60)


def ask(home: Settings, sql: str) -> list[tuple[Any, ...]]:
    assert home.warehouse_dsn is not None
    with closing(psycopg2.connect(home.warehouse_dsn.get_secret_value())) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()


def state(home: Settings) -> dict[str, Any]:
    with ops_session(home) as session:
        return {
            "current": current_release_id(home),
            "events": events_of(home),
            "schemas": session.rows("select nspname from pg_namespace where nspname like 'rel\\_%' order by 1"),
            "manifests": session.rows("select release_id from ops.release_manifests order by 1"),
            "read": session.rows(
                "select distinct r.release_id, o.factor from analytics.release r, analytics.fct_orders o"
            ),
        }


@pytest.mark.faults
@pytest.mark.parametrize("step", STEPS)
def test_a_connection_that_is_lost_is_named_and_the_same_command_ends_it(
    tmp_path: Path, databases: Databases, monkeypatch: pytest.MonkeyPatch, is_long: bool, step: str
) -> None:
    if not is_long and step != "publish:before_swap":
        pytest.skip("one step; all with --long")
    operation = step.partition(":")[0]
    undisturbed, home = (two_of_three(tmp_path / name, databases) for name in ("undisturbed", "lost"))
    run(undisturbed, operation)
    lost = []

    def lose(name: str) -> None:
        if name == step and not lost:
            lost.append(ask(home, f"select count(pg_terminate_backend(pid)) from pg_stat_activity where {MINE}"))

    for module in (postgres_export, postgres_store, publish, rollback):
        monkeypatch.setattr(module, "step", lose)
    try:
        run(home, operation)
    except WarehouseUnreachable as error:
        assert "connection to the Postgres server is lost" in str(error)
    assert lost and lost[0][0][0] > 0
    seen = state(home)
    factors = {D1: 1, D2: 2, D3: 3}
    assert seen["read"] == [(seen["current"], factors[seen["current"]])], "BI reads one whole release"
    run(home, operation)
    assert state(home) == state(undisturbed)


def test_a_lock_that_is_not_given_is_named_and_bi_stays(tmp_path: Path, databases: Databases) -> None:
    home = two_of_three(tmp_path / "home", databases, options="-c lock_timeout=200")
    before = state(home)
    assert home.warehouse_dsn is not None
    with closing(psycopg2.connect(home.warehouse_dsn.get_secret_value())) as other, other.cursor() as cursor:
        cursor.execute("lock table ops.release_manifests in access exclusive mode")
        with pytest.raises(WarehouseBusy, match="did not let a statement through in time"):
            published(home, D3, minutes=2)
        other.rollback()
    assert state(home) == before
    published(home, D3, minutes=2)
    assert current_release_id(home) == D3
