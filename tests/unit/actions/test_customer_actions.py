"""What to do for whom: care dates, arms, consent, what is done, and what stays when ids merge."""

from __future__ import annotations

import random
from math import sqrt

import pytest

from tests.support.action_shop import ActionShop

pytestmark = pytest.mark.slow

NOBODY = {"holdout_share": 0}
MARKETING = "kind = 'marketing'"


@pytest.fixture
def shop() -> ActionShop:
    return ActionShop()


def test_care_days_come_once_a_year_across_its_end_and_by_country(shop: ActionShop) -> None:
    people = {
        "s:leap": {"birth_date": "1992-02-29"},
        "s:born": {"birth_date": "1990-01-03"},
        "s:old": {"birth_date": "1899-12-30"},
        "s:unborn": {"birth_date": "2027-01-02"},
        "s:china": {"country": "中国"},
        "s:german": {"country": "Germany"},
        "s:nowhere": {"country": "Atlantis"},
        "s:years": {"first_purchase_date": "2020-01-02"},
        "s:gone": {"birth_date": "1990-01-03", "relationship_stage": "decline", "value_tier": "low"},
    }
    countries = [("中国", "CN"), ("china", "CN"), ("germany", "DE")]
    names = [{"country_name": name, "country_code": code} for name, code in countries]
    shop.put("2026-12-20", people, int_countries_list_names=names)
    found = shop.actions("2026-12-20", **NOBODY)
    care = ("birthday", "holiday", "anniversary")
    assert {key: str(row["due_date"]) for key, row in found.items() if key[1] in care} == {
        ("s:born", "birthday"): "2027-01-03",
        ("s:china", "holiday"): "2027-01-01",
        ("s:german", "holiday"): "2027-01-01",
        ("s:years", "anniversary"): "2027-01-02",
    }
    german = shop.records(
        "from customer_actions where action = 'holiday' and customer_id = 's:german' order by due_date"
    )
    assert [(str(row["due_date"]), row["reason"]) for row in german] == [
        ("2026-12-25", "christmas"),
        ("2027-01-01", "new_year"),
    ]
    assert found["s:gone", "no_action"]["reason"] == "let_go_low_value"
    assert found["s:nowhere", "no_action"]["reason"] == "nothing_is_due"


@pytest.mark.parametrize(
    ("as_of", "leap", "day"),
    [
        ("2026-02-20", "02-28", "2026-02-28"),
        ("2026-02-20", "03-01", "2026-03-01"),
        ("2028-02-20", "02-28", "2028-02-29"),
        ("2026-02-28", "02-28", None),
        ("2026-02-14", "02-28", "2026-02-28"),
        ("2026-02-13", "02-28", None),
        ("2100-02-20", "02-28", "2100-02-28"),
    ],
)
def test_who_was_born_on_29_february(shop: ActionShop, as_of: str, leap: str, day: str | None) -> None:
    shop.put(as_of, {"s:leap": {"birth_date": "1992-02-29"}})
    found = shop.actions(as_of, leap_birthday=leap, **NOBODY).get(("s:leap", "birthday"))
    assert (str(found["due_date"]) if found else None) == day


@pytest.mark.parametrize(("placeholders", "are_greeted"), [(1, True), (2, False)])
def test_a_first_of_january_is_a_birthday_unless_more_than_one_in_a_hundred_has_it(
    shop: ActionShop, placeholders: int, are_greeted: bool
) -> None:
    people = {f"s:{n}": {"birth_date": "1980-01-01" if n < placeholders else "1980-07-01"} for n in range(100)}
    shop.put("2026-12-25", people)
    assert (("s:0", "birthday") in shop.actions("2026-12-25", **NOBODY)) is are_greeted


