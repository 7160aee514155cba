"""The tiny shop with a help desk and a CRM, and one customer who is written everywhere that somebody can be written."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from tests.integration.tiny_shop import CUSTOMERS, FIRST_DAY, write_shop

CUSTOMER, IN_THE_CRM, OTHER = "shop:c7", "crm:k900077", "shop:c8"
NAME = "Wilhelmina Quastenberg"
EMAIL, SECOND_EMAIL = "Wilhelmina.Quastenberg@example.com", "minchen.q@example.org"
PHONE = "+49 170 5550173"
TICKET = "the lavender teapot arrived broken in three pieces"
COMMENT = "never again will I order a lavender teapot"
REVIEW = "the handle of the lavender teapot came off at once"
NICKNAME, VISITOR, CITY, NOTE = "Quasti-4711", "visitor-zzq-81", "Kleinzwettl", "leave it with Mrs Zzyzx next door"
VALUES = (
    NAME, "Quastenberg", EMAIL, SECOND_EMAIL, PHONE, "170 5550173", TICKET, COMMENT, REVIEW, NICKNAME, VISITOR, CITY, NOTE,
    "k900077", "1971-04-23",
)  # fmt: skip
"""What may be nowhere afterwards; all of it is nobody else's."""

SOURCES = """
sources:
  - name: shop
    kind: files
    path: {folder}
    timezone: UTC
    entities:
      customers: {{}}
      products: {{}}
      orders: {{file: orders_*.csv}}
      order_lines: {{file: order_lines_*.csv}}
      refunds: {{}}
      web_events: {{}}
      campaign_contacts: {{}}
      loyalty_transactions: {{}}
  - name: crm
    kind: files
    path: {folder}/crm
    entities:
      customers: {{mode: snapshot}}
      leads: {{}}
      opportunities: {{}}
  - name: desk
    kind: files
    path: {folder}/desk
    entities:
      tickets: {{}}
      survey_invitations: {{}}
      survey_responses: {{}}
      interactions: {{}}
      reviews: {{}}
"""
DAY = "2024-02-01T10:00:00"


def write_planted_shop(folder: Path) -> Path:
    """Write the files of three sources and their sources.yml; returns the latter."""
    file = write_shop(folder)
    (folder / "crm").mkdir()
    (folder / "desk").mkdir()
    _write_customers(folder / "customers.csv")
    _write_events(folder)
    _write_crm(folder / "crm")
    _write_desk(folder / "desk")
    file.write_text(SOURCES.format(folder=folder), encoding="utf-8")
    return file


def _write_customers(file: Path) -> None:
    columns = [
        "customer_id",
        "created_at",
        "country",
        "first_name",
        "last_name",
        "email",
        "phone",
        "birth_date",
        "city",
    ]
    columns += ["referrer_customer_id", "marketing_consent", "Nickname"]
    born = FIRST_DAY.isoformat()
    rows = []
    for n in range(1, CUSTOMERS + 1):
        mine = [f"c{n}", born, "DE", f"Ada{n}", f"Byron{n}", f"ada{n}@example.com", f"0171 55501{n:02d}", "1980-01-01"]
        rows.append([*mine, "Kassel", "c7" if n == 8 else "", "true", f"nick{n}"])
    first, last = NAME.split()
    planted = ["c7", born, "DE", first, last, EMAIL, PHONE, "1971-04-23", CITY, "", "true", NICKNAME]
    rows[6] = planted
    rows.append(["", born, "DE", first, last, EMAIL, PHONE, "1971-04-23", CITY, "", "true", NICKNAME])
    rows.append([*planted, "a field too many", "and one more"])
    _write(file, columns, rows)


