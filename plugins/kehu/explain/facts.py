"""What an explanation is made of: the published figures of one customer, read as the sections ask for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from kehu.explain.figures import percent_text
from kehu.explain.wording import Words
from kehu.release.manifest import Rules
from kehu.release.reader import ReleaseReader

_CUSTOMER = """
    select
        customer_id, order_count, gross_revenue, discounts, refunds, net_revenue, margin, value_tier,
        relationship_stage, predicted_clv, probability_alive, churn_risk_band, priority
    from analytics.dim_customers
    where customer_id = ?
"""


@dataclass(frozen=True)
class Facts:
    """One customer in one release; a dictionary without a row of its table is empty."""

    words: Words
    language: str
    currency: str
    rules: Rules
    as_of: date
    customer_id: str
    release: ReleaseReader

    def threshold(self, name: str) -> Any:
        """A dbt var as it was when the release was built."""
        return self.rules.thresholds.get(name)

    def row(self, sql: str, *parameters: object) -> dict[str, Any]:
        """The only row of a query by column, or an empty dictionary."""
        rows = self.release.records(sql, parameters)
        return rows[0] if rows else {}

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.release.rows(sql, parameters)

    @cached_property
    def customer(self) -> dict[str, Any]:
        """The row of ``dim_customers``, without names and addresses: they are no part of an explanation."""
        return self.row(_CUSTOMER, self.customer_id)

    @cached_property
    def lifecycle(self) -> dict[str, Any]:
        """The row of ``customer_lifecycle``."""
        return self.row("select * from analytics.customer_lifecycle where customer_id = ?", self.customer_id)

    @cached_property
    def lifetime(self) -> dict[str, Any]:
        """The row of ``customer_lifetime_value``."""
        return self.row("select * from analytics.customer_lifetime_value where customer_id = ?", self.customer_id)

    @property
    def alive(self) -> str | None:
        """The probability of still buying; where the model says 1 by construction, with that note. None without a prediction."""
        alive = self.customer["probability_alive"]
        if alive is None:
            return self.words("alive_baseline") if self.lifetime.get("model_grade") == "C" else None
        model = self.lifetime.get("model_name")
        if model == "nbd" or (model == "bg_nbd" and self.lifetime.get("x") == 0):
            return self.words(f"alive_{model}", value=percent_text(alive))
        return percent_text(alive)


@dataclass(frozen=True)
class Section:
    """One part of an explanation.

    Attributes:
        position: where it stands; sections are numbered in tens, so that one more fits between.
        lines: its lines of text.
    """

    position: int
    lines: Callable[[Facts], list[str]]
