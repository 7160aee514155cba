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
from kehu.pipeline.churn_risk import risk_policy, score_churn_risk
from kehu.pipeline.context import RunContext, open_run
from kehu.pipeline.last_actions import last_actions_release, read_last_actions
from kehu.pipeline.validity import state
from kehu.pipeline.validity.fingerprints import scoring_code_digest
from kehu.pipeline.validity.inputs import StepInputs
from kehu.pipeline.validity.retries import is_marked, mark, require_step, start_over, step_made_from
from kehu.scoring.rfm_summaries import RfmSummaries
from kehu.scoring.score_tables import replace_scores
from kehu.scoring.segment_scores import Frozen, SegmentOutcome, SegmentScorer
from kehu.session import Session
from kehu.settings import Settings
from kehu.transform.results import NodeResult

log = logging.getLogger(__name__)

_STEP = "scores"


def score_lifetime_value(settings: Settings, release_id: str) -> None:
    """Fit, backtest and score the purchase models and churn risk on the run's features; nothing to do if that is done already.

    Raises:
        TransformError: the state or the features are not those of this run.
        ConfigurationError: a var of the lifetime value is not valid.
    """
    context = open_run(settings, release_id)
    run, policy = context.run, policy_in_force(context.thresholds)
    risk = risk_policy(context.thresholds, settings.sources.name)
    with context.warehouse.writing(f"kehu score {release_id}"), context.warehouse.session() as session:
        state.require(context, session)
        _require_features(context, session)
        made_from = _made_from(context, session)
        if is_marked(session, run, _STEP, made_from):
            log.info("the purchase models have been scored on these features: nothing to do")
            return
        frozen = frozen_parameters(context.thresholds, session)
        tables, outcomes = score_features(session, features_schema(release_id), policy, frozen)
        tables |= score_churn_risk(session, features_schema(release_id), run.as_of, risk)[0]
        tables |= read_last_actions(settings, run.as_of)
        step("score:computed")
        start_over(session, run, _STEP)
        replace_scores(session, scores_schema(release_id), tables)
        step("score:written")
        bookkeeping.record_nodes(session, release_id, _STEP, [_node(outcome) for outcome in outcomes])
        mark(session, run, _STEP, made_from)
    step("score:recorded")


def require_scores(context: RunContext, session: Session) -> None:
    """Make sure that features and scores are those that the run would make now.

    Raises:
        TransformError: they are not.
    """
    _require_features(context, session)
    require_step(session, context.run, _STEP, _made_from(context, session))


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


def frozen_parameters(variables: Mapping[str, object], session: Session) -> Frozen:
    """The published parameters by segment and model, where the var ``clv_parameters`` asks for them; else none.

    Raises:
        ConfigurationError: the var is neither of its two words.
    """
    mode = variables["clv_parameters"]
    if mode not in ("fitted", "frozen"):
        raise ConfigurationError("var clv_parameters must be fitted or frozen", fix="correct it", got=mode)
    if mode == "fitted":
        return {}
    frozen: dict[str, dict[str, dict[str, float]]] = {}
    for segment, model, parameter, value in published_parameters(session):
        frozen.setdefault(segment, {}).setdefault(model, {})[parameter] = value
    return frozen


def _require_features(context: RunContext, session: Session) -> None:
    require_step(session, context.run, "features", _features_made_from(context))


def _made_from(context: RunContext, session: Session) -> str:
    """A digest of features, code, vars, frozen parameters and the release whose actions are gone on from."""
    frozen = {
        "frozen": frozen_parameters(context.thresholds, session),
        "actions_of": last_actions_release(context.settings, context.run.as_of),
    }
    return StepInputs(_features_made_from(context), scoring_code_digest(), frozen).digest()


def _features_made_from(context: RunContext) -> str:
    return step_made_from(context.run, "features", context.variables, context.settings.dbt_project)


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
