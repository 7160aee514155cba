"""A retried step keeps what its attempts finished only if it would make the same again, in the same warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from kehu.errors import ReleaseError, TransformError
from kehu.ops.finished import require_finished
from kehu.ops.tables import candidate_schema
from kehu.pipeline.build import _build_at_day, build_candidate, build_features, build_state, load_landing
from kehu.pipeline.context import open_run
from kehu.pipeline.gating import gate_candidate
from kehu.pipeline.lifetime_value import score_lifetime_value
from kehu.pipeline.publishing import publish_run
from kehu.pipeline.runs import Run, start_run
from kehu.pipeline.stale_relations import drop_stale_relations
from kehu.pipeline.validity import state
from kehu.pipeline.validity.retries import (
    drop_candidate,
    keep_or_start_over,
    mark,
    note_finished,
    require_step,
    start_over,
)
from kehu.session import Session
from kehu.settings import Settings, load_settings
from kehu.transform.runner import Step
from kehu.warehouse.factory import open_warehouse
from tests.unit.release.candidates import add_check

pytestmark = pytest.mark.slow

AS_OF, STARTED = date(2024, 3, 4), datetime.fromisoformat("2024-03-05")
RUN = Run("r20240304_20240305t000000", AS_OF, STARTED, "1", batches_digest="batches", state_code="code")
OTHER = replace(RUN, release_id="r20240304_20240305t010000")
PROJECT = """
name: tiny
version: "1.0"
profile: kehu
flags: {send_anonymous_usage_stats: false}
models: {tiny: {+tags: [state], +materialized: table}}
"""
SOURCES = "sources: [{name: shop, kind: files, path: ., entities: {customers: {}}}]"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A fresh home with a dbt project of two models."""
    monkeypatch.setattr("kehu.pipeline.bookkeeping.record_intake", lambda *_: None)  # the project has no staging
    (tmp_path / "sources.yml").write_text(SOURCES)
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text(PROJECT)
    (project / "vars.yml").write_text("{}")
    (project / "models" / "a.sql").write_text("select 1 as x")
    (project / "models" / "b.sql").write_text("select x + 1 as x from {{ ref('a') }}")
    return load_settings(home=tmp_path / "home", dbt_project=project, sources=tmp_path / "sources.yml")


@pytest.fixture
def session(home: Settings) -> Iterator[Session]:
    """The warehouse of the home, open."""
    with open_warehouse(home).session() as session:
        yield session


def keeps(
    session: Session, home: Settings, name: str, run: Run = RUN, variables: dict[str, object] | None = None
) -> bool:
    """Whether a retry of the step keeps the first attempt, which is there in any case."""
    folder = run.folder(home) / name
    (folder / "attempt_1").mkdir(parents=True, exist_ok=True)
    keep_or_start_over(session, run, Step(name, (f"tag:{name}",), variables or {}), folder, home.dbt_project)
    return (folder / "attempt_1").exists()


@pytest.mark.parametrize("name", ["state", "features", "candidate"])
def test_the_same_again_is_kept_and_anything_else_is_not(session: Session, home: Settings, name: str) -> None:
    assert not keeps(session, home, name), "an attempt that this warehouse knows nothing of"
    assert keeps(session, home, name)
    assert not keeps(session, home, name, replace(RUN, batches_digest="more batches"))
    assert not keeps(session, home, name, variables={"new_days": 30})
    assert keeps(session, home, name, variables={"new_days": 30})
    (home.dbt_project / "models" / "a.sql").write_text("select 2 as x")
    assert not keeps(session, home, name, variables={"new_days": 30})


def test_another_run_builds_over_the_state_but_not_over_the_candidate(session: Session, home: Settings) -> None:
    for run in (RUN, OTHER):
        keeps(session, home, "state", run)
        keeps(session, home, "candidate", run)
    assert not keeps(session, home, "state", RUN)
    assert keeps(session, home, "candidate", RUN)


