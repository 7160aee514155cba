"""What stands between features and marts: scores of purchase models and churn risk, and the actions of the release before.

Schema ``candidate_<release>_scores``, read by the marts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from kehu.session import Session

SCORE_TABLES: dict[str, str] = {
    "clv_scores": """
        segment varchar, x integer, t_x_days integer, t_days integer, has_spend boolean, model_name varchar,
        model_grade varchar, probability_alive double precision, expected_orders double precision,
        discounted_orders double precision, value_base double precision, value_slope double precision,
        low_base double precision, low_slope double precision, high_base double precision,
        high_slope double precision""",
    "clv_parameters": """
        segment varchar, model_name varchar, kind varchar, parameter varchar, value double precision,
        standard_error double precision, is_chosen boolean, is_frozen boolean""",
    "clv_model_quality": """
        segment varchar, model_name varchar, kind varchar, parameters varchar, reason varchar, at_bound varchar,
        grade varchar, best_baseline varchar, log_likelihood double precision, customers bigint,
        repeat_customers bigint, tuples bigint, history_weeks double precision, holdout_weeks integer,
        holdout_customers bigint, holdout_purchases bigint, holdout_expected double precision,
        holdout_mae double precision, holdout_rmse double precision, holdout_total_error double precision,
        best_baseline_rmse double precision, value_frequency_correlation double precision, is_converged boolean,
        is_trustworthy boolean, is_chosen boolean, is_frozen boolean, is_pooled boolean""",
    "clv_tracking": """
        segment varchar, model_name varchar, week integer, is_holdout boolean, actual double precision,
        expected double precision, cumulative_actual double precision, cumulative_expected double precision""",
    "clv_calibration": """
        segment varchar, frequency varchar, sort_order integer, customers bigint, actual double precision,
        expected double precision""",
    "clv_gains": """
        segment varchar, decile integer, customers double precision, actual double precision, expected double precision,
        share_of_actual double precision, cumulative_share_of_actual double precision""",
    "clv_new_customers": """
        acquisition_channel varchar, model_name varchar, model_grade varchar, reason varchar, customers bigint,
        repeat_customers bigint, expected_orders double precision, discounted_orders double precision,
        expected_order_value double precision, is_pooled boolean""",
    "risk_choice": "model_name varchar, judged_name varchar, grade varchar, reason varchar",
    "risk_coefficients": """
        purpose varchar, model_name varchar, feature varchar, sort_order integer, mean double precision,
        deviation double precision, coefficient double precision""",
    "risk_table": """
        purpose varchar, frequency_band integer, overdue_band integer, customers bigint, customers_left bigint,
        probability double precision""",
    "risk_record": """
        model_name varchar, sort_order integer, is_used boolean, is_judged boolean, customers bigint,
        base_rate double precision, mean_probability double precision, auc double precision, log_loss double precision,
        brier double precision, calibration_error double precision, precision_high double precision,
        recall_high double precision, precision_medium double precision, recall_medium double precision,
        lift_top_tenth double precision""",
    "risk_tenths": """
        model_name varchar, tenth integer, customers double precision, expected_left double precision,
        customers_left double precision""",
    "last_actions": """
        action_id varchar, customer_id varchar, action varchar, period varchar, reason varchar, figures varchar, arm varchar,
        status varchar, done_reason varchar, is_evaluated boolean, due_date date, first_listed_date date, done_date date,
        left_evaluation_on date""",
}
"""Columns of every table, as DDL that DuckDB and Postgres both read. ``clv_scores`` has one row per segment and RFM summary
(``x``, ``t_x_days``, ``t_days``, ``has_spend``); the value of an order is ``value_base + value_slope × repeat_value``, and the
interval of the discounted value ``low_base + low_slope × repeat_value`` to ``high_base + high_slope × repeat_value``, all
before the margin rate. ``risk_*`` is churn risk: the ``purpose`` of coefficients and table is ``used`` (they score D), ``judged``
(they are those whose record is published) or ``shown``. ``last_actions`` is what the current release has listed."""


def replace_scores(session: Session, schema: str, tables: Mapping[str, pa.Table]) -> None:
    """Make ``tables`` the whole content of a scores schema, in one transaction; a table not named is empty."""
    with session.transaction():
        session.execute(f"drop schema if exists {schema} cascade")
        session.execute(f"create schema {schema}")
        for name, columns in SCORE_TABLES.items():
            session.execute(f"create table {schema}.{name} ({columns})")
            if name in tables:
                session.append_arrow(f"{schema}.{name}", tables[name])


def arrow_rows(table: str, rows: Sequence[Mapping[str, object]]) -> pa.Table:
    """Rows of one of these tables as Arrow, typed by its columns; what a row does not name is null."""
    names = [column.split()[0] for column in SCORE_TABLES[table].split(",")]
    kinds = [" ".join(column.split()[1:]) for column in SCORE_TABLES[table].split(",")]
    schema = pa.schema([(name, _ARROW[kind]) for name, kind in zip(names, kinds, strict=True)])
    unknown = {name for row in rows for name in row} - set(names)
    if unknown:
        raise ValueError(f"{table} has no columns {sorted(unknown)}")
    return pa.Table.from_pylist([dict(row) for row in rows], schema=schema)


_ARROW = {
    "varchar": pa.string(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "double precision": pa.float64(),
}
