"""Reviews of products, some weeks after the order."""

from __future__ import annotations

import numpy as np

from kehu.demo_shop.catalogue import product_ids
from kehu.demo_shop.columns import Rows, constant, labels, moments, words
from kehu.demo_shop.dirt import deliver
from kehu.demo_shop.orders import PAID, order_ids, shop_customers
from kehu.demo_shop.phrases import NEEDS
from kehu.demo_shop.places import emails
from kehu.demo_shop.plan import SECONDS_A_DAY
from kehu.demo_shop.texts import drawn_texts, themes, truth_of, written
from kehu.demo_shop.troubles import tone_of_score
from kehu.demo_shop.world import World

REVIEWED = 0.03
_OF_PRODUCTS = np.array([NEEDS.index(need) for need in ("quality", "price", "usability", "performance", "delivery")])


def plan_reviews(world: World, day: int, orders: Rows, lines: Rows) -> None:
    """Let some of today's lines be reviewed within a month."""
    random = world.plan.random("reviews", day)
    order = lines["order"]
    person = orders["person"][order]
    is_reviewed = (person >= 0) & (orders["first_status"] == PAID)[order] & (random.random(len(order)) < REVIEWED)
    order, person = order[is_reviewed], person[is_reviewed]
    count = len(order)
    mood = world.people.satisfaction[person] / 2 + random.normal(0, 0.6, count)
    stars = np.clip(np.round(mood), 1, 5).astype(np.int64)
    tone = tone_of_score(random, stars <= 2, stars >= 4)
    need = random.choice(_OF_PRODUCTS, count)
    rows = {"code": orders["code"][order] * 100 + lines["line"][is_reviewed], "person": person, "stars": stars}
    rows |= {"product": lines["product"][is_reviewed], "order": orders["code"][order]}
    rows |= drawn_texts(random, world.phrases, world.people.language[person], themes(random, need, tone))
    world.agenda.add("reviews", day + random.integers(5, 30, count), rows)


def deliver_reviews(world: World, day: int) -> None:
    """Export the reviews of today."""
    rows = world.agenda.take("reviews", day)
    if not rows:
        return
    count = len(rows["code"])
    seconds = np.sort(world.plan.random("review times", day).integers(7 * 3600, SECONDS_A_DAY - 60, count))
    ids = labels("RV", rows["code"], 14)
    columns = {
        "review_id": ids,
        "customer_id": shop_customers(rows["person"]),
        "email": emails(rows["person"], world.people.language[rows["person"]]),
        "product_id": product_ids(rows["product"]),
        "order_id": order_ids(rows["order"]),
        "channel": constant("web", count),
        "rating": labels("", rows["stars"]),
        "title": words(["bad", "poor", "so so", "good", "great"], rows["stars"] - 1),
        "text": written(world.phrases, rows),
        "created_at": moments(world.plan.midnight(day) + seconds),
    }
    world.truth.add("texts", truth_of(world.phrases, rows, "shop.reviews.text", ids, person=rows["person"], day=day))
    deliver(world, "shop.reviews", day, columns)
