"""The canonical entities: what a source may deliver (columns, types, keys).

Every value lands as text; ``Column.type`` is what staging casts it to. ``personal`` marks values that must not appear in
logs, results or error messages, and that an erasure removes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["text", "integer", "decimal", "rate", "boolean", "date", "timestamp"]

PLUMBING = ("_source", "_file", "_batch_id", "_row_number", "_extracted_at", "_extra", "_raw", "_error")
"""Columns that landing adds to every row, after the canonical ones."""
_PLUMBING_TYPES = {"_row_number": "bigint", "_extracted_at": "timestamp"}


@dataclass(frozen=True)
class Column:
    """One canonical column."""

    name: str
    type: ColumnType = "text"
    required: bool = False
    personal: bool = False


@dataclass(frozen=True)
class Entity:
    """One canonical entity; ``key`` is unique within a source."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """All canonical names in order, ``updated_at`` and ``is_deleted`` last."""
        return tuple(column.name for column in self.columns)

    @property
    def landed(self) -> dict[str, str]:
        """Every column of a landed row and its SQL type, the same on all warehouses: text, but for some of Kehu's own."""
        return {name: _PLUMBING_TYPES.get(name, "varchar") for name in (*self.column_names, *PLUMBING)}

    @property
    def required(self) -> tuple[str, ...]:
        """The names that a source must deliver."""
        return tuple(column.name for column in self.columns if column.required)

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: the entity has no such column.
        """
        return {column.name: column for column in self.columns}[name]


_TYPES: dict[str, ColumnType] = {
    "d": "decimal",
    "i": "integer",
    "b": "boolean",
    "dt": "date",
    "ts": "timestamp",
    "r": "rate",
}
PERSONAL_EVERYWHERE = frozenset({
    "first_name", "last_name", "full_name", "email", "phone", "birth_date", "gender", "income_band", "education",
    "occupation", "household_size", "marital_status", "postal_code", "interests", "text", "comment", "outcome",
    "anonymous_id", "session_id",
})  # fmt: skip
"""Names that are personal in whatever table they stand."""
_PERSONAL_OF = {
    "customers": {"region", "city"},
    "web_events": {"page"},
    "refunds": {"reason"},
    "opportunities": {"name"},
}
"""Names that are personal in one entity only: a company's city is not, nor is the name of a product."""


def _entity(name: str, key: str, columns: str) -> Entity:
    """Parse ``column*:type`` words; ``*`` is required, no type is text."""
    parsed = []
    for word in columns.split():
        title, _, kind = word.partition(":")
        bare = title.rstrip("*")
        personal = bare in PERSONAL_EVERYWHERE or bare in _PERSONAL_OF.get(name, ())
        parsed.append(Column(bare, _TYPES.get(kind, "text"), title.endswith("*"), personal))
    present = {column.name for column in parsed}
    if "updated_at" not in present:
        parsed.append(Column("updated_at", "timestamp"))
    parsed.append(Column("is_deleted", "boolean"))
    return Entity(name, tuple(key.split()), tuple(parsed))


_ALL = (
    _entity(
        "customers",
        "customer_id",
        "customer_id* created_at:ts first_name last_name full_name email phone birth_date:dt gender income_band education"
        " occupation household_size:i marital_status country region city postal_code acquisition_channel"
        " acquisition_campaign_id referrer_customer_id account_id language marketing_consent:b interests external_ids"
        " updated_at:ts",
    ),
    _entity(
        "accounts",
        "account_id",
        "account_id* name industry employee_count:i annual_revenue:d currency country region city parent_account_id"
        " created_at:ts",
    ),
    _entity(
        "leads",
        "lead_id",
        "lead_id* created_at*:ts email phone full_name source status converted_customer_id converted_at:ts",
    ),
    _entity(
        "orders",
        "order_id",
        "order_id* customer_id ordered_at*:ts status currency channel subtotal_amount:d discount_amount:d tax_amount:d"
        " shipping_amount:d total_amount:d campaign_id updated_at:ts",
    ),
    _entity(
        "order_lines",
        "order_id line_id",
        "order_id* line_id* product_id quantity*:d unit_price:d amount:d discount_amount:d unit_cost:d",
    ),
    _entity("refunds", "refund_id", "refund_id* order_id* line_id refunded_at*:ts amount*:d currency reason"),
    _entity("products", "product_id", "product_id* name brand list_price:d unit_cost:d currency is_active:b"),
    _entity("categories", "category_id", "category_id* parent_category_id name sort_order:i"),
    _entity("product_categories", "product_id category_id", "product_id* category_id* is_primary:b"),
    _entity(
        "interactions",
        "interaction_id",
        "interaction_id* customer_id email phone occurred_at*:ts channel direction kind outcome",
    ),
    _entity(
        "tickets",
        "ticket_id",
        "ticket_id* customer_id email phone kind created_at*:ts first_response_at:ts resolved_at:ts status channel topic"
        " text csat_score:d",
    ),
    _entity(
        "survey_responses",
        "response_id",
        "response_id* customer_id email phone survey_type* score*:d comment responded_at*:ts wave",
    ),
    _entity(
        "campaigns",
        "campaign_id",
        "campaign_id* name channel objective started_at:ts ended_at:ts cost_amount:d currency",
    ),
    _entity(
        "campaign_contacts",
        "campaign_id customer_id",
        "campaign_id* customer_id* sent_at*:ts arm opened_at:ts clicked_at:ts responded_at:ts cost_amount:d",
    ),
    _entity(
        "loyalty_transactions",
        "transaction_id",
        "transaction_id* customer_id* occurred_at*:ts kind* points*:d order_id",
    ),
    _entity(
        "web_events",
        "event_id",
        "event_id* customer_id anonymous_id occurred_at*:ts name* page product_id session_id device utm_source utm_medium"
        " utm_campaign",
    ),
    _entity(
        "opportunities",
        "opportunity_id",
        "opportunity_id* account_id customer_id name stage amount:d currency created_at*:ts closed_at:ts is_won:b",
    ),
    _entity(
        "exchange_rates", "rate_date from_currency to_currency", "rate_date*:dt from_currency* to_currency* rate*:r"
    ),
    _entity(
        "marketing_spend",
        "spend_date channel",
        "spend_date*:dt channel* campaign_id amount*:d currency",
    ),
)

ENTITIES: dict[str, Entity] = {entity.name: entity for entity in _ALL}
"""Every canonical entity by name, in the order of docs/sources.md#canonical-columns."""
