"""Invitations, answers, reviews, contacts of campaigns, benchmarks: what is kept of them, and under which key."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.support.dbt_shop import DbtShop

SENT = {"campaign_id": "spring", "sent_at": "2024-03-01 10:00:00"}
STAGED = (
    "base_campaign_contacts",
    "base_survey_responses",
    "base_survey_invitations",
    "base_tickets",
    "quarantine_survey_responses",
    "base_reviews",
    "base_benchmarks",
    "+quarantine_orders",
    "+int_reviews_assign",
    "+int_survey_invitations_assign",
)


@pytest.fixture(scope="module")
def shop(module_shop: Callable[[], DbtShop]) -> DbtShop:
    shop = module_shop()
    with shop.landing_together():
        _contacts(shop)
        answer = {"survey_type": "nps", "score": "9", "responded_at": "2024-03-01"}
        shop.land(
            "survey_responses", [{"response_id": "1", **answer}, {"response_id": "2", "email": "a@b.example", **answer}]
        )
        invited = {"survey_type": "nps", "sent_at": "2024-03-01"}
        shop.land(
            "survey_invitations",
            [{"invitation_id": "1", "email": "A@b.example", **invited}, {"invitation_id": "2", **invited}],
        )
        _scores(shop)
        written = {"rating": "4", "created_at": "2024-03-01"}
        shop.land("reviews", [{"review_id": "1", "email": "a@b.example", **written}, {"review_id": "2", **written}])
        shop.land("customers", [{"customer_id": "9", "email": "a@b.example"}])
        figure = {"benchmark_date": "2024-01-01", "metric": "nps", "source": "an institute", "value": "31.5"}
        shop.land("benchmarks", [figure, {**figure, "market": "DE"}, {**figure, "value": "32.5"}])
        _orders(shop)
    shop.build(
        "map_order_status",
        "map_survey_type",
        "placeholders",
        "country_calling_codes",
        *STAGED,
        with_tests=False,
        source_rules=RULES,
    )
    return shop


SCORES = [
    ("nps", "0", None),
    ("nps", "10.0", None),
    ("nps", "6.5", "score is not a whole number"),
    ("nps", "11", "score is off the scale of its survey"),
    ("nps", "-1", "score is off the scale of its survey"),
    ("nps", "9 分", "score is not a decimal"),
    ("nps", "９", "score is not a decimal"),
    ("nps", "", "score is missing"),
    ("净推荐值", "7", None),
    ("CSAT", "5", None),
    ("csat", "0", "score is off the scale of its survey"),
    ("csat", "8", "score is off the scale of its survey"),
    ("ces1", "6", "score is off the scale of its survey"),
    ("ces2", "6", None),
    ("ces", "6", "survey_type is unknown"),
    ("", "6", "survey_type is missing"),
    ("other", "88.5", None),
]
"""Type and score as delivered, and why the answer is quarantined."""


def _scores(shop: DbtShop) -> None:
    answers = [
        {"response_id": str(n), "survey_type": kind, "score": score, "responded_at": "2024-03-01"}
        for n, (kind, score, _) in enumerate(SCORES)
    ]
    shop.land("survey_responses", answers, source="scales")
    sent = [{"invitation_id": kind, "email": "a@b.example", "survey_type": kind} for kind in ("NPS", "mood")]
    shop.land("survey_invitations", [{**row, "sent_at": "2024-03-01"} for row in sent], source="scales")
    tickets = [{"ticket_id": score, "customer_id": "9", "csat_score": score} for score in ("4", "0", "4.5", "good")]
    shop.land("tickets", [{**row, "created_at": "2024-03-01"} for row in tickets], source="scales")


RULES = {"statuses": {"woo": {"processing": "completed", "returned-to-us": "refunded"}}}


def _contacts(shop: DbtShop) -> None:
    shop.land(
        "campaign_contacts",
        [
            {"customer_id": "1", **SENT},
            {"customer_id": "1", **SENT, "opened_at": "2024-03-02"},
            {"customer_id": "1", **SENT, "sent_at": "2024-03-08"},
            {"customer_id": "2", "campaign_id": "spring", "assigned_at": "2024-02-28", "arm": "control"},
            {"customer_id": "3", "campaign_id": "spring"},
        ],
        source="old",
    )
    shop.land(
        "campaign_contacts",
        [{"contact_id": "c1", "customer_id": "1", **SENT}, {"contact_id": "c1", "customer_id": "2", **SENT}],
        source="new",
    )


def _orders(shop: DbtShop) -> None:
    statuses = ["processing", "wc-processing", "wc-completed", "买家已付款，等待卖家发货", "Returned-To-Us", "refunded"]
    rows = [{"order_id": str(n), "ordered_at": "2024-03-01", "status": status} for n, status in enumerate(statuses)]
    shop.land("orders", rows, source="woo")
    shop.land("orders", rows, source="other")


def test_a_contact_is_known_by_its_id_else_by_campaign_customer_and_time(shop: DbtShop) -> None:
    found = shop.rows(
        "select _row_number, _disposition, _reason from staging.base_campaign_contacts where _source = 'old' order by 1"
    )
    assert found == [
        (1, "superseded", None),
        (2, "staged", None),
        (3, "staged", None),
        (4, "staged", None),
        (5, "quarantined", "sent_at is missing, and so is assigned_at"),
    ]
    new = "select contact_id, customer_id, source_campaign_id, _disposition from staging.base_campaign_contacts"
    assert shop.rows(f"{new} where _source = 'new' order by _row_number") == [
        ("new:c1", "new:1", "spring", "superseded"),
        ("new:c1", "new:2", "spring", "staged"),
    ]


def test_an_answer_may_be_anonymous_and_an_invitation_may_not(shop: DbtShop) -> None:
    answers = "select response_id, _disposition from staging.base_survey_responses where _source = 'shop' order by 1"
    assert shop.rows(answers) == [("shop:1", "staged"), ("shop:2", "staged")]
    invitations = "select _reason from staging.base_survey_invitations where _source = 'shop' order by _row_number"
    assert shop.rows(invitations) == [(None,), ("customer_id is missing, and so are email and phone",)]


def test_a_review_and_an_invitation_are_the_persons_whose_address_they_carry(shop: DbtShop) -> None:
    reviews = "select review_id, customer_id, assigned_by from intermediate.int_reviews_assign order by 1"
    assert shop.rows(reviews) == [("shop:1", "shop:9", "email"), ("shop:2", None, "none")]
    invitations = "select invitation_id, customer_id, assigned_by from intermediate.int_survey_invitations_assign"
    invitations += " where _source = 'shop'"
    assert shop.rows(invitations) == [("shop:1", "shop:9", "email")]


def test_a_benchmark_without_market_or_segment_is_of_all(shop: DbtShop) -> None:
    found = shop.rows("select market, segment, value, _disposition from staging.base_benchmarks order by _row_number")
    assert [(market, segment, float(value), what) for market, segment, value, what in found] == [
        ("all", "all", 31.5, "superseded"),
        ("DE", "all", 31.5, "staged"),
        ("all", "all", 32.5, "staged"),
    ]


def test_a_sources_own_statuses_go_before_the_map(shop: DbtShop) -> None:
    sql = "select source_order_id, status, is_refunded from staging.base_orders where _source = ? order by 1"
    assert shop.rows(sql, ["woo"]) == [
        ("0", "completed", False),
        ("1", "completed", False),
        ("2", "completed", False),
        ("3", "completed", False),
        ("4", "completed", True),
        ("5", "completed", True),
    ]
    assert shop.rows(sql, ["other"])[:2] == [("0", "placed", False), ("1", "placed", False)]
    unknown = "select reason, reason_value from staging.quarantine_orders"
    assert shop.rows(unknown) == [("status is unknown", "Returned-To-Us")]


def test_a_score_off_its_scale_or_a_type_that_nobody_knows_is_quarantined_and_nothing_is_rescaled(
    shop: DbtShop,
) -> None:
    sql = (
        "select _reason, _disposition from staging.base_survey_responses where _source = 'scales' order by _row_number"
    )
    found = shop.rows(sql)
    assert found == [(reason, "quarantined" if reason else "staged") for _, _, reason in SCORES]
    types = "select survey_type, delivered_survey_type, score from staging.base_survey_responses where _row_number = 9"
    assert shop.rows(f"{types} and _source = 'scales'") == [("nps", "净推荐值", Decimal(7))]
    values = "select reason_value from staging.quarantine_survey_responses where reason_column = 'score' order by _row_number"
    assert [value for (value,) in shop.rows(values)] == ["6.5", "11", "-1", "9 分", "９", "", "0", "8", "6"]


def test_an_invitation_to_a_survey_that_nobody_knows_is_quarantined(shop: DbtShop) -> None:
    sql = (
        "select survey_type, _reason from staging.base_survey_invitations where _source = 'scales' order by _row_number"
    )
    assert shop.rows(sql) == [("nps", None), ("mood", "survey_type is unknown")]


def test_a_ticket_with_a_score_off_the_scale_is_kept_without_it(shop: DbtShop) -> None:
    sql = "select csat_score, _problems, _disposition from staging.base_tickets where _source = 'scales' order by _row_number"
    assert shop.rows(sql) == [
        (Decimal(4), None, "staged"),
        (None, "csat_score", "staged"),
        (None, "csat_score", "staged"),
        (None, "csat_score", "staged"),
    ]