def _write_events(folder: Path) -> None:
    columns = ["event_id", "customer_id", "anonymous_id", "occurred_at", "name", "page"]
    events = [["e1", "c7", VISITOR, DAY, "view", f"/account?mail={EMAIL}"], ["e2", "", VISITOR, DAY, "view", "/tea"]]
    events += [["e3", "c8", "visitor-8", DAY, "view", "/tea"], ["e4", "", "visitor-8", DAY, "view", "/pot"]]
    _write(folder / "web_events.csv", columns, events)
    _write(
        folder / "campaign_contacts.csv",
        ["campaign_id", "customer_id", "sent_at", "arm"],
        [["spring", "c7", DAY, "treatment"], ["spring", "c8", DAY, "control"]],
    )
    _write(
        folder / "loyalty_transactions.csv",
        ["transaction_id", "customer_id", "occurred_at", "kind", "points"],
        [["l1", "c7", DAY, "earn", "10"], ["l2", "c8", DAY, "earn", "20"]],
    )
    columns = ["refund_id", "order_id", "refunded_at", "amount", "reason", "Note"]
    rows = [["r1", "o7-0", DAY, "1.00", f"{NAME} was not at home", NOTE], ["r2", "o8-0", DAY, "2.00", "late", "none"]]
    _write(folder / "refunds.csv", columns, rows)


def _write_crm(folder: Path) -> None:
    columns = ["customer_id", "created_at", "full_name", "email", "phone", "external_ids"]
    rows = [["k900077", DAY, NAME, SECOND_EMAIL, "0049 (0)170 5550173", ""], ["k9", DAY, "Grace H", "", "", "shop:c9"]]
    _write(folder / "customers.csv", columns, rows)
    columns = ["lead_id", "created_at", "email", "full_name", "converted_customer_id"]
    leads = [["l71", DAY, EMAIL.upper(), NAME, "k900077"], ["8", DAY, "ada8@example.com", "Ada8 Byron8", ""]]
    _write(folder / "leads.csv", columns, leads)
    columns = ["opportunity_id", "customer_id", "name", "amount", "created_at"]
    rows = [["p1", "k900077", f"tea for {NAME}", "100", DAY], ["p2", "k9", "cups", "50", DAY]]
    _write(folder / "opportunities.csv", columns, rows)


def _write_desk(folder: Path) -> None:
    columns = ["ticket_id", "email", "phone", "created_at", "topic", "text"]
    tickets = [
        ["t1", EMAIL, "", DAY, "broken", TICKET],
        ["t2", "", PHONE, DAY, "broken", "and the cup as well, please call me"],
        ["t3", "ada8@example.com", "", DAY, "other", f"my neighbour {EMAIL} told me of you"],
        ["t4", "ada9@example.com", "", DAY, "other", "where is my tea?"],
        ["t5", SECOND_EMAIL, "", "no day at all", "broken", "a row that cannot be used"],
    ]
    _write(folder / "tickets.csv", columns, tickets)
    columns = ["invitation_id", "email", "phone", "survey_type", "sent_at"]
    invitations = [["v1", EMAIL, PHONE, "nps", DAY], ["v2", "ada8@example.com", "", "nps", DAY]]
    _write(folder / "survey_invitations.csv", columns, invitations)
    columns = ["review_id", "email", "rating", "title", "text", "created_at"]
    reviews = [
        ["w1", EMAIL, "1", f"{NAME} warns you", REVIEW, DAY],
        ["w2", "ada8@example.com", "5", "good", "fine", DAY],
    ]
    _write(folder / "reviews.csv", columns, reviews)
    columns = ["response_id", "email", "survey_type", "score", "comment", "responded_at"]
    responses = [["s1", EMAIL, "nps", "1", COMMENT, DAY], ["s2", "ada8@example.com", "nps", "9", "fine", DAY]]
    _write(folder / "survey_responses.csv", columns, responses)
    columns = ["interaction_id", "email", "phone", "occurred_at", "kind", "outcome"]
    calls = [
        ["i1", "", PHONE, DAY, "call", f"{NAME} will call back"],
        ["i2", "ada8@example.com", "", DAY, "call", "ok"],
    ]
    _write(folder / "interactions.csv", columns, calls)


def _write(file: Path, columns: list[str], rows: Iterable[list[str]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as output:
        writer = csv.writer(output)
        writer.writerow(columns)
        writer.writerows(rows)
