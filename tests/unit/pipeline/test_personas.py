"""From the features of one release through its publication to the features of the next: personas stay who they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from kehu.errors import ConfigurationError
from kehu.personas.finding import Personas
from kehu.personas.policy import Policy
from kehu.pipeline.personas import policy, write_personas
from kehu.pipeline.variables import effective_variables
from kehu.session import Session
from kehu.settings import Settings
from kehu.sources.config import load_sources
from tests.unit.personas.planted import CENTRES, MEASURES, planted
from tests.unit.release.candidates import (
    add_candidate,
    check_again,
    identity,
    ops_session,
    published,
    rolled_back,
    settings_for,
)

pytestmark = pytest.mark.slow

FIRST, SECOND, THIRD = (identity(f"2018-01-0{day}") for day in (1, 2, 3))
SHOP = "sources: [{name: shop, kind: files, path: ., entities: {orders: {}}}]\n"
MEANS, DEVIATIONS = (2.0, 1.0, 4.0, 0.3), (0.5, 2.0, 1.0, 0.1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = settings_for(tmp_path)
    with ops_session(found) as session:
        words = [
            {"measure": name, "sort_order": place, "high_en": f"high {name}", "high_zh": f"{name}高", "low_en": f"low {name}",
             "low_zh": f"{name}低"}
            for place, name in enumerate(MEASURES)
        ]  # fmt: skip
        session.execute(
            "create table seeds.persona_words (measure varchar, sort_order integer, high_en varchar, high_zh varchar,"
            " low_en varchar, low_zh varchar)"
        )
        session.append("seeds.persona_words", words)
    return found


def features(session: Session, name: str, *, factor: float = 1.0, sizes: tuple[int, ...] = (300, 220, 140)) -> str:
    """The features of planted customers; ``factor`` stretches this release's scale."""
    schema = f"candidate_{name}_features"
    session.execute(f"create schema {schema}")
    sample = planted(sizes=sizes)
    columns = {measure: sample.values[:, place] / factor for place, measure in enumerate(MEASURES)}
    columns |= {"customers": sample.weights, "silhouette_customers": sample.judges}
    names = ", ".join(f"{column} double" for column in columns)
    session.execute(f"create table {schema}.feat_persona_sample ({names})")
    session.append_arrow(
        f"{schema}.feat_persona_sample", pa.table({key: np.asarray(value) for key, value in columns.items()})
    )
    session.execute(f"create table {schema}.feat_persona_scale (measure varchar, mean double, deviation double)")
    scale = zip(MEASURES, MEANS, DEVIATIONS, strict=True)
    rows = [{"measure": measure, "mean": mean, "deviation": deviation * factor} for measure, mean, deviation in scale]
    session.append(f"{schema}.feat_persona_scale", rows)
    return schema


def release(settings: Settings, name: str, minutes: int = 0, **given: object) -> Personas:
    """Find the personas of a release and publish it, its marts as dbt would make them."""
    add_candidate(settings, name)
    with ops_session(settings) as session:
        target = f"candidate_{name}_personas"
        found = write_personas(session, features(session, name, **given), target, Policy())  # type: ignore[arg-type]
        session.execute(f"create table candidate_{name}.personas as select * from {target}.persona_names")
        session.execute(f"create table candidate_{name}.persona_traits as select * from {target}.persona_centres")
        check_again(session, name)
    published(settings, name, minutes)
    return found


def names(found: Personas) -> list[tuple[str, str, str]]:
    return [(one.code, one.label_en, one.label_zh) for one in found.found]


def in_force(settings: Settings) -> Policy:
    company = load_sources(settings.sources).for_models
    return policy(effective_variables(settings, company), settings.sources.name)


def test_the_next_release_knows_the_personas_on_its_own_scale(settings: Settings) -> None:
    first = release(settings, FIRST)
    second = release(settings, SECOND, 1, factor=1.25)
    assert names(second) == names(first)
    for one, before in zip(second.found, first.found, strict=True):
        assert one.centre == pytest.approx(before.centre / 1.25, abs=1e-5)
    with ops_session(settings) as session:
        levels = session.rows(
            "select persona, measure, level from ops.published_persona_centres order by persona, measure"
        )
        assert {row[0] for row in session.rows("select release_id from ops.published_persona_centres")} == {SECOND}
    placed = {(persona, measure): level for persona, measure, level in levels}
    for place, one in enumerate(first.found):
        for at, measure in enumerate(MEASURES):
            assert placed[one.code, measure] == pytest.approx(MEANS[at] + DEVIATIONS[at] * CENTRES[place][at], abs=0.15)


def test_the_same_release_again_is_the_same_to_the_last_digit(settings: Settings) -> None:
    first, second = release(settings, FIRST), release(settings, SECOND, 1)
    assert names(first) == names(second)
    assert [one.centre.tolist() for one in first.found] == [one.centre.tolist() for one in second.found]


def test_a_release_without_personas_does_not_make_them_forgotten(settings: Settings) -> None:
    first = release(settings, FIRST)
    nobody = release(settings, SECOND, 1, sizes=(10, 10, 10))
    assert nobody.found == ()
    assert names(release(settings, THIRD, 2)) == names(first)


def test_a_rollback_brings_back_the_personas_of_its_release(settings: Settings) -> None:
    release(settings, FIRST)
    release(settings, SECOND, 1, factor=2.0)
    rolled_back(settings, FIRST)
    with ops_session(settings) as session:
        assert session.rows("select distinct release_id from ops.published_persona_centres") == [(FIRST,)]


def test_what_is_written_says_why_there_are_none(settings: Settings) -> None:
    release(settings, FIRST, sizes=(10, 10, 10))
    with ops_session(settings) as session:
        schema = f"candidate_{FIRST}_personas"
        assert session.rows(f"select persona, reason_en from {schema}.persona_names") == [
            ("unknown", "customers with an order: 30; at least 100 are needed (persona_min_customers)")
        ]
        assert session.rows(f"select persona_count, is_chosen from {schema}.persona_choice") == [(1, True)]
        assert session.rows(f"select count(*) from {schema}.persona_centres") == [(0,)]


def test_a_threshold_of_a_company_is_in_force_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    file = tmp_path / "sources.yml"
    file.write_text(f"{SHOP}vars: {{persona_max_count: 5}}\n")
    assert in_force(settings_for(tmp_path, sources=file)) == Policy(max_count=5)
    file.write_text(f"{SHOP}vars: {{persona_max_count: 12}}\n")
    with pytest.raises(ConfigurationError, match="persona_max_count is a whole number from 2 up to 8"):
        in_force(settings_for(tmp_path, sources=file))
