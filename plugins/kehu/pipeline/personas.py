"""Look for personas among the customers of a release: read a sample that names nobody, write centres and names back.

Assigning every customer to the nearest centre is the marts' work, in SQL.
"""

from __future__ import annotations

import logging
from dataclasses import fields
from typing import Any

import numpy as np

from kehu.errors import ConfigurationError
from kehu.ops.events import PUBLISHED_CENTRES
from kehu.ops.tables import features_schema, personas_schema
from kehu.personas.finding import Personas, find_personas
from kehu.personas.lineage import LastPersonas
from kehu.personas.naming import MeasureWords
from kehu.personas.policy import Policy
from kehu.personas.sample import Sample
from kehu.pipeline.runs import Run, load_run
from kehu.pipeline.validity import retries, state
from kehu.pipeline.validity.fingerprints import personas_code_digest
from kehu.pipeline.validity.inputs import StepInputs
from kehu.pipeline.variables import dbt_variables, vars_in_force
from kehu.scoring.persona_rows import Scale, persona_rows
from kehu.scoring.persona_tables import replace_personas
from kehu.session import Session, iterate
from kehu.settings import Settings
from kehu.sources.config import load_sources
from kehu.warehouse.factory import open_warehouse

log = logging.getLogger(__name__)

STEP = "personas"
FLAT = 1e-6
"""A measure whose deviation is smaller tells nobody apart; feat_persona_points says the same."""


def score_personas(settings: Settings, release_id: str) -> None:
    """Find the personas of a release among its features, and write them for the marts.

    Raises:
        TransformError: the state is not the run's own, or the features are not current.
        ConfigurationError: a threshold is outside of its range.
    """
    run = load_run(settings, release_id)
    in_force = policy(settings)
    warehouse = open_warehouse(settings)
    with warehouse.writing(f"kehu personas {release_id}"), warehouse.session() as session:
        state.require(settings, session, run)
        retries.require_step(session, run, "features", _features_made_from(settings, run))
        made_from = _made_from(settings, session, run)
        if retries.is_marked(session, run, STEP, made_from):
            log.info("the personas are up to date: nothing to find")
            return
        retries.start_over(session, run, STEP)
        found = write_personas(session, features_schema(release_id), personas_schema(release_id), in_force)
        retries.mark(session, run, STEP, made_from)
    log.info("%d personas%s", len(found.found), f": {found.reason[0]}" if found.reason else "")


def require_personas(settings: Settings, session: Session, run: Run) -> None:
    """Make sure that the personas are those of the run's features.

    Raises:
        TransformError: they have not been looked for since the features changed.
    """
    retries.require_step(session, run, STEP, _made_from(settings, session, run))


def write_personas(session: Session, features: str, target: str, in_force: Policy) -> Personas:
    """Find the personas in schema ``features`` and make them the whole content of schema ``target``."""
    scale = {
        row["measure"]: (row["mean"], row["deviation"])
        for row in iterate(session, f"select * from {features}.feat_persona_scale order by measure")
    }
    words = {
        row["measure"]: MeasureWords(row["high_en"], row["high_zh"], row["low_en"], row["low_zh"])
        for row in iterate(session, "select * from seeds.persona_words order by sort_order")
    }
    sample = _sample(session, features, tuple(words))
    found = find_personas(sample, _last(session, sample.measures, scale), words, in_force)
    replace_personas(session, target, persona_rows(found, sample.measures, scale))
    return found


def policy(settings: Settings) -> Policy:
    """The thresholds in force: those of the company, else those of the dbt project."""
    values: dict[str, Any] = vars_in_force(settings)
    names = [one.name for one in fields(Policy)]
    try:
        return Policy(**{name: values[f"persona_{name}"] for name in names})
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"a threshold of personas is not usable: {error}",
            fix="see the vars persona_* in dbt_project/dbt_project.yml",
            file=settings.sources.name,
        ) from error


def _sample(session: Session, features: str, measures: tuple[str, ...]) -> Sample:
    rows = session.arrow(f"select * from {features}.feat_persona_sample")
    columns = [np.asarray(rows[name].to_pylist(), dtype=np.float64) for name in measures]
    return Sample(
        measures,
        np.column_stack(columns) if columns else np.empty((rows.num_rows, 0)),
        np.asarray(rows["customers"].to_pylist(), dtype=np.int64),
        np.asarray(rows["silhouette_customers"].to_pylist(), dtype=np.int64),
    )


def _last(session: Session, measures: tuple[str, ...], scale: Scale) -> LastPersonas | None:
    """The published personas, placed on this release's scale."""
    rows = list(iterate(session, PUBLISHED_CENTRES))
    if not rows:
        return None
    codes = tuple(sorted({row["persona"] for row in rows}, key=lambda code: int(code.removeprefix("p"))))
    centres = np.zeros((len(codes), len(measures)))
    labels: dict[str, list[tuple[int, tuple[str, bool]]]] = {code: [] for code in codes}
    for row in rows:
        if row["measure"] not in measures:
            continue
        centres[codes.index(row["persona"]), measures.index(row["measure"])] = _placed(
            row["level"], *scale[row["measure"]]
        )
        if row["label_rank"] is not None:
            labels[row["persona"]].append((row["label_rank"], (row["measure"], row["centre"] > 0)))
    named = tuple(tuple(trait for _, trait in sorted(labels[code])) for code in codes)
    return LastPersonas(codes, centres, named, max(row["last_number"] for row in rows))


def _placed(level: float, mean: float, deviation: float) -> float:
    return float(np.clip((level - mean) / deviation, -3, 3)) if deviation > FLAT else 0.0


def _features_made_from(settings: Settings, run: Run) -> str:
    variables = dbt_variables(settings, run.release_id, run.as_of, load_sources(settings.sources).for_models)
    return retries.step_made_from(run, "features", variables, settings.dbt_project)


def _made_from(settings: Settings, session: Session, run: Run) -> str:
    made = StepInputs(
        _features_made_from(settings, run), personas_code_digest(), {"last": session.rows(PUBLISHED_CENTRES)}
    )
    return made.digest()
