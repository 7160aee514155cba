"""The step between features and marts: fit the purchase models, backtest them, score the distinct RFM summaries.

What comes in are summaries with the number of customers who share them, what goes out are scores of these summaries; the
marts join them back to customers. Memory depends on the number of distinct summaries, not on that of customers.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import fields

import pyarrow as pa

from kehu.clock import utc_now
from kehu.clv.policy import Policy
from kehu.errors import ConfigurationError
from kehu.files.fault_points import step
from kehu.ops.events import published_parameters
from kehu.ops.tables import features_schema, scores_schema
from kehu.pipeline import bookkeeping
from kehu.pipeline.runs import Run, load_run
from kehu.pipeline.validity import state
from kehu.pipeline.validity.fingerprints import scoring_code_digest
from kehu.pipeline.validity.inputs import StepInputs
from kehu.pipeline.validity.retries import is_marked, mark, require_step, start_over, step_made_from
from kehu.pipeline.variables import dbt_variables, vars_in_force
from kehu.scoring.rfm_summaries import RfmSummaries
from kehu.scoring.score_tables import replace_scores
from kehu.scoring.segment_scores import Frozen, SegmentOutcome, SegmentScorer
from kehu.session import Session
from kehu.settings import Settings
from kehu.sources.config import load_sources
from kehu.transform.results import NodeResult
from kehu.warehouse.factory import open_warehouse

log = logging.getLogger(__name__)

_STEP = "scores"


def score_lifetime_value(settings: Settings, release_id: str) -> None:
    """Fit, backtest and score the purchase models on the run's features; nothing to do if that is done already.

    Raises:
        TransformError: the state or the features are not those of this run.
        ConfigurationError: a var of the lifetime value is not valid.
    """
    run = load_run(settings, release_id)
    policy = policy_in_force(vars_in_force(settings))
    warehouse = open_warehouse(settings)
    with warehouse.writing(f"kehu score {release_id}"), warehouse.session() as session:
        state.require(settings, session, run)
        _require_features(settings, session, run)
        made_from = _made_from(settings, session, run)
        if is_marked(session, run, _STEP, made_from):
            log.info("the purchase models have been scored on these features: nothing to do")
            return
        frozen = frozen_parameters(settings, session)
        tables, outcomes = score_features(session, features_schema(release_id), policy, frozen)
        step("score:computed")
        start_over(session, run, _STEP)
        replace_scores(session, scores_schema(release_id), tables)
        step("score:written")
        bookkeeping.record_nodes(session, release_id, _STEP, [_node(outcome) for outcome in outcomes])
        mark(session, run, _STEP, made_from)
    step("score:recorded")


def require_scores(settings: Settings, session: Session, run: Run) -> None:
    """Make sure that features and scores are those that the run would make now.

    Raises:
        TransformError: they are not.
    """
    _require_features(settings, session, run)
    require_step(session, run, _STEP, _made_from(settings, session, run))


def score_features(
    session: Session, features: str, policy: Policy, frozen: Frozen
) -> tuple[dict[str, pa.Table], list[SegmentOutcome]]:
    """Score what is in a schema of features.

    Returns:
        The tables of ``scoring/score_tables.py``, and what came of each segment.
    """
    started = time.perf_counter()
    scorer = SegmentScorer(RfmSummaries(session, features), policy, frozen)
    tables = scorer.run()
    for outcome in scorer.outcomes:
        log.info("%s: grade %s, %s", outcome.segment, outcome.grade, outcome.reason)
    rows = tables["clv_scores"].num_rows
    log.info("%d distinct summaries are scored in %.1f s", rows, time.perf_counter() - started)
    return tables, scorer.outcomes


def policy_in_force(variables: Mapping[str, object]) -> Policy:
    """The thresholds of the lifetime value among the dbt vars.

    Raises:
        ConfigurationError: one is missing, no number or out of its range.
    """
    names = [one.name for one in fields(Policy)]
    given = {name: variables[name] for name in names if name in variables}
    wrong = [name for name, value in given.items() if isinstance(value, bool) or not isinstance(value, int | float)]
    fix = "see vars in dbt_project/dbt_project.yml and vars in your sources.yml"
    if wrong:
        raise ConfigurationError("a var of the lifetime value must be a number", fix=fix, vars=wrong)
    try:
        return Policy(**given)  # type: ignore[arg-type]
    except ValueError as error:
        raise ConfigurationError(f"a var of the lifetime value is not valid: {error}", fix=fix) from None


def frozen_parameters(settings: Settings, session: Session) -> Frozen:
    """The published parameters by segment and model, where the var ``clv_parameters`` asks for them; else none.

    Raises:
        ConfigurationError: the var is neither of its two words.
    """
    mode = vars_in_force(settings)["clv_parameters"]
    if mode not in ("fitted", "frozen"):
        raise ConfigurationError("var clv_parameters must be fitted or frozen", fix="correct it", got=mode)
    if mode == "fitted":
        return {}
    frozen: dict[str, dict[str, dict[str, float]]] = {}
    for segment, model, parameter, value in published_parameters(session):
        frozen.setdefault(segment, {}).setdefault(model, {})[parameter] = value
    return frozen


def _require_features(settings: Settings, session: Session, run: Run) -> None:
    variables = _variables(settings, run)
    require_step(session, run, "features", step_made_from(run, "features", variables, settings.dbt_project))


def _made_from(settings: Settings, session: Session, run: Run) -> str:
    """A digest of features, code, vars and frozen parameters."""
    features = step_made_from(run, "features", _variables(settings, run), settings.dbt_project)
    return StepInputs(features, scoring_code_digest(), {"frozen": frozen_parameters(settings, session)}).digest()


def _variables(settings: Settings, run: Run) -> dict[str, object]:
    return dbt_variables(settings, run.release_id, run.as_of, load_sources(settings.sources).for_models)


def _node(outcome: SegmentOutcome) -> NodeResult:
    """What is kept in ``ops.node_results`` of a segment."""
    return NodeResult(
        attempt=1,
        node_id=f"score.kehu.{outcome.segment}",
        name=outcome.segment,
        resource_type="score",
        status="success",
        seconds=round(outcome.seconds, 3),
        message=f"{outcome.model_name}, grade {outcome.grade}: {outcome.reason}",
        failures=0,
        finished_at=utc_now().isoformat(),
    )