def test_new_features_ask_for_new_scores_and_new_marts(session: Session, home: Settings) -> None:
    for name in ("features", "candidate"):
        keeps(session, home, name)
    mark(session, RUN, "scores", "what they were made from")
    assert keeps(session, home, "features")
    require_step(session, RUN, "scores", "what they were made from")
    assert not keeps(session, home, "features", variables={"holdout_weeks": 20})
    with pytest.raises(TransformError, match="the step scores has not left"):
        require_step(session, RUN, "scores", "what they were made from")
    assert not keeps(session, home, "candidate")


def test_an_edited_mart_does_not_ask_for_new_features(session: Session, home: Settings) -> None:
    for name in ("features", "candidate"):
        keeps(session, home, name)
    marts = home.dbt_project / "models" / "marts"
    marts.mkdir()
    (marts / "c.sql").write_text("select 1 as x")
    assert keeps(session, home, "features")
    assert not keeps(session, home, "candidate")


@pytest.mark.parametrize("name", ["features", "scores", "personas", "candidate"])
def test_a_step_that_starts_over_takes_the_verdict_with_it(session: Session, home: Settings, name: str) -> None:
    for run in (RUN, OTHER):
        keeps(session, home, "features", run)
        keeps(session, home, "candidate", run)
        note_finished(session, run, Step("candidate", (), {}), home.dbt_project)
        for layer in ("landing", "transform", "marts", "drift"):
            add_check(session, run.release_id, layer)
    assert keeps(session, home, "candidate")
    require_finished(session, RUN.release_id)

    if name in ("features", "candidate"):
        assert not keeps(session, home, name, variables={"new_days": 30})
    else:
        start_over(session, RUN, name)

    with pytest.raises(ReleaseError, match="to its end"):
        require_finished(session, RUN.release_id)
    left = "select layer from ops.check_results where release_id = ? order by layer"
    assert session.rows(left, [RUN.release_id]) == [("landing",), ("transform",)]
    require_finished(session, OTHER.release_id)
    assert len(session.rows(left, [OTHER.release_id])) == 4, "another candidate keeps its own"


def test_a_candidate_that_is_built_again_goes_through_the_gate_again(home: Settings) -> None:
    release_id = start_run(home, AS_OF, STARTED)
    models = home.dbt_project / "models"
    models.joinpath("c.sql").write_text("{{ config(tags=['candidate']) }} select 1 as x")
    load_landing(home, release_id)
    with pytest.raises(ReleaseError, match="to its end"):
        gate_candidate(home, release_id)
    context = open_run(home, release_id)
    warehouse = context.warehouse
    with warehouse.session() as session:
        add_check(session, release_id)
    with warehouse.writing("test") as lock:
        _build_at_day(context, "candidate", lock)
        _build_at_day(context, "candidate", lock)
    with warehouse.session() as session:
        require_finished(session, release_id)
        add_check(session, release_id)
    models.joinpath("c.sql").write_text("{{ config(tags=['candidate']) }} select nonsense as x")
    with warehouse.writing("test") as lock, pytest.raises(TransformError, match="could not build c"):
        _build_at_day(context, "candidate", lock)
    for later in (gate_candidate, publish_run):
        with pytest.raises(ReleaseError, match="to its end"):
            later(home, release_id)
    with warehouse.session() as session:
        assert session.rows("select * from ops.check_results where layer = 'marts'") == []


def test_a_candidate_that_was_dropped_is_built_from_the_start(session: Session, home: Settings) -> None:
    for run in (RUN, OTHER):
        keeps(session, home, "candidate", run)
    drop_candidate(session, candidate_schema(RUN.release_id))
    assert keeps(session, home, "candidate", OTHER)
    assert not keeps(session, home, "candidate", RUN)


