"""The truth that is known before the first day: people, goods that go together, effects, parameters."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa

from kehu.demo_shop.catalogue import FAVOURED, PRODUCTS, TASTES, leaves, product_ids, taste_of
from kehu.demo_shop.columns import blank_where, labels, words
from kehu.demo_shop.people import (
    AGE_BANDS,
    BUYERS,
    LEAVERS,
    LEAVING_DAYS,
    LIFE_SCALE_WEEKS,
    LIFE_SHAPE,
    NEVER,
    RATE_SCALE_WEEKS,
    RATE_SHAPE,
    REASONS,
)  # fmt: skip
from kehu.demo_shop.phrases import NEEDS
from kehu.demo_shop.places import LANGUAGES, codes
from kehu.demo_shop.surveys import FREQUENT_ANSWER_MORE, LEAVING_ANSWER_LESS, RESPONSE, UNHAPPY_ANSWER_LESS
from kehu.demo_shop.world import LONG_AGO, World


def tell_people(world: World, days: int) -> None:
    """Everybody who has registered, with their process, their end and its reason, and their points."""
    people, count = world.people, world.plan.registered(days - 1)
    who = np.arange(count)
    leave = people.leave[:count]
    last = world.last_order_day[:count]
    world.truth.replace(
        "people",
        {
            "person_id": labels("P", who),
            "arrival_day": people.arrival[:count],
            "is_buyer": people.rate[:count] > 0,
            "orders_a_week": people.rate[:count] * 7,
            "leave_day": pa.array(np.where(leave >= NEVER // 4, -1, leave), mask=leave >= NEVER // 4),
            "leave_reason": blank_where(words(REASONS, people.reason[:count]), people.reason[:count] == 0),
            "last_order_day": pa.array(last, mask=last == LONG_AGO),
            "satisfaction": people.satisfaction[:count],
            "country": codes(people.country[:count]),
            "language": words(LANGUAGES, people.language[:count]),
            "gender": words(["female", "male", "unknown"], people.gender[:count]),
            "age_band": words(AGE_BANDS, people.age_band[:count]),
            "taste": words(TASTES, taste_of(people.gender[:count], people.age[:count])),
            "home": words(["shop", "shop and market", "market"], people.home[:count]),
            "account_id": blank_where(labels("A", people.account[:count], 5), people.account[:count] < 0),
            "is_member": people.is_member[:count],
            "points": world.points[:count],
        },
    )


def tell_plan(world: World) -> None:
    """Pairs of products, tastes, return rates, weeks of alarm, parameters."""
    catalogue = world.catalogue
    which = np.flatnonzero(catalogue.partner >= 0)
    world.truth.replace("product_affinities", {
        "product_id": product_ids(which), "partner_id": product_ids(catalogue.partner[which]),
        "added_because_of_it": catalogue.partner_rate[which],
    })  # fmt: skip
    world.truth.replace("products", {
        "product_id": product_ids(np.arange(PRODUCTS)), "leaf": words(leaves(), catalogue.leaf),
        "return_rate": catalogue.return_rate,
    })  # fmt: skip
    world.truth.replace("tastes", {
        "taste": np.array(TASTES), "leaf": np.array([leaf for leaf, _ in FAVOURED]),
        "times_as_likely": np.array([factor for _, factor in FAVOURED]),
    })  # fmt: skip
    alerts = world.alerts
    world.truth.replace("alerts", {
        "name": pa.array([alert.name for alert in alerts]),
        "begin_day": np.array([alert.begin for alert in alerts]),
        "need": pa.array([NEEDS[alert.need] for alert in alerts]),
        "product_id": blank_where(product_ids(np.array([a.product for a in alerts])), np.array([a.product < 0 for a in alerts])),
        "extra_complaints_a_day": np.array([alert.complaints_a_day for alert in alerts]),
    })  # fmt: skip
    values = _parameters(world)
    world.truth.replace("parameters", {
        "name": pa.array(list(values)), "value": pa.array([json.dumps(value) for value in values.values()]),
    })  # fmt: skip


def _parameters(world: World) -> dict[str, object]:
    plan = world.plan
    return {
        "first_day": str(plan.first_day),
        "purchase_process": "pareto_nbd",
        "pareto_nbd": {"r": RATE_SHAPE, "alpha": RATE_SCALE_WEEKS, "s": LIFE_SHAPE, "beta": LIFE_SCALE_WEEKS},
        "buyers_share": BUYERS,
        "leavers_share": LEAVERS,
        "leaving_days": LEAVING_DAYS,
        "has_seasons": plan.has_seasons,
        "header_drift_from_day": max(plan.days // 2, plan.first_load_days) if plan.has_dirt else None,
        "response": {
            "usual": RESPONSE, "frequent": FREQUENT_ANSWER_MORE, "leaving": LEAVING_ANSWER_LESS,
            "unhappy": UNHAPPY_ANSWER_LESS,
        },
    }  # fmt: skip
