"""Fits and scores on the features of a plan, as a run does on its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kehu.gate.runner import tables_of
from kehu.ops.tables import features_schema, personas_schema, scores_schema
from kehu.pipeline.churn_risk import risk_policy, score_churn_risk
from kehu.pipeline.last_actions import TABLE as LAST_ACTIONS
from kehu.pipeline.lifetime_value import frozen_parameters, policy_in_force, score_features
from kehu.pipeline.personas import policy as persona_policy
from kehu.pipeline.personas import write_personas
from kehu.pipeline.runs import Run
from kehu.scoring.score_tables import replace_scores
from kehu.session import Session


def rescore(
    session: Session, kind: str, run: Run, variables: Mapping[str, Any], file: str
) -> tuple[str, set[str], set[str]]:
    """Make ``scores`` or ``personas`` anew.

    Args:
        session: an open session of the scratch database.
        kind: which of the two.
        run: the run behind the published release.
        variables: every var that is not one run's own.
        file: where the company sets its own.

    Returns:
        The schema that was written, and its tables in the release and now.
    """
    features = features_schema(run.release_id)
    target = {"scores": scores_schema, "personas": personas_schema}[kind](run.release_id)
    before = tables_of(session, target)
    if kind == "personas":
        write_personas(session, features, target, persona_policy(variables, file))
        return target, before, tables_of(session, target)
    frozen = frozen_parameters(variables, session)
    tables = score_features(session, features, policy_in_force(variables), frozen)[0]
    tables |= score_churn_risk(session, features, run.as_of, risk_policy(variables, file))[0]
    if LAST_ACTIONS in before:  # what the release before had listed: an edit does not change that
        tables[LAST_ACTIONS] = session.arrow(f"select * from {target}.{LAST_ACTIONS}")
    replace_scores(session, target, tables)
    return target, before, tables_of(session, target)