def test_every_stage_has_its_actions(shop: ActionShop) -> None:
    day = "2026-06-30"
    long_ago = {"last_purchase_date": "2026-01-01", "days_since_last_order": 180}
    decline = {"relationship_stage": "decline", "relationship_reason": "overdue_or_silent", **long_ago}
    decline |= {"lifecycle_stage": "at_risk", "lifecycle_reason": "overdue_against_cadence"}
    never = {
        "first_purchase_date": None,
        "last_purchase_date": None,
        "own_cadence_days": None,
        "purchase_day_count": None,
    }
    once = {"purchase_day_count": 1, "relationship_stage": "exploration", "service_tier": "none"}
    shop.put(
        day,
        {
            "s:prospect": {**never, "relationship_stage": "none", "first_seen_date": "2026-06-25"},
            "s:first": {**once, "first_purchase_date": "2026-06-27", "last_purchase_date": "2026-06-27"},
            "s:second": {**once, "first_purchase_date": "2026-05-21", "last_purchase_date": "2026-05-21"},
            "s:late": {**once, "first_purchase_date": "2026-04-01", "last_purchase_date": "2026-04-01"},
            "s:growing": {"relationship_stage": "growth", "last_purchase_date": "2026-05-31"},
            "s:promoter": {},
            "s:leaving": {"churn_probability": 0.7, "value_tier": "high"},
            "s:declining": decline,
            "s:forgotten": {**decline, "days_since_last_order": 731, "last_purchase_date": "2024-06-29"},
            "s:cheap": {**decline, "value_tier": "low", "service_tier": "none"},
            "s:back": {"lifecycle_stage": "reactivated", "returned_on": "2026-06-28"},
            "s:silent": {"last_purchase_date": "2026-04-01"},
            "s:complains": {"value_tier": "low", "priority": "P2"},
            "s:points": {},
            "s:nearly": {},
            "s:deal": {},
        },
        feat_purchase_days=[{"purchase_number": 2, "gap_days": gap} for gap in range(20, 61)],
        customer_recommendations=[
            {"customer_id": "s:growing", "product_id": "p:1", "kind": "up_sell", "recommendation_rank": 1},
            {"customer_id": "s:growing", "product_id": "p:2", "kind": "cross_sell", "recommendation_rank": 2},
        ],
        customer_satisfaction=[{"customer_id": "s:promoter", "nps_score": 9, "last_answer_date": "2026-06-20"}],
        feat_tickets=[
            {"customer_id": "s:complains", "kind": "complaint", "is_open": True, "created_date": "2026-06-29"},
            {"customer_id": "s:complains", "kind": "complaint", "is_open": True, "created_date": "2026-06-30"},
            {"customer_id": "s:deal", "kind": "complaint", "is_open": False, "created_date": "2026-06-29"},
        ],
        feat_opportunities=[{"customer_id": "s:deal", "is_open": True, "created_date": "2026-06-20"}],
        feat_loyalty_lots=[
            {"customer_id": "s:points", "open_points": 30, "expires_date": "2026-07-10"},
            {"customer_id": "s:points", "open_points": 5, "expires_date": "2026-07-14"},
            {"customer_id": "s:points", "open_points": 99, "expires_date": "2026-07-15"},
        ],
        customer_loyalty=[
            {
                "customer_id": "s:nearly",
                "points_to_next_tier": 200,
                "qualifying_points": 800,
                "tier_since": "2026-01-31",
            },
            {
                "customer_id": "s:points",
                "points_to_next_tier": 201,
                "qualifying_points": 799,
                "tier_since": "2026-01-31",
            },
        ],
    )
    found = shop.actions(day, **NOBODY)
    told = {
        key: (str(row["due_date"]), row["reason"], row["figures"]) for key, row in found.items() if row["is_listed"]
    }
    assert told == {
        ("s:prospect", "welcome"): (day, "has_registered", "days_ago=5"),
        ("s:first", "welcome"): (day, "has_bought_first", "days_ago=3"),
        ("s:second", "second_purchase"): (
            day, "in_the_days_of_second_purchases", "days_since_first_order=40, from_days=30, to_days=50"
        ),
        ("s:growing", "cross_sell"): ("2026-07-10", "next_purchase_is_expected", "days_since_last_order=20, own_cadence_days=40"),
        ("s:promoter", "referral"): (day, "is_a_promoter", "nps_score=9"),
        ("s:leaving", "retention"): (day, "high_risk", "churn_probability_percent=70, revenue_at_risk=10.00"),
        ("s:declining", "win_back"): (day, "overdue_against_cadence", "days_since_last_order=180, own_cadence_days=40"),
        ("s:declining", "follow_up"): (day, "silent_for_long", "days=180"),
        ("s:forgotten", "follow_up"): (day, "silent_for_long", "days=731"),
        ("s:back", "ask_why"): ("2026-07-05", "returned_after_churn", "days_since_return=2"),
        ("s:silent", "follow_up"): (day, "silent_for_long", "days=90"),
        ("s:complains", "complaint_follow_up"): ("2026-07-01", "complaint_is_open", "open_complaints=2, open_days=1"),
        ("s:points", "points_expiring"): ("2026-07-10", "points_expire", "points=35.00"),
        ("s:nearly", "loyalty_tier"): (
            "2026-07-14", "next_tier_is_near", "points_to_next_tier=200.00, qualifying_points=800.00"
        ),
        ("s:deal", "opportunity_follow_up"): ("2026-07-04", "opportunity_is_open", "open_opportunities=1, open_days=10"),
    }  # fmt: skip
    assert (found["s:growing", "cross_sell"]["offer"], found["s:growing", "cross_sell"]["offer_kind"]) == (
        "p:1",
        "up_sell",
    )
    assert found["s:cheap", "no_action"]["reason"] == "let_go_low_value"
    assert found["s:late", "no_action"]["reason"] == "nothing_is_due"
    assert {row["customer_id"] for row in found.values()} == {
        row["customer_id"] for row in shop.records("from customer_priority")
    }


