"""The parity shop on Spark: every relation that dbt builds is the one that DuckDB has built, compared both ways.

On Sail in every run, a double for Spark that needs no Java. It wraps whole numbers that overflow and computes guarded branches:
good for saying whether a model runs on Spark and means the same, no engine for figures. On PySpark where the long groups run.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from kehu.ops.tables import candidate_schema
from kehu.pipeline.build import build_candidate, build_features, build_state, load_landing
from kehu.pipeline.ingest import ingest_source, source_names
from kehu.pipeline.lifetime_value import score_lifetime_value
from kehu.pipeline.personas import score_personas
from kehu.pipeline.runs import load_run, start_run
from kehu.pipeline.variables import dbt_variables
from kehu.settings import Settings, load_settings
from kehu.sources.config import load_sources
from tests.support import parity_shop, spark_shop
from tests.support.same_tables import Table, differences
from tests.support.spark_server import SESSION_SETTINGS, connect, pyspark_server, sail_server
from tests.support.spark_tables import duckdb_tables, spark_tables

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

STARTED = datetime.fromisoformat("2026-01-02T03:04:05")
HASHES = {
    "core_month_fingerprints": frozenset({"fingerprint"}),
    "core_purchase_days": frozenset({"orders_fingerprint"}),
}
"""An engine's own hash of rows: compared with what the same engine says later, never with another's."""
NOT_OF_DBT = frozenset({"customer_stage_changes_months", "customer_stage_changes_last"})
"""What the materialization month_ends keeps for itself: the fingerprints, and the last observation."""

Tables = dict[str, dict[str, Table]]


@dataclass(frozen=True)
class Built:
    """The shop on DuckDB: where it lies, what it was built from (as files), with which vars."""

    settings: Settings
    release_id: str
    files: Path
    variables: dict[str, object]

    @property
    def schemas(self) -> list[str]:
        candidate = candidate_schema(self.release_id)
        return ["seeds", "staging", "intermediate", "work", f"{candidate}_features", candidate]


@pytest.fixture(scope="module")
def on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("parity_on_spark")
    settings = load_settings(
        home=folder / "duckdb",
        sources=parity_shop.write_shop(folder / "shop"),
        timezone=parity_shop.TIMEZONE,
        memory_limit="1GB",
    )
    for name in source_names(settings):
        ingest_source(settings, name)
    release_id = start_run(settings, parity_shop.DAY, STARTED)
    for step in (load_landing, build_state, build_features, score_lifetime_value, score_personas):
        step(settings, release_id)
    candidate = candidate_schema(release_id)
    # before the candidate: its own checks are no part of what it is made from
    with closing(duckdb.connect(str(settings.warehouse_path), read_only=True)) as connection:
        given = ("landing", "ops", f"{candidate}_scores", f"{candidate}_personas")
        spark_shop.export(connection, folder / "files", given)
    build_candidate(settings, release_id)
    company = load_sources(settings.sources).for_models
    variables = dbt_variables(settings, release_id, load_run(settings, release_id).as_of, company)
    return Built(settings, release_id, folder / "files", variables)


@pytest.fixture(scope="module")
def expected(on_duckdb: Built) -> Tables:
    with closing(duckdb.connect(str(on_duckdb.settings.warehouse_path), read_only=True)) as connection:
        return {schema: duckdb_tables(connection, schema) for schema in on_duckdb.schemas}


@pytest.fixture(scope="module")
def dbt_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where dbt works for all of Spark: its parse of the project, half a minute, is the same for every session."""
    return tmp_path_factory.mktemp("dbt_on_spark")


@pytest.fixture(scope="module", params=["sail", "pyspark"])
def on_spark(
    request: pytest.FixtureRequest,
    on_duckdb: Built,
    dbt_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
    is_long: bool,
) -> Iterator[Tables]:
    if request.param == "pyspark" and not is_long:
        pytest.skip("PySpark's own engine builds the shop where the long groups run")
    folder = tmp_path_factory.mktemp(request.param)
    server = sail_server if request.param == "sail" else pyspark_server
    tests = ["test"] if request.param == "sail" else []
    with server(folder / "server") as url:
        session = connect(url)
        spark_shop.show(session, on_duckdb.files)
        begun = time.monotonic()
        spark_shop.build(url, dbt_folder, on_duckdb.variables, "--exclude-resource-type", "unit_test", *tests)
        print(f"{request.param}: {time.monotonic() - begun:.0f} s")
        yield {schema: spark_tables(session, schema) for schema in on_duckdb.schemas}
        session.stop()


def test_every_relation_is_the_same(expected: Tables, on_spark: Tables) -> None:
    found = {}
    for schema, tables in expected.items():
        compared = {name: table for name, table in tables.items() if name not in NOT_OF_DBT}
        theirs = {name: table for name, table in on_spark[schema].items() if name not in NOT_OF_DBT}
        found |= {schema: differences(compared, theirs, HASHES)} if differences(compared, theirs, HASHES) else {}
    assert not found, "\n".join(f"{schema}.{line}" for schema, lines in found.items() for line in lines)


def test_the_shop_fills_what_is_compared(expected: Tables) -> None:
    filled = [name for tables in expected.values() for name, table in tables.items() if table.rows]
    assert len(filled) > 110, "a relation without rows proves nothing"
    assert {"int_records_find_components", "int_categories_trace", "customer_stage_changes"} <= set(filled)


def test_a_seeded_difference_is_found_from_both_sides(expected: Tables, on_spark: Tables) -> None:
    seeds, theirs = expected["seeds"], on_spark["seeds"]
    table = theirs["metric_definitions"]
    for changed in (table.rows[1:], [*table.rows, table.rows[0]], [(None, *table.rows[0][1:]), *table.rows[1:]]):
        seeded = {**theirs, "metric_definitions": replace(table, rows=changed)}
        assert differences(seeds, seeded) != []
        assert differences(seeded, seeds) != []


def test_a_session_without_the_settings_builds_nothing(on_duckdb: Built, dbt_folder: Path, tmp_path: Path) -> None:
    lacking = {name: value for name, value in SESSION_SETTINGS.items() if name != "spark.sql.timestampType"}
    refusal = r"SessionSettingMissing: spark\.sql\.timestampType is not TIMESTAMP_NTZ"
    with sail_server(tmp_path / "server") as url, pytest.raises(AssertionError, match=refusal):
        spark_shop.build(url, dbt_folder, on_duckdb.variables, "--select", "age_bands", settings=lacking)
