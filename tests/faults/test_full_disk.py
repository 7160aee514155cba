"""A full disk has a name, leaves a safe state, and a plain re-run with more room ends where it should."""

from __future__ import annotations

import errno
import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
from psycopg2.extensions import make_dsn, parse_dsn

from kehu.errors import DiskFull, TransformError, WarehouseFull
from kehu.files.full_disk import naming_a_full_disk
from kehu.landing.ledger import read_ledger
from kehu.pipeline.ingest import ingest_source
from kehu.settings import Settings, load_settings
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBWarehouse
from kehu.warehouse.on_postgres.postgres_backend import PostgresWarehouse
from tests.support.postgres_server import Databases, unprivileged

pytestmark = [pytest.mark.faults, pytest.mark.slow]

ROWS = 100_000
SOURCES = "sources:\n  - {{name: shop, kind: files, path: {folder}, entities: {{customers: {{}}}}}}\n"


@dataclass(frozen=True)
class SmallDisk:
    """A disk of its own for one home."""

    folder: Path

    def resize(self, megabytes: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={megabytes}m", str(self.folder)], check=True)


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    # pytest's own folders let nobody else in, and the server of the tests is somebody else
    with tempfile.TemporaryDirectory(prefix="kehu-disk-") as name:
        folder = Path(name)
        mount = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=755", "tmpfs", name]
        if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            pytest.skip("only root can make a small disk; the other tests of this file inject the error")
        yield SmallDisk(folder)
        subprocess.run(["umount", "--lazy", name], check=True)


@pytest.fixture
def settings(tmp_path: Path, disk: SmallDisk) -> Settings:
    lines = (f"{number},{secrets.token_hex(24)}\n" for number in range(ROWS))
    (tmp_path / "customers.csv").write_text("customer_id,city\n" + "".join(lines))
    (tmp_path / "sources.yml").write_text(SOURCES.format(folder=tmp_path))
    return load_settings(home=disk.folder / "home", sources=tmp_path / "sources.yml", memory_limit="512MB", threads=2)


def test_landing_on_a_full_disk_lands_nothing_and_goes_on_with_more_room(settings: Settings, disk: SmallDisk) -> None:
    with pytest.raises(DiskFull, match="the extraction of shop has not finished"):
        ingest_source(settings, "shop")
    assert read_ledger(settings.landing_dir) == []
    assert [path for path in settings.landing_dir.rglob("*") if path.is_file()] == [], "what was half written is gone"

    disk.resize(64)
    ingest_source(settings, "shop")
    (batch,) = read_ledger(settings.landing_dir)
    assert (batch.row_count, batch.reject_count) == (ROWS, 0)


def test_a_warehouse_on_a_full_disk_keeps_what_was_committed(settings: Settings, disk: SmallDisk) -> None:
    disk.resize(8)
    warehouse = DuckDBWarehouse(settings)
    with warehouse.writing("test"), warehouse.session() as session:
        session.execute("create table work.kept as select range as n from range(1000)")
    with (
        pytest.raises(DiskFull, match="kehu build has not finished"),
        warehouse.writing("kehu build"),
        warehouse.session() as session,
    ):
        session.execute("create table work.much as select range as n, uuid()::varchar as t from range(1000000)")

    disk.resize(256)
    with warehouse.writing("test"), warehouse.session() as session:
        assert session.rows("select count(*), sum(n) from work.kept") == [(1000, 499500)]
        session.execute("create or replace table work.much as select range as n from range(1000000)")


@pytest.fixture
def small_database(disk: SmallDisk, databases: Databases) -> Iterator[str]:
    """How to connect to a database whose files are on the small disk; the server itself has room."""
    if "KEHU_TEST_POSTGRES_DSN" in os.environ:
        pytest.skip("the server may be on another machine than the small disk")
    folder = disk.folder / "tablespace"
    folder.mkdir()
    user = unprivileged()
    os.chown(folder, user.get("user", -1), user.get("group", -1))
    dsn = databases.new()
    name = parse_dsn(dsn)["dbname"]
    with closing(psycopg2.connect(databases.admin)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(f"create tablespace small_{name} location '{folder}'")
        yield make_dsn(dsn, options=f"-c default_tablespace=small_{name}")
        cursor.execute(f"drop database {name} with (force)")
        cursor.execute(f"drop tablespace small_{name}")


def test_a_server_on_a_full_disk_is_named_and_goes_on_with_more_room(
    tmp_path: Path, disk: SmallDisk, small_database: str
) -> None:
    settings = load_settings(home=tmp_path / "home", warehouse="postgres", warehouse_dsn=small_database)
    warehouse = PostgresWarehouse(settings)
    much = "create table work.much as select n, md5(n::text) as t from generate_series(1, 100000) as n"
    with warehouse.writing("test"), warehouse.session() as session:
        session.execute("create table work.kept as select n from generate_series(1, 1000) as n")
    with (
        pytest.raises(WarehouseFull, match="the disk of the Postgres server is full"),
        warehouse.writing("kehu build"),
        warehouse.session() as session,
    ):
        session.execute(much)

    disk.resize(64)
    with warehouse.writing("test"), warehouse.session() as session:
        assert session.rows("select count(*), sum(n) from work.kept") == [(1000, 500500)]
        session.execute(much)
        assert session.rows("select count(*) from work.much") == [(100_000,)]


def test_a_home_on_a_full_disk_is_named_where_postgres_is_the_warehouse(tmp_path: Path, databases: Databases) -> None:
    home = load_settings(home=tmp_path / "home", warehouse="postgres", warehouse_dsn=databases.new())
    with pytest.raises(DiskFull, match="kehu build has not finished"), PostgresWarehouse(home).writing("kehu build"):
        raise OSError(errno.ENOSPC, "of the kernel")
    with PostgresWarehouse(home).writing("test") as lock:
        assert lock > 0


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named_wherever_it_hides(number: int) -> None:
    with pytest.raises(DiskFull) as raised, naming_a_full_disk("kehu build"):
        try:
            raise OSError(number, "of the kernel")
        except OSError:
            raise ValueError("something followed from it") from None
    assert raised.value.exit_code == 1
    with pytest.raises(DiskFull), naming_a_full_disk("kehu build"):
        raise TransformError("dbt could not build x: IO Error: No space left on device")


def test_other_errors_pass_as_they_are() -> None:
    for error in (OSError(errno.EACCES, "denied"), ValueError("x"), WarehouseFull("the server's disk")):
        with pytest.raises(type(error)) as raised, naming_a_full_disk("kehu build"):
            raise error
        assert raised.value is error
