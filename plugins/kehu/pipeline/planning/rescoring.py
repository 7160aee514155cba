"""Fits and scores on the features of a plan, as a run does on its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kehu.ops.tables import features_schema, personas_schema, scores_schema
from kehu.pipeline.churn_risk import risk_policy, score_churn_risk
from kehu.pipeline.lifetime_value import frozen_parameters, policy_in_force, score_features
from kehu.pipeline.personas import policy as persona_policy
from kehu.pipeline.personas import write_personas
from kehu.pipeline.runs import Run
from kehu.scoring.score_tables import replace_scores
from kehu.session import Session


def rescore(session: Session, kind: str, run: Run, variables: Mapping[str, Any], file: str) -> str:
    """Make ``scores`` or ``personas`` anew.

    Args:
        session: an open session of the scratch database.
        kind: which of the two.
        run: the run behind the published release.
        variables: every var that is not one run's own.
        file: where the company sets its own.

    Returns:
        The schema that was written.
    """
    features = features_schema(run.release_id)
    if kind == "personas":
        target = personas_schema(run.release_id)
        write_personas(session, features, target, persona_policy(variables, file))
        return target
    target = scores_schema(run.release_id)
    frozen = frozen_parameters(variables, session)
    tables = score_features(session, features, policy_in_force(variables), frozen)[0]
    tables |= score_churn_risk(session, features, run.as_of, risk_policy(variables, file))[0]
    replace_scores(session, target, tables)
    return target