def test_an_action_keeps_its_id_and_due_date_until_it_is_done(shop: ActionShop) -> None:
    silent = {"s:1": {"last_purchase_date": "2026-03-20"}}
    shop.put("2026-06-30", silent)
    first = shop.actions("2026-06-30", **NOBODY)["s:1", "follow_up"]
    shop.remember()

    shop.put("2026-07-20", silent)
    later = shop.actions("2026-07-20", **NOBODY)["s:1", "follow_up"]
    assert first["action_id"] == later["action_id"]
    assert (later["status"], later["due_date"], later["first_listed_date"]) == (
        "open",
        first["due_date"],
        first["due_date"],
    )
    shop.remember()

    spoken = {"s:1": {**silent["s:1"], "last_contact_date": "2026-07-25"}}
    shop.put("2026-08-01", spoken)
    done = shop.actions("2026-08-01", **NOBODY)["s:1", "follow_up"]
    assert (done["action_id"], done["status"], done["done_reason"]) == (first["action_id"], "done", "contact")
    assert (str(done["done_date"]), done["is_listed"]) == ("2026-08-01", False)
    again = shop.actions("2026-08-01", **NOBODY)
    assert again["s:1", "follow_up"] == done, "building a day again changes nothing"
    shop.remember()

    shop.put("2026-09-01", spoken)
    kept = shop.actions("2026-09-01", **NOBODY)["s:1", "follow_up"]
    assert (kept["done_reason"], str(kept["done_date"])) == ("contact", "2026-08-01")
    shop.remember()
    shop.put("2027-12-01", {"s:1": {}})
    assert ("s:1", "follow_up") not in shop.actions("2027-12-01", **NOBODY), "forgotten after 455 days"


def test_an_order_ends_what_asks_for_one_and_no_complaint(shop: ActionShop) -> None:
    complaint = [{"customer_id": "s:1", "kind": "complaint", "is_open": True, "created_date": "2026-06-01"}]
    shop.put("2026-06-30", {"s:1": {"last_purchase_date": "2026-03-20"}}, feat_tickets=complaint)
    shop.actions("2026-06-30", **NOBODY)
    shop.remember()
    shop.put("2026-07-10", {"s:1": {"last_purchase_date": "2026-07-05"}}, feat_tickets=complaint)
    found = shop.actions("2026-07-10", **NOBODY)
    assert found["s:1", "follow_up"]["done_reason"] == "order"
    assert found["s:1", "complaint_follow_up"]["status"] == "open"
    shop.remember()
    shop.put("2026-07-11", {"s:1": {"last_purchase_date": "2026-07-05"}})
    assert shop.actions("2026-07-11", **NOBODY)["s:1", "complaint_follow_up"]["done_reason"] == "condition_ended"


def test_arms_stay_when_the_salt_changes_and_ids_merge(shop: ActionShop) -> None:
    silent = {"last_purchase_date": "2026-03-20"}
    names = [f"s:{number}" for number in range(400)]
    shop.put("2026-06-30", dict.fromkeys(names, silent))
    first = {key[0]: row for key, row in shop.actions("2026-06-30", holdout_share=0.5).items()}
    shop.remember()
    again = {key[0]: row for key, row in shop.actions("2026-06-30", holdout_share=0.5, holdout_salt="other").items()}
    assert {name: row["arm"] for name, row in again.items()} == {name: row["arm"] for name, row in first.items()}

    held = [name for name in names if first[name]["arm"] == "holdout"]
    treated = [name for name in names if first[name]["arm"] == "treatment"]
    merges = {held[0]: held[1], held[2]: treated[0], treated[1]: held[3], treated[2]: treated[3]}
    left = [name for name in names if name not in merges]
    records = [{"record_id": one, "customer_id": person} for old, person in merges.items() for one in (old, person)]
    shop.put("2026-07-01", dict.fromkeys(left, silent), int_records_merge=records)
    merged = {key[0]: row for key, row in shop.actions("2026-07-01", holdout_share=0.5).items()}
    assert {name: merged[name]["arm"] for name in (held[1], treated[0], held[3], treated[3])} == {
        held[1]: "holdout", treated[0]: "treatment", held[3]: "treatment", treated[3]: "treatment"
    }  # fmt: skip
    gone = {name for name, row in merged.items() if row["left_evaluation_on"] is not None}
    assert gone == {treated[0], held[3]}
    assert not any(merged[name]["is_evaluated"] for name in gone)
    assert merged[held[1]]["action_id"] in {first[held[0]]["action_id"], first[held[1]]["action_id"]}
    results = {row["arm"]: row for row in shop.records("from action_results where action = 'follow_up'")}
    assert results["holdout"]["persons_left"] == 2
    shop.remember()
    shop.put("2026-08-01", dict.fromkeys(left, silent), int_records_merge=records)
    later = {key[0]: row for key, row in shop.actions("2026-08-01", holdout_share=0.5).items()}
    assert {name: str(row["left_evaluation_on"]) for name, row in later.items() if row["left_evaluation_on"]} == {
        treated[0]: "2026-07-01", held[3]: "2026-07-01"
    }  # fmt: skip


