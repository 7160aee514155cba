"""Look for personas among the customers of a release: read a sample that names nobody, write centres and names back.

Assigning every customer to the nearest centre is the marts' work, in SQL.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
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
from kehu.pipeline.context import RunContext, open_run
from kehu.pipeline.validity import retries, state
from kehu.pipeline.validity.fingerprints import personas_code_digest
from kehu.pipeline.validity.inputs import StepInputs
from kehu.scoring.persona_rows import Scale, persona_rows
from kehu.scoring.persona_tables import replace_personas
from kehu.session import Session, iterate
from kehu.settings import Settings

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
    context = open_run(settings, release_id)
    run, in_force = context.run, policy(context.thresholds, settings.sources.name)
    with context.warehouse.writing(f"kehu personas {release_id}"), context.warehouse.session() as session:
        state.require(context, session)
        retries.require_step(session, run, "features", _features_made_from(context))
        made_from = _made_from(context, session)
        if retries.is_marked(session, run, STEP, made_from):
            log.info("the personas are up to date: nothing to find")
            return
        retries.start_over(session, run, STEP)
        found = write_personas(session, features_schema(release_id), personas_schema(release_id), in_force)
        retries.mark(session, run, STEP, made_from)
    log.info("%d personas%s", len(found.found), f": {found.reason[0]}" if found.reason else "")


def require_personas(context: RunContext, session: Session) -> None:
    """Make sure that the personas are those of the run's features.

    Raises:
        TransformError: they have not been looked for since the features changed.
    """
    retries.require_step(session, context.run, STEP, _made_from(context, session))


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


def policy(values: Mapping[str, Any], file: str) -> Policy:
    """The thresholds among the vars; ``file`` is where the company sets its own.

    Raises:
        ConfigurationError: one is not usable.
    """
    names = [one.name for one in fields(Policy)]
    try:
        return Policy(**{name: values[f"persona_{name}"] for name in names})
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"a threshold of personas is not usable: {error}",
            fix="see the vars persona_* in dbt_project/dbt_project.yml",
            file=file,
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


def _features_made_from(context: RunContext) -> str:
    return retries.step_made_from(context.run, "features", context.variables, context.settings.dbt_project)


def _made_from(context: RunContext, session: Session) -> str:
    last = {"last": session.rows(PUBLISHED_CENTRES)}
    return StepInputs(_features_made_from(context), personas_code_digest(), last).digest()
