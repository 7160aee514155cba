"""Whole builds of reference shops, each made once and shared by the tests that look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from kehu.clock import utc_now
from kehu.ops.tables import candidate_schema
from kehu.pipeline.build import build_candidate, build_features, build_state, load_landing
from kehu.pipeline.ingest import ingest_source, source_names
from kehu.pipeline.lifetime_value import score_lifetime_value
from kehu.pipeline.personas import score_personas
from kehu.pipeline.runs import start_run
from kehu.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[2]


def candidate(settings: Settings, as_of: date) -> str:
    """Land every source and build the candidate of a day; returns its schema."""
    for name in source_names(settings):
        ingest_source(settings, name)
    return built(settings, as_of)


def built(settings: Settings, as_of: date) -> str:
    """Build the candidate of a day from what has landed; returns its schema."""
    release_id = start_run(settings, as_of, utc_now())
    for step in (load_landing, build_state, build_features, score_lifetime_value, score_personas, build_candidate):
        step(settings, release_id)
    return candidate_schema(release_id)


@pytest.fixture(scope="session")
def read_candidate() -> Callable[[Settings, str], duckdb.DuckDBPyConnection]:
    """Open a warehouse read-only with the candidate's schema as the default one."""

    def open_it(settings: Settings, schema: str) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(str(settings.warehouse_path), read_only=True)
        connection.execute(f'set schema = "{schema}"')
        return connection

    return open_it


@pytest.fixture(scope="module")
def build_reference(
    new_home: Callable[[str], Path], read_candidate: Callable[[Settings, str], duckdb.DuckDBPyConnection]
) -> Iterator[Callable[[Path, date, str], duckdb.DuckDBPyConnection]]:
    """Build a shop from a ``sources.yml`` alone and open its candidate."""
    opened: list[duckdb.DuckDBPyConnection] = []

    def build(sources: Path, as_of: date, currency: str) -> duckdb.DuckDBPyConnection:
        settings = load_settings(home=new_home("reference"), sources=sources, currency=currency)
        opened.append(read_candidate(settings, candidate(settings, as_of)))
        return opened[-1]

    yield build
    for connection in opened:
        connection.close()
