"""What a release says of its code and rules is what its candidate was built from, whatever somebody edits since."""

from __future__ import annotations

from pathlib import Path

import pytest

from kehu.pipeline import build
from kehu.pipeline.runs import load_run, start_run
from kehu.pipeline.validity.fingerprints import code_version
from kehu.release.rules import rules_in_force, rules_of
from kehu.settings import Settings, load_settings
from kehu.warehouse.factory import open_warehouse
from tests.unit.pipeline.test_retries import AS_OF, PROJECT, SOURCES, STARTED

RULES = "create or replace table seeds.lifecycle_rules as select 1 as rule_order, 'new' as lifecycle_stage, '' as reason_code"


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """A home whose dbt project and expectations are its own."""
    (tmp_path / "sources.yml").write_text(SOURCES)
    (tmp_path / "project" / "models" / "marts").mkdir(parents=True)
    (tmp_path / "project" / "dbt_project.yml").write_text(PROJECT + "vars: {new_days: 30}\n")
    (tmp_path / "project" / "vars.yml").write_text("{}")
    (tmp_path / "project" / "models" / "a.sql").write_text("select 1 as x")
    (tmp_path / "project" / "models" / "marts" / "own.sql").write_text(
        "{{ config(tags=['candidate']) }} select max(code_version) as code_version from ops.runs"
    )
    (tmp_path / "expectations").mkdir()
    (tmp_path / "expectations" / "drift.yml").write_text("max_psi: 1")
    return load_settings(
        home=tmp_path / "home",
        dbt_project=tmp_path / "project",
        expectations=tmp_path / "expectations",
        sources=tmp_path / "sources.yml",
    )


def test_the_version_is_of_the_models_and_expectations_in_force(home: Settings) -> None:
    found = [code_version(home)]
    for file in (home.dbt_project / "models" / "a.sql", home.expectations / "drift.yml"):
        text = file.read_text()
        file.write_text(text + "\n")
        found.append(code_version(home))
        file.write_text(text)
    assert len(set(found)) == 3
    assert code_version(home) == found[0]


@pytest.mark.slow
def test_a_release_says_what_it_was_built_from(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kehu.pipeline.lifetime_value.require_scores", lambda *_: None)
    monkeypatch.setattr("kehu.pipeline.personas.require_personas", lambda *_: None)
    monkeypatch.setattr("kehu.pipeline.bookkeeping.record_intake", lambda *_: None)  # the project has no staging
    release_id = start_run(home, AS_OF, STARTED)
    build.load_landing(home, release_id)
    build.build_state(home, release_id)
    with open_warehouse(home).session() as session:
        session.execute(f"{RULES}, 'New' as label_en, '\u65b0' as label_zh")
    at_start = load_run(home, release_id).code_version

    for change in (home.dbt_project / "models" / "marts" / "own.sql", home.expectations / "drift.yml"):
        change.write_text(change.read_text() + "\n")
        build.build_candidate(home, release_id)
        with open_warehouse(home).session() as session:
            built = session.rows("select code_version from work.own")
        assert built == [(code_version(home),)] != [(at_start,)]
        assert load_run(home, release_id).code_version == code_version(home)

    with open_warehouse(home).session() as session:
        session.execute(f"{RULES}, 'Fresh' as label_en, '\u65b0' as label_zh")
        project = home.dbt_project / "dbt_project.yml"
        project.write_text(project.read_text().replace("new_days: 30", "new_days: 60"))
        kept, now = (of(home, session, release_id) for of in (rules_of, rules_in_force))
    assert (kept.lifecycle[0].label_en, kept.thresholds["new_days"]) == ("New", 30)
    assert (now.lifecycle[0].label_en, now.thresholds["new_days"]) == ("Fresh", 60)
