"""What is built in a scratch database changes nothing of the warehouse, and an erasure leaves nothing of it."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest

from kehu.errors import UsageError
from kehu.files.private import close_scratch
from kehu.settings import Settings, load_settings
from kehu.warehouse.factory import open_scratch, open_warehouse


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A warehouse with a table, a view on it, and a candidate."""
    found = load_settings(home=tmp_path / "home")
    with open_warehouse(found).session() as session:
        session.execute("create table work.orders as select range as n from range(10)")
        session.execute("create view staging.orders as select * from kehu.work.orders")
        session.execute("create schema candidate_x")
        session.execute("create table candidate_x.months as select 1 as n")
        session.checkpoint()
    return found


def test_all_shows_until_something_is_built_anew_and_the_warehouse_stays(settings: Settings) -> None:
    before = hashlib.sha256(settings.warehouse_path.read_bytes()).hexdigest()
    scratch = open_scratch(settings, settings.plans_dir / "p1")
    with scratch.session() as session:
        scratch.show(
            session, lambda name: name.replace("_x", ""), lambda schema, name: (schema, name) == ("work", "orders")
        )
        session.execute("create table work.orders as select 1 as n")
        assert session.rows("select count(*) from work.orders") == [(1,)]
        assert session.rows("select count(*) from staging.orders") == [(10,)]
        assert session.rows("select n from candidate.months") == [(1,)]
        assert session.rows(f"select count(*) from {scratch.original('work', 'orders')}") == [(10,)]
    assert hashlib.sha256(settings.warehouse_path.read_bytes()).hexdigest() == before
    scratch.remove()
    assert not (settings.plans_dir / "p1").exists()


def test_a_copy_is_closed_to_others_and_goes_with_an_erasure(settings: Settings) -> None:
    close_scratch(settings)
    assert stat.S_IMODE(settings.scratch_dir.stat().st_mode) == 0o700
    scratch = open_scratch(settings, settings.scratch_dir / "dbt", settings.scratch_dir / "copy" / "kehu.duckdb")
    scratch.copy_base()
    with scratch.session() as session:
        assert session.rows(f"select count(*) from {scratch.original('work', 'orders')}") == [(10,)]
    open_warehouse(settings).reset({})
    assert not settings.scratch_dir.exists()


def test_postgres_says_that_it_has_no_such_place(tmp_path: Path) -> None:
    there = load_settings(home=tmp_path, warehouse="postgres", warehouse_dsn="postgresql://kehu@localhost/kehu")
    with pytest.raises(UsageError, match="KEHU_WAREHOUSE=duckdb"):
        open_scratch(there, tmp_path / "p1")
