"""Learn between features and marts who will leave: read samples that name nobody, write what SQL scores everybody by.

Part of the step ``scores``, with the purchase models.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import fields
from datetime import date

import pyarrow as pa

from kehu.errors import ConfigurationError
from kehu.risk.choice import Choice, choose
from kehu.risk.policy import Policy
from kehu.scoring.churn_rows import risk_tables
from kehu.scoring.churn_windows import ChurnWindows
from kehu.session import Session

log = logging.getLogger(__name__)


def score_churn_risk(
    session: Session, features: str, as_of: date, policy: Policy
) -> tuple[dict[str, pa.Table], Choice]:
    """Choose and fit on the features of schema ``features``.

    Returns:
        The tables ``risk_*`` of ``scoring/score_tables.py``, and the choice.
    """
    started = time.perf_counter()
    windows = ChurnWindows(session, features, as_of, policy.risk_horizon_days, policy.risk_sample)
    samples = (windows.read(1), windows.read(2), windows.read(3))
    choice = choose(samples, windows.customers(), windows.history_days(), policy)
    seconds = time.perf_counter() - started
    log.info("churn risk by %s, grade %s: %s (%.1f s)", choice.used, choice.grade, choice.reason, seconds)
    return risk_tables(choice), choice


def risk_policy(variables: Mapping[str, object], file: str) -> Policy:
    """The thresholds of churn risk among the dbt vars; ``file`` is where the company sets its own.

    Raises:
        ConfigurationError: one is not usable.
    """
    names = [one.name for one in fields(Policy)]
    try:
        return Policy(**{name: variables[name] for name in names if name in variables})  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"a var of churn risk is not valid: {error}",
            fix="see the vars risk_* in dbt_project/dbt_project.yml",
            file=file,
        ) from error