def test_nothing_is_built_on_a_state_of_other_code_or_vars(home: Settings) -> None:
    project, sources = home.dbt_project / "dbt_project.yml", home.sources.read_text()
    project.write_text(project.read_text() + "vars: {default_margin_rate: 0.3}\n")
    release_id = start_run(home, AS_OF, STARTED)
    load_landing(home, release_id)
    build_state(home, release_id)
    require_state(home, release_id)

    home.sources.write_text(sources + "\nvars: {default_margin_rate: 0.6}\n")
    refuse_what_follows(home, release_id)
    home.sources.write_text(sources)
    require_state(home, release_id)
    (home.dbt_project / "models" / "a.sql").write_text("select 2 as x")
    refuse_what_follows(home, release_id)

    build_state(home, release_id)
    require_state(home, release_id)


def require_state(home: Settings, release_id: str) -> None:
    with open_warehouse(home).session() as session:
        state.require(open_run(home, release_id), session)


def refuse_what_follows(home: Settings, release_id: str) -> None:
    for later in (build_features, score_lifetime_value, build_candidate):
        with pytest.raises(TransformError, match="have changed since: run build_state again"):
            later(home, release_id)


def test_features_are_made_anew_upon_a_state_that_is(home: Settings, session: Session) -> None:
    for name in ("features", "candidate"):
        mark(session, RUN, name, "x")
    mark(session, OTHER, "features", "x")
    start_over(session, RUN, "state")

    assert session.rows("select release_id, step from ops.steps order by 1, 2") == [
        (RUN.release_id, "candidate"),
        (OTHER.release_id, "features"),
    ]


def test_what_no_model_makes_any_more_is_dropped_and_nothing_else(home: Settings, session: Session) -> None:
    session.execute("create table work.order_values as select 1 as x")
    session.execute("create view intermediate.order_values as select * from work.order_values")
    session.execute('create table "work"."b_months" as select 1 as x')
    for name in ("a", "b"):
        session.execute(f"create table work.{name} as select 1 as x")
    session.execute("create table ops.order_values as select 1 as x")

    assert drop_stale_relations(session, home.dbt_project) == ["intermediate.order_values", "work.order_values"]
    left = session.rows("select table_name from information_schema.tables where table_schema = 'work' order by 1")
    assert left == [("a",), ("b",), ("b_months",)], "what a model keeps beside itself stays"
    assert session.rows("select x from ops.order_values") == [(1,)]
    assert drop_stale_relations(session, home.dbt_project) == []


def test_a_model_of_another_name_leaves_nothing_of_the_old_one(home: Settings) -> None:
    first = start_run(home, AS_OF, STARTED)
    load_landing(home, first)
    build_state(home, first)
    (home.dbt_project / "models" / "b.sql").rename(home.dbt_project / "models" / "core_b.sql")
    second = start_run(home, AS_OF, STARTED + timedelta(hours=1))
    load_landing(home, second)
    build_state(home, second)

    with open_warehouse(home).session() as session:
        found = session.rows("select table_name from information_schema.tables where table_schema = 'work' order by 1")
    assert found == [("a",), ("core_b",)]


def test_a_state_that_failed_is_built_with_the_code_as_it_is_now(home: Settings) -> None:
    release_id = start_run(home, AS_OF, STARTED)
    with pytest.raises(TransformError, match="has not been loaded"):
        build_state(home, release_id)
    load_landing(home, release_id)
    models = home.dbt_project / "models"
    (models / "b.sql").write_text("select nonsense from {{ ref('a') }}")
    with pytest.raises(TransformError, match="could not build b"):
        build_state(home, release_id)
    with open_warehouse(home).session() as session:
        results = session.rows("select status from ops.node_results where step = 'state' order by node_id")
    assert results == [("success",), ("error",)], "what a failed attempt did is written down too"
    (models / "a.sql").write_text("select 100 as x")
    (models / "b.sql").write_text("select x + 1 as x from {{ ref('a') }}")
    build_state(home, release_id)
    with open_warehouse(home).session() as session:
        assert session.rows("select x from work.b") == [(101,)]
