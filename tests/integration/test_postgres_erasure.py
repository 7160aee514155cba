"""A person is erased on Postgres: out of every table, and out of the files that the tables lie in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import make_dsn, parse_dsn

from kehu.erasure.erase import erase_customer
from kehu.errors import ConfigurationError
from kehu.pipeline.administration import init_warehouse
from kehu.pipeline.ingest import ingest_source, source_names
from kehu.pipeline.publishing import rollback_release
from kehu.release.catalog import current_release_id, find
from kehu.release.factory import open_store
from kehu.release.ids import parse_release_id
from kehu.settings import Settings, load_settings
from tests.support.planted_customer import CUSTOMER, IN_THE_CRM, VALUES, write_planted_shop
from tests.support.planted_home import KEY, RELEASES, build_home, places_of
from tests.support.postgres_roles import BI, LOGIN, clean_roles
from tests.support.postgres_server import Databases

KILL_POINTS = ("erase:warehouse_reset", "erase:release_vacuumed", "erase:release_rewritten", "erase:searched")
TOTALS = "select count(*), sum(net_revenue), count(distinct customer_id) from analytics.fct_orders"

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def home(databases: Databases, tmp_path: Path) -> Settings:
    write_planted_shop(tmp_path / "shop")
    settings = settings_for(tmp_path, warehouse_dsn=databases.new())
    build_home(settings)
    return settings


def settings_for(folder: Path, **more: Any) -> Settings:
    """Of the planted shop in a folder."""
    sources = folder / "shop" / "sources.yml"
    more |= {"warehouse": "postgres", "erasure_key": KEY, "threads": 2, "memory_limit": "512MB"}
    return load_settings(home=folder / "home", sources=sources, **more)


def asked(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    assert settings.warehouse_dsn is not None
    connection = psycopg2.connect(settings.warehouse_dsn.get_secret_value())
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        connection.close()


def in_tables(settings: Settings, values: tuple[str, ...]) -> set[str]:
    """The values that a row of any table holds."""
    listed = asked(settings, "select schemaname, tablename from pg_tables where schemaname !~ '^(pg_|information)'")
    rows = [str(row).lower() for s, t in listed for row in asked(settings, f'select x::text from "{s}"."{t}" as x')]
    return {value for value in values if any(value.lower() in row for row in rows)}


def in_heap(settings: Settings, values: tuple[str, ...]) -> set[str] | None:
    """The values that the database's files hold, dead rows and statistics included; None if they are not here."""
    asked(settings, "checkpoint")
    assert settings.warehouse_dsn is not None
    folder = Path(parse_dsn(settings.warehouse_dsn.get_secret_value()).get("host", "")) / "data" / "base"
    number = asked(settings, "select oid from pg_database where datname = current_database()")[0][0]
    if not (folder / str(number)).is_dir():
        return None
    content = b"\n".join(file.read_bytes() for file in (folder / str(number)).iterdir()).lower()
    return {value for value in values if value.lower().encode() in content}


def test_the_person_is_in_no_table_and_in_no_file(home: Settings) -> None:
    assert in_tables(home, VALUES) == set(VALUES)
    seen = in_heap(home, VALUES)
    assert seen == set(VALUES) or (seen is None and "KEHU_TEST_POSTGRES_DSN" in os.environ)
    before = asked(home, TOTALS)
    planned = erase_customer(home, CUSTOMER, dry_run=True)
    assert in_tables(home, VALUES) == set(VALUES)
    assert find(home, RELEASES[0]).erasures == ()
    report = erase_customer(home, CUSTOMER)
    assert report.releases == planned.releases
    assert set(report.releases) == set(RELEASES)
    assert report.releases[RELEASES[1]]["fct_orders"] == 6
    assert in_tables(home, (*VALUES, f"{CUSTOMER},", IN_THE_CRM)) == set()
    assert in_heap(home, (*VALUES, IN_THE_CRM)) in (None, set())
    assert places_of(home, VALUES) == {}
    assert asked(home, TOTALS) == before
    mine = asked(
        home, "select city, has_marketing_consent from analytics.dim_customers where customer_id like '%erased-%'"
    )
    assert mine == [(None, False)]
    for name in RELEASES:
        open_store(home).verify(parse_release_id(name))
        assert len(find(home, name).erasures) == 1
    assert rollback_release(home).release_id == RELEASES[0]
    for source in source_names(home):
        ingest_source(home, source)
    assert in_tables(home, VALUES) == set()


def test_with_roles_the_administrator_erases_and_a_run_goes_on(
    home: Settings, databases: Databases, tmp_path: Path
) -> None:
    assert home.warehouse_dsn is not None
    owner = home.warehouse_dsn.get_secret_value()
    before = asked(home, TOTALS)
    with clean_roles(databases):
        login = {"warehouse_dsn": make_dsn(owner, user=LOGIN, password="secret"), "bi_role": BI}
        admin = settings_for(tmp_path, warehouse_admin_dsn=databases.admin, **login)
        init_warehouse(admin)
        own = settings_for(tmp_path, **login)
        with pytest.raises(ConfigurationError, match="KEHU_WAREHOUSE_ADMIN_DSN"):
            erase_customer(own, CUSTOMER)
        assert in_tables(home, VALUES) == set(VALUES)
        assert "found nowhere" in "\n".join(erase_customer(admin, CUSTOMER).lines())
        assert in_tables(home, VALUES) == set()
        assert in_heap(home, VALUES) in (None, set())
        # who runs finds everything done, and needs the administrator no more
        assert rollback_release(own).release_id == RELEASES[0]
        assert asked(home, TOTALS) == before


@pytest.mark.usefixtures("long_run")
def test_a_query_that_runs_on_keeps_the_release_and_is_waited_for(home: Settings) -> None:
    """What a reader began is read to its end; the rewriting of the table comes after it."""
    assert home.warehouse_dsn is not None
    reader = psycopg2.connect(home.warehouse_dsn.get_secret_value())
    with reader.cursor() as cursor:
        cursor.execute(TOTALS)
        before = cursor.fetchall()
    # The transaction stays open and holds its lock until the timer of this statement ends it.
    with reader.cursor() as cursor:
        cursor.execute("set idle_in_transaction_session_timeout = '3s'")
    erase_customer(home, CUSTOMER)
    reader.close()
    assert asked(home, TOTALS) == before


@pytest.fixture(scope="module")
def long_run(is_long: bool) -> None:
    """Of a wider scope than the home, so that none is made for a test that is skipped."""
    if not is_long:
        pytest.skip("in `make test-all`; tests/integration/test_erasure.py has one in `make test`")


@pytest.mark.usefixtures("long_run")
@pytest.mark.parametrize("point", KILL_POINTS)
def test_a_killed_erasure_is_finished_by_the_next_call(point: str, home: Settings) -> None:
    assert home.warehouse_dsn is not None
    environment = {
        **os.environ, "KEHU_HOME": str(home.home), "KEHU_SOURCES": str(home.sources), "KEHU_ERASURE_KEY": KEY,
        "KEHU_WAREHOUSE": "postgres", "KEHU_WAREHOUSE_DSN": home.warehouse_dsn.get_secret_value(), "KEHU_TEST_DIE_AT": point,
    }  # fmt: skip
    command = [sys.executable, "-m", "kehu.cli", "erase", CUSTOMER]
    killed = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    assert "found nowhere" in "\n".join(erase_customer(home, CUSTOMER).lines())
    assert in_tables(home, VALUES) == set()
    assert in_heap(home, VALUES) in (None, set())
    assert current_release_id(home) == RELEASES[1]
