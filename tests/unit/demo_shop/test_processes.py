"""What is planted is there: the purchase process, seasons, effects, affinities, leavers, answers, weeks of alarm.

Shops are written from fixed seeds, so that nothing here depends on luck; the bounds are those of four standard errors.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from kehu.clv.models import MODELS
from kehu.clv.summaries import Summaries
from kehu.demo_shop.histories import purchase_histories
from kehu.demo_shop.plan import Plan
from kehu.demo_shop.seasons import factors
from tests.unit.demo_shop.conftest import PLAIN
from tests.unit.demo_shop.shop_files import ShopFiles

pytestmark = pytest.mark.slow


def own_orders(shop: ShopFiles) -> pd.DataFrame:
    """Purchases that no campaign has made."""
    orders = shop.truth("orders")
    return orders[orders["cause"].isin(["first", "rhythm"])]


def test_silent_customers_follow_the_pareto_nbd_of_the_parameters(plain_shop: ShopFiles) -> None:
    people = plain_shop.truth("people")
    silent = people[people["is_buyer"] & people["leave_reason"].isna()]
    orders = own_orders(plain_shop)
    days = (
        orders[orders["person_id"].isin(silent["person_id"])].groupby("person_id")["day"].agg(["min", "max", "nunique"])
    )
    x, t_x, t = days["nunique"] - 1, (days["max"] - days["min"]) / 7, (PLAIN.days - 1 - days["min"]) / 7
    given = json.loads(plain_shop.truth("parameters").set_index("name").loc["pareto_nbd", "value"])
    summaries = Summaries(*(column.to_numpy(float) for column in (x, t_x, t)), np.ones(len(x)))
    model = MODELS["pareto_nbd"]
    fit = model.fit(summaries)
    # Parameters trade off against each other. Twice the gain over the planted ones is χ² of 4 degrees: above 24 once in 10,000.
    assert 0 <= fit.log_likelihood - model.log_likelihood(given, summaries) < 12
    assert fit.parameters["r"] / fit.parameters["alpha"] == pytest.approx(given["r"] / given["alpha"], rel=0.1)


def test_each_persons_rate_is_kept_while_they_live(plain_shop: ShopFiles) -> None:
    people = plain_shop.truth("people").set_index("person_id")
    silent = people[people["is_buyer"] & people["leave_reason"].isna()]
    end = silent["leave_day"].fillna(PLAIN.days).clip(upper=PLAIN.days)
    alive = (end - 1 - silent["arrival_day"]).clip(lower=0)
    wanted = (silent["orders_a_week"] / 7 * alive).sum()
    orders = own_orders(plain_shop)
    rhythm = orders[(orders["cause"] == "rhythm") & orders["person_id"].isin(silent.index)]
    assert abs(len(rhythm) - wanted) < 4 * np.sqrt(wanted)
    late = rhythm["day"].to_numpy() >= silent["leave_day"].fillna(10**6)[rhythm["person_id"]].to_numpy()
    assert late.sum() == 0


def test_seasons_move_the_days_and_no_seasons_do_not() -> None:
    plan = Plan(customers=3_000, days=364, seed=8, has_dirt=False)
    days = pd.concat([table.to_pandas() for table in purchase_histories(plan)])["day"]
    single_day, usual = (days == 313).sum(), days.groupby(days).size().loc[290:312].mean()
    assert plan.day(313).isoformat() == "2025-11-11"
    assert factors(plan, 313)[0] > 2
    assert single_day > 1.35 * usual
    plain = Plan(customers=3_000, days=364, seed=8, has_seasons=False, has_dirt=False)
    assert all((factors(plain, day) == 1).all() for day in range(0, 364, 7))


def test_leavers_slow_down_complain_and_answer_badly(plain_shop: ShopFiles) -> None:
    people = plain_shop.truth("people").set_index("person_id")
    leavers = people[people["leave_reason"].notna() & (people["leave_day"] < PLAIN.days)]
    leave = leavers["leave_day"].astype(int)
    alive_before = leavers[leave - leavers["arrival_day"] > 120].index
    orders = own_orders(plain_shop)
    orders = orders[orders["person_id"].isin(alive_before) & (orders["cause"] == "rhythm")]
    left = leave[orders["person_id"]].to_numpy() - orders["day"].to_numpy()
    last, before = ((left > 0) & (left <= 30)).sum(), ((left > 60) & (left <= 90)).sum()
    assert last < 0.6 * before
    tickets = plain_shop.truth("tickets")
    complaints = tickets[(tickets["kind"] == "complaint") & tickets["person_id"].isin(leavers.index)]
    ahead = leave[complaints["person_id"]].to_numpy() - complaints["day"].to_numpy()
    assert ((ahead >= 0) & (ahead <= 60)).sum() > 5 * ((ahead > 60) & (ahead <= 120)).sum()
    reasons = leavers["leave_reason"][complaints["person_id"]].to_numpy()
    assert (complaints["need"].to_numpy() == reasons)[(ahead >= 0) & (ahead <= 60)].mean() > 0.8
    scores = plain_shop.truth("nps_scores")
    means = scores.groupby("is_leaving")["score"].mean()
    assert means[True] < means[False] - 2


def test_who_answers_is_not_random(plain_shop: ShopFiles) -> None:
    scores = plain_shop.truth("nps_scores")
    scores = scores[~scores["is_bounced"]]
    rates = scores.groupby("is_frequent")["answers"].mean()
    assert rates[True] > 1.3 * rates[False]

    def nps(rows: pd.DataFrame) -> float:
        return 100 * ((rows["score"] >= 9).mean() - (rows["score"] <= 6).mean())

    assert nps(scores[scores["answers"]]) > nps(scores) + 3
    by_band = scores.groupby("age_band")["score"].mean()
    assert by_band["65+"] > by_band["18-24"] + 1


def test_campaigns_bring_the_purchases_that_the_truth_counts(plain_shop: ShopFiles) -> None:
    told = plain_shop.truth("campaign_uplift")
    orders = plain_shop.truth("orders")
    caused = orders[orders["cause"] == "campaign"]
    ended = told.groupby("campaign_id")["extra_buyers"].sum()
    begin = told.groupby("campaign_id")["start_day"].first()
    assert len(ended) >= 8
    for campaign, buyers in ended.items():
        inside = caused[(caused["day"] > begin[campaign]) & (caused["day"] <= begin[campaign] + 14)]
        assert len(inside) == buyers
    can = told["treated_who_have_not_left"]
    wanted, spread = (told["extra_chance"] * can).sum(), (told["extra_chance"] * (1 - told["extra_chance"]) * can).sum()
    # Who leaves within two weeks of the contact does not answer: a little less than wanted.
    assert wanted - 5 * np.sqrt(spread) - 0.05 * wanted < told["extra_buyers"].sum() < wanted + 4 * np.sqrt(spread)
    arms = told[["treated", "controls"]].sum()
    assert arms["controls"] / arms.sum() == pytest.approx(0.25, abs=0.02)


def test_partners_are_bought_together_and_tastes_show(plain_shop: ShopFiles) -> None:
    lines = plain_shop.rows("shop.order_lines")
    baskets = lines.groupby("product_id")["order_id"].agg(set)
    pairs = plain_shop.truth("product_affinities")
    found, expected, variance = 0.0, 0.0, 0.0
    for pair in pairs.itertuples():
        if pair.product_id in baskets:
            bought = baskets[pair.product_id]
            found += len(bought & baskets.get(pair.partner_id, set()))
            # The partner's own buyers who got the product by chance hardly count.
            expected += pair.added_because_of_it * len(bought)
            variance += pair.added_because_of_it * len(bought)
    assert abs(found - expected) < 4 * np.sqrt(variance) + 0.1 * expected
    leaf = plain_shop.truth("products").set_index("product_id")["leaf"]
    taste = plain_shop.truth("people").set_index("person_id")["taste"]
    owner = plain_shop.truth("orders").set_index("order_id")["person_id"]
    who = taste.reindex(owner.reindex(lines["order_id"]).to_numpy()).to_numpy()
    is_new = (leaf[lines["product_id"]] == "new arrivals 新品").to_numpy()
    assert is_new[who == "young women"].mean() > 2 * is_new[who == "men"].mean()


def test_returns_come_at_each_products_rate(plain_shop: ShopFiles) -> None:
    lines = plain_shop.rows("shop.order_lines")
    rate = plain_shop.truth("products").set_index("product_id")["return_rate"]
    orders = plain_shop.truth("orders").set_index("order_id")
    old = lines[(orders.loc[lines["order_id"], "day"] < PLAIN.days - 31).to_numpy()]
    paid = old[(orders.loc[old["order_id"], "first_status"] == "paid").to_numpy()]
    wanted = rate[paid["product_id"]].sum()
    refunds = plain_shop.truth("refunds")
    back = refunds[refunds["order_id"].isin(paid["order_id"])]
    assert abs(len(back) - wanted) < 4 * np.sqrt(wanted)


def test_weeks_of_alarm_stand_out(plain_shop: ShopFiles) -> None:
    tickets = plain_shop.truth("tickets")
    for alert in plain_shop.truth("alerts").itertuples():
        series = tickets[(tickets["kind"] == "complaint") & (tickets["need"] == alert.need)]
        weeks = series.groupby((series["day"] - alert.begin_day) // 7).size()
        assert weeks[0] > 2 * weeks.loc[-8:-1].mean()
        assert (series["alert"] == alert.name).sum() == 7 * alert.extra_complaints_a_day
        assert PLAIN.day(alert.begin_day).weekday() == 0
