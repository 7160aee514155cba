"""Customers as the marts see them, written by hand, so that actions are tested without building what they stand on.

Every table has one row a customer with plain values: somebody who bought twice, is stable, of medium value and agreed to all. A
test says what is different.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import pandas as pd

from kehu.scoring.score_tables import SCORE_TABLES
from kehu.settings import PROJECT_ROOT
from tests.support.rendered_models import rendered

MODELS = ("feat_customer_consents", "feat_actions_due", "customer_actions", "action_results")
SEEDS = ("action_rules", "care_days")
_COLUMNS = {
    "core_customers": (
        "customer_id varchar, marketing_consent boolean, email_consent boolean, "
        "sms_consent boolean, phone_consent boolean, birth_date date, consent_updated_at timestamp"
    ),
    "int_records_merge": "record_id varchar, customer_id varchar",
    "int_countries_list_names": "country_name varchar, country_code varchar",
    "feat_customers_known": "customer_id varchar, country varchar, is_inferred boolean, first_seen_date date",
    "feat_customer_contacts": "customer_id varchar, preferred_channel varchar, last_contact_date date",
    "feat_campaign_arms": (
        "customer_id varchar, campaign_id varchar, arm varchar, start_date date, sent_date date, "
        "responded_at timestamp, unsubscribed_at timestamp, cost_amount decimal(18, 2)"
    ),
    "feat_campaigns": "campaign_id varchar, channel varchar, end_date date",
    "feat_customer_stages": (
        "customer_id varchar, lifecycle_stage varchar, lifecycle_reason varchar, relationship_stage varchar, "
        "relationship_reason varchar, value_tier varchar, purchase_day_count bigint, first_purchase_date date, "
        "last_purchase_date date, own_cadence_days double, at_risk_limit_days double, "
        "days_since_last_order integer, returned_on date, later_net_revenue decimal(18, 2), "
        "earlier_net_revenue decimal(18, 2)"
    ),
    "feat_tickets": "customer_id varchar, kind varchar, is_open boolean, created_date date",
    "feat_opportunities": "customer_id varchar, is_open boolean, created_date date",
    "feat_purchase_days": "customer_id varchar, purchase_number bigint, gap_days integer",
    "feat_loyalty_lots": "customer_id varchar, open_points decimal(18, 2), expires_date date",
    "feat_orders": (
        "customer_id varchar, gross_revenue decimal(18, 2), discounts decimal(18, 2), cost decimal(18, 2), "
        "order_date date"
    ),
    "feat_refunds": "customer_id varchar, amount decimal(18, 2), cost_credit decimal(18, 2), refund_date date",
    "customer_priority": (
        "customer_id varchar, priority varchar, service_tier varchar, churn_probability double, "
        "revenue_at_risk decimal(18, 2)"
    ),
    "customer_loyalty": (
        "customer_id varchar, points_to_next_tier decimal(18, 2), qualifying_points decimal(18, 2), tier_since date"
    ),
    "customer_satisfaction": "customer_id varchar, nps_score integer, last_answer_date date",
    "customer_recommendations": "customer_id varchar, product_id varchar, kind varchar, recommendation_rank integer",
}
"""Columns with their types of every table that the models read."""
_SPLIT = re.compile(r", (?![^(]*\))")
_TABLES = {table: dict(one.split(" ", 1) for one in _SPLIT.split(columns)) for table, columns in _COLUMNS.items()}
_ONE_A_CUSTOMER = (
    *("core_customers", "feat_customers_known", "feat_customer_contacts", "feat_customer_stages", "customer_priority"),
)
_PLAIN: dict[str, object] = {
    "is_inferred": False,
    "first_seen_date": "2019-01-01",
    "marketing_consent": True,
    "preferred_channel": "email",
    "lifecycle_stage": "active",
    "lifecycle_reason": "no_other_rule",
    "relationship_stage": "stable",
    "relationship_reason": "no_other_rule",
    "value_tier": "medium",
    "purchase_day_count": 2,
    "first_purchase_date": "2019-06-15",
    "own_cadence_days": 40.0,
    "at_risk_limit_days": 60.0,
    "priority": "P3",
    "service_tier": "regular",
    "churn_probability": 0.1,
    "revenue_at_risk": 10,
}


class ActionShop:
    """A DuckDB in memory in which the models of actions are built."""

    def __init__(self, **variables: object) -> None:
        self.variables = variables
        self.connection = duckdb.connect()
        self.connection.execute(f"create table last_actions ({SCORE_TABLES['last_actions']})")
        for seed in SEEDS:
            file = PROJECT_ROOT / "dbt_project" / "seeds" / f"{seed}.csv"
            self.connection.execute(f"create table {seed} as from read_csv('{file}')")

    def put(
        self, as_of: str, customers: Mapping[str, Mapping[str, Any]], **events: Sequence[Mapping[str, Any]]
    ) -> None:
        """Write the tables that actions stand on.

        Args:
            as_of: D; who says nothing else bought 20 days before.
            customers: by id what is not plain, of any table with one row a customer.
            events: rows of the other tables, by their name.
        """
        plain = _PLAIN | {
            "last_purchase_date": str(date.fromisoformat(as_of) - timedelta(days=20)),
            "days_since_last_order": 20,
        }
        people = [{"customer_id": one, **plain, **different} for one, different in customers.items()]
        rows: dict[str, Sequence[Mapping[str, Any]]] = {**dict.fromkeys(_ONE_A_CUSTOMER, people), **events}
        for table, columns in _TABLES.items():
            given = pd.DataFrame(rows.get(table, ()), columns=[*columns], dtype=object)
            self.connection.register("given", given)
            casts = ", ".join(f"cast({column} as {kind}) as {column}" for column, kind in columns.items())
            self.connection.execute(f"create or replace table {table} as select {casts} from given")

    def build(self, as_of: str, *models: str, **variables: object) -> None:
        """Build the models of D."""
        for model in models or MODELS:
            sql = rendered(model, as_of, **{**self.variables, **variables})
            self.connection.execute(f"create or replace table {model} as {sql}")

    def actions(self, as_of: str, **variables: object) -> dict[tuple[str, str], dict[str, Any]]:
        """Build the actions of D; the rows by customer and action."""
        self.build(as_of, **variables)
        return {
            (row["customer_id"], row["action"]): row for row in self.records("from customer_actions order by due_date")
        }

    def records(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a query as dictionaries."""
        return self.connection.sql(sql).to_arrow_table().to_pylist()

    def remember(self) -> None:
        """Make what is listed what the next release goes on from."""
        columns = ", ".join(column.split()[0] for column in SCORE_TABLES["last_actions"].split(","))
        self.connection.execute("delete from last_actions")
        self.connection.execute(
            f"insert into last_actions by name select {columns} from customer_actions where kind <> 'none'"
        )