def test_the_held_out_share_lies_in_its_band_over_a_million_customers(shop: ActionShop) -> None:
    from tests.support.rendered_models import rendered_text

    drawn = rendered_text("{{ is_drawn_to_hold_out('customer_id') }}", "2026-06-30")
    customers = "select 'shop:' || number as customer_id from range(1000000) as n (number)"
    sql = f"select count(*) filter (where {drawn}) from ({customers})"
    held = shop.connection.execute(sql).fetchall()[0][0]
    assert abs(held - 100_000) < 4 * sqrt(1_000_000 * 0.1 * 0.9)


@pytest.mark.parametrize("seed", range(8))
def test_the_list_never_holds_who_must_not_be_on_it(shop: ActionShop, seed: int) -> None:
    """Random persons over four releases with merges and erasures, held against the rules said in Python."""
    draw = random.Random(seed)
    consent = {
        f"s:{number}": {
            name: draw.choice([True, False, None])
            for name in ("marketing_consent", "email_consent", "sms_consent", "phone_consent")
        }
        | {"preferred_channel": draw.choice(["email", "sms", "phone", "wechat", None])}
        for number in range(120)
    }
    silent = {"last_purchase_date": "2026-03-20"}
    controls = [
        {"customer_id": one, "campaign_id": "c", "arm": "control", "start_date": "2026-06-25"}
        for one in draw.sample(sorted(consent), 20)
    ]
    complaints = [
        {"customer_id": one, "kind": "complaint", "is_open": True, "created_date": "2026-06-01"}
        for one in draw.sample(sorted(consent), 30)
    ]
    persons, merges, erased = dict(consent), {}, {}
    for month in range(4):
        day = f"2026-{7 + month:02d}-01"
        campaigns = [{"campaign_id": "c", "channel": "email", "end_date": "2026-08-15"}]
        renamed = {**merges, **erased}
        records = [{"record_id": old, "customer_id": new} for old, new in merges.items() if old not in erased]
        shop.put(
            day,
            {one: {**said, **silent} for one, said in persons.items()},
            feat_campaign_arms=[row for row in controls if row["customer_id"] not in renamed],
            feat_campaigns=campaigns,
            feat_tickets=[row for row in complaints if row["customer_id"] not in renamed],
            int_records_merge=records,
        )
        shop.build(day, holdout_share=0.4)
        rows = shop.records("from customer_actions")
        listed = [row for row in rows if row["is_listed"]]
        held_out = {row["customer_id"] for row in rows if row["arm"] == "holdout"}
        in_control = {row["customer_id"] for row in controls if day <= "2026-08-15"} - set(renamed)
        assert listed
        for row in listed:
            said = persons[row["customer_id"]]
            assert ":erased-" not in row["customer_id"]
            assert row["status"] == "open"
            if row["kind"] == "marketing":
                assert row["customer_id"] not in held_out | in_control
                own = said.get(f"{row['channel']}_consent")
                assert said["marketing_consent"] is not False
                assert (said["marketing_consent"] if own is None else own) is True
        assert {one for one in persons if ":erased-" in one}.isdisjoint(row["customer_id"] for row in rows)
        shop.remember()
        for old, new in [draw.sample(sorted(one for one in persons if ":erased-" not in one), 2) for _ in range(5)]:
            if old in persons and new in persons:
                merges = {one: new if person == old else person for one, person in merges.items()} | {
                    old: new,
                    new: new,
                }
                del persons[old]
        gone = draw.choice(sorted(one for one in persons if ":erased-" not in one and one not in merges))
        erased[gone] = f"s:erased-{month:016x}-01"
        persons[erased[gone]] = dict.fromkeys(persons.pop(gone), False)
        shop.connection.execute(f"update last_actions set customer_id = '{erased[gone]}' where customer_id = '{gone}'")
