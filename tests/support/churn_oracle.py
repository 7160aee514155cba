"""Features of churn risk by the definitions, customer by customer and day by day, in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from tests.support.random_shop import RandomShop

Feature = dict[str, float | None]
Answers = Mapping[str, Sequence[tuple[str, str, str, date]]]
"""Customer → answers as survey type, score, id and day."""
Complaints = Mapping[str, Sequence[tuple[date, date | None]]]
"""Customer → complaints as the day of creation and that of the end, if any."""

_SCALES = {"nps": (0, 10), "csat": (1, 5), "ces2": (1, 7)}


def churn_features(shop: RandomShop, complaints: Complaints, answers: Answers, day: date) -> dict[str, Feature]:
    """What is known at the end of a day of every customer who has bought and is not churned."""
    days: dict[str, dict[date, tuple[float, float]]] = defaultdict(dict)
    for sale in shop.sales:
        if sale.customer and sale.day <= day:
            gross, discount = days[sale.customer].get(sale.day, (0.0, 0.0))
            days[sale.customer][sale.day] = (gross + float(sale.gross), discount + float(sale.discount))
    medians = {customer: _median_gap(sorted(bought)) for customer, bought in days.items()}
    first = min(min(bought) for bought in days.values())
    known = [one for one in medians.values() if one is not None]
    population = median(known) if (day - first).days >= 180 and known else 60
    found = {}
    for customer, bought in days.items():
        own = medians[customer]
        cadence = min(max(own if own is not None else population, 7), 365)
        silence = (day - max(bought)).days
        if silence > min(max(180, 4 * cadence), 730):
            continue
        found[customer] = _features(shop, customer, bought, day, cadence, own is not None)
        created = [one for one in complaints.get(customer, ()) if one[0] <= day]
        found[customer]["complaints_90d"] = sum(one[0] > day - timedelta(days=90) for one in created)
        found[customer]["open_complaints"] = sum(one[1] is None or one[1] > day for one in created)
        found[customer]["satisfaction_change"] = _change(answers.get(customer, ()), day)
    return found


def _features(
    shop: RandomShop, customer: str, bought: dict[date, tuple[float, float]], day: date, cadence: float, own: bool
) -> Feature:
    refunds = [one for one in shop.refunds if one.customer == customer and one.day <= day]
    gross, discounts = (sum(one[place] for one in bought.values()) for place in (0, 1))

    def net(first: int, last: int) -> float:
        """Net revenue of the days that are at least ``last`` and less than ``first`` days ago."""
        inside = [value for on, value in bought.items() if last <= (day - on).days < first]
        back = sum(float(one.amount) for one in refunds if last <= (day - one.day).days < first)
        return sum(one[0] - one[1] for one in inside) - back

    given_back = sum(float(one.amount) for one in refunds)
    silence = (day - max(bought)).days
    return {
        "days_since": silence,
        "own_cadence_days": cadence,
        "overdue_ratio": silence / cadence,
        "purchase_days": len(bought),
        "purchase_days_90d": sum((day - on).days < 90 for on in bought),
        "purchase_days_365d": sum((day - on).days < 365 for on in bought),
        "tenure_days": (day - min(bought)).days,
        "net_revenue": gross - discounts - given_back,
        "year_net_revenue": net(365, 0),
        "later_net_revenue": net(180, 0),
        "earlier_net_revenue": net(360, 180),
        "refund_share": min(given_back / (gross - discounts), 1) if gross > discounts else None,
        "discount_share": discounts / gross if gross else None,
        "is_own_cadence": own,
    }


def _median_gap(days: Sequence[date]) -> float | None:
    gaps = [(later - earlier).days for earlier, later in pairwise(days)][-12:]
    return median(gaps) if len(gaps) >= 2 else None


def _change(answers: Sequence[tuple[str, str, str, date]], day: date) -> float | None:
    drops = []
    for kind, (low, high) in _SCALES.items():
        known = sorted((on, name, score) for one, score, name, on in answers if one == kind and on <= day)
        # of a month the last answer counts
        own = list({(on.year, on.month): (on, name, score) for on, name, score in known}.values())
        own = [one for one in own if (day - one[0]).days < 730]
        scaled = [(on, (float(score) - low) / (high - low)) for on, _, score in own]
        if len(scaled) >= 2 and (day - scaled[-1][0]).days < 365:
            earlier = [value for _, value in scaled[:-1]]
            drops.append(max(sum(earlier) / len(earlier) - scaled[-1][1], 0))
    return max(drops) if drops else None
