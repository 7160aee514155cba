"""The files that the shop's systems write: which entity each one holds and what its columns are called there.

The mapping of ``sources.yml`` is made from this list, and so are the files: a column is named in one place. ``shop`` is the shop
with the systems that use its numbers (the desk, the marketing tool); the market and the CRM number their customers themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

DAYS = "days"
"""The folder that holds one folder a day."""

SOURCES = {"shop": "UTC", "market": "Asia/Shanghai", "crm": "UTC"}
"""Each source and the time zone of its timestamps."""


@dataclass(frozen=True)
class Export:
    """One file of a day.

    Attributes:
        file: its path below the day's folder; the ending says the format.
        columns: canonical column → its name in the file, in the order of the file.
        constants: canonical columns that the file does not hold, because they are always the same.
        has_text: whether a value may hold what a CSV file has to quote.
        key_columns: so many of the first columns tell a row from the others.
    """

    source: str
    entity: str
    file: str
    columns: dict[str, str]
    constants: dict[str, str] = field(default_factory=dict)
    encoding: Literal["utf-8", "gbk"] = "utf-8"
    has_text: bool = False
    key_columns: int = 1

    @property
    def ending(self) -> str:
        """csv, jsonl or xlsx."""
        return self.file.rsplit(".", 1)[1]


def _export(source: str, entity: str, file: str, columns: str, text: bool = False, **constants: str) -> Export:
    """Columns are ``canonical=Name In The File`` with commas between; without a name the canonical one is used."""
    pairs = [pair.strip().partition("=") for pair in columns.split(",")]
    return Export(
        source,
        entity,
        file,
        {name: title or name for name, _, title in pairs},
        constants,
        "gbk" if source == "market" else "utf-8",
        text,
        2 if entity in ("order_lines", "product_categories") else 1,
    )


_ALL = (
    _export(
        "shop", "customers", "shop/customers.csv",
        "customer_id=Customer No, created_at=Registered, first_name=First Name, last_name=Last Name, email=E-Mail,"
        " phone=Mobile, birth_date=Birthday, gender=Sex, country=Country, region=Region, city=City, postal_code=Zip,"
        " language=Language, acquisition_channel=Came By, acquisition_campaign_id=Came By Campaign,"
        " referrer_customer_id=Referred By, income_band=Income, household_size=Household, education=Education,"
        " marital_status=Family, interests=Interests, marketing_consent=Newsletter, email_consent=May Mail,"
        " sms_consent=May Text, phone_consent=May Call, consent_updated_at=Consent Of, preferred_channel=Prefers,"
        " updated_at=Changed",
        text=True,
    ),
    _export(
        "shop", "orders", "shop/orders.csv",
        "order_id=Order No, customer_id=Customer No, ordered_at=Placed At, status=Status, currency=Currency,"
        " channel=Channel, subtotal_amount=Goods, discount_amount=Discount, tax_amount=Tax, shipping_amount=Freight,"
        " total_amount=Total, campaign_id=Campaign, updated_at=Changed",
    ),
    _export(
        "shop", "order_lines", "shop/order_lines.csv",
        "order_id=Order No, line_id=Pos, product_id=Article, quantity=Qty, unit_price=Price, amount=Amount,"
        " unit_cost=Cost",
    ),
    _export(
        "shop", "refunds", "shop/refunds.csv",
        "refund_id=Refund No, order_id=Order No, line_id=Pos, refunded_at=Paid Back At, amount=Amount,"
        " amount_includes_tax=With Tax, currency=Currency, reason=Reason",
    ),
    _export(
        "shop", "products", "shop/price_list.xlsx",
        "product_id=Article, name=Name, brand=Brand, list_price=List Price, unit_cost=Cost, currency=Currency,"
        " is_active=Active, in_stock=In Stock, updated_at=Valid From",
    ),
    _export(
        "shop", "categories", "shop/categories.csv",
        "category_id=Category, parent_category_id=Parent, name=Name, sort_order=Sort", text=True,
    ),
    _export(
        "shop", "product_categories", "shop/product_categories.csv",
        "product_id=Article, category_id=Category, is_primary=Main",
    ),
    _export(
        "shop", "loyalty_transactions", "shop/points.csv",
        "transaction_id=Booking, customer_id=Customer No, occurred_at=Booked At, kind=Kind, points=Points,"
        " order_id=Order No, expires_at=Valid Until",
    ),
    _export(
        "shop", "web_events", "shop/web_events.jsonl",
        "event_id=id, customer_id=user, anonymous_id=visitor, occurred_at=at, name=event, page=page, product_id=article,"
        " session_id=session, device=device, utm_source=utm_source, utm_medium=utm_medium, utm_campaign=utm_campaign",
    ),
    _export(
        "shop", "reviews", "shop/reviews.jsonl",
        "review_id=id, customer_id=customer, email=email, product_id=article, order_id=order, channel=channel,"
        " rating=stars, title=title, text=text, created_at=written_at",
        text=True,
    ),
    _export(
        "shop", "exchange_rates", "shop/exchange_rates.csv",
        "rate_date=Day, from_currency=From, to_currency=To, rate=Rate",
    ),
    _export(
        "shop", "tickets", "desk/tickets.jsonl",
        "ticket_id=id, customer_id=customer_no, email=requester_email, phone=requester_phone, kind=type,"
        " created_at=created_at, first_response_at=first_reply_at, resolved_at=solved_at, reopened_at=reopened_at,"
        " status=status, priority=priority, product_id=article, channel=via, topic=subject, text=description,"
        " csat_score=satisfaction, updated_at=updated_at",
        text=True,
    ),
    _export(
        "shop", "survey_invitations", "desk/survey_invitations.csv",
        "invitation_id=Invitation, customer_id=Customer No, email=E-Mail, phone=Mobile, survey_type=Survey, wave=Wave,"
        " channel=Channel, sent_at=Sent, bounced_at=Bounced",
    ),
    _export(
        "shop", "survey_responses", "desk/survey_answers.csv",
        "response_id=Answer, customer_id=Customer No, email=E-Mail, phone=Mobile, invitation_id=Invitation,"
        " ticket_id=Ticket, survey_type=Survey, question=Question, score=Score, comment=Comment, responded_at=Answered,"
        " wave=Wave",
        text=True,
    ),
    _export(
        "shop", "campaigns", "marketing/campaigns.csv",
        "campaign_id=Campaign, name=Name, channel=Channel, objective=Objective, started_at=Start, ended_at=End,"
        " cost_amount=Cost, currency=Currency",
        text=True,
    ),
    _export(
        "shop", "campaign_contacts", "marketing/contacts.csv",
        "contact_id=Contact, campaign_id=Campaign, customer_id=Customer No, arm=Group, assigned_at=Assigned, sent_at=Sent,"
        " bounced_at=Bounced, opened_at=Opened, clicked_at=Clicked, responded_at=Redeemed, unsubscribed_at=Unsubscribed,"
        " cost_amount=Cost, updated_at=Changed",
    ),
    _export(
        "shop", "marketing_spend", "marketing/spend.csv",
        "spend_date=Day, channel=Channel, campaign_id=Campaign, amount=Amount, currency=Currency",
    ),
    _export(
        "shop", "benchmarks", "marketing/benchmarks.csv",
        "benchmark_date=Day, metric=Metric, market=Market, segment=Segment, source=Source, value=Value, currency=Currency",
        text=True,
    ),
    _export(
        "market", "customers", "market/会员.csv",
        "customer_id=买家会员名, created_at=注册时间, full_name=姓名, phone=联系手机, country=国家, city=城市,"
        " updated_at=更新时间",
        language="zh",
    ),
    _export(
        "market", "orders", "market/订单.csv",
        "order_id=订单编号, customer_id=买家会员名, ordered_at=订单创建时间, status=订单状态, subtotal_amount=买家应付货款,"
        " shipping_amount=买家应付邮费, total_amount=总金额, updated_at=更新时间",
        currency="CNY", channel="marketplace",
    ),
    _export(
        "crm", "customers", "crm/contacts.csv",
        "customer_id=Contact, created_at=Created, full_name=Name, email=E-Mail, phone=Phone, country=Country,"
        " occupation=Role, account_id=Company, external_ids=Other Numbers, updated_at=Modified",
        text=True,
    ),
    _export(
        "crm", "accounts", "crm/companies.xlsx",
        "account_id=Company, name=Name, industry=Industry, employee_count=Employees, annual_revenue=Revenue,"
        " currency=Currency, country=Country, city=City, parent_account_id=Parent, created_at=Created, updated_at=Modified",
    ),
    _export(
        "crm", "leads", "crm/leads.csv",
        "lead_id=Lead, created_at=Created, email=E-Mail, phone=Phone, full_name=Name, source=Source, channel=Channel,"
        " status=Status, converted_customer_id=Contact, converted_at=Converted, updated_at=Modified",
        text=True,
    ),
    _export(
        "crm", "opportunities", "crm/deals.csv",
        "opportunity_id=Deal, account_id=Company, customer_id=Contact, name=Name, stage=Stage, amount=Amount,"
        " currency=Currency, created_at=Created, closed_at=Closed, is_won=Won, updated_at=Modified",
        text=True,
    ),
    _export(
        "crm", "interactions", "crm/activities.csv",
        "interaction_id=Activity, customer_id=Contact, occurred_at=At, channel=Channel, direction=Direction, kind=Kind,"
        " outcome=Notes",
        text=True,
    ),
)  # fmt: skip

EXPORTS: dict[str, Export] = {f"{export.source}.{export.entity}": export for export in _ALL}
"""Every file by ``source.entity``."""
