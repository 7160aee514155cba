"""What docs/definitions.md#segmentations says, in pandas, from the rows as they are delivered, without a look at the SQL."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

from tests.support.people_shop import AS_OF, PeopleShop

D = pd.Timestamp(AS_OF)
BANDS = [(0, "under_18"), (18, "18_24"), (25, "25_34"), (35, "35_44"), (45, "45_54"), (55, "55_64"), (65, "65_plus")]
SEXES = {"f": "female", "female": "female", "女": "female", "m": "male", "male": "male", "男性": "male", "x": "other"}
CENT = Decimal("0.01")


def money(text: object) -> Decimal:
    """An amount as delivered."""
    return Decimal(str(text)).quantize(CENT)


class People:
    """The shop as of D, in frames."""

    def __init__(self, shop: PeopleShop) -> None:
        rows = {name: pd.DataFrame(rows) for name, rows in shop.rows().items()}
        orders = rows["orders"]
        orders["day"] = pd.to_datetime(orders.ordered_at.str[:10])
        lines = rows["order_lines"].merge(
            orders[["order_id", "customer_id", "ordered_at", "day", "status"]], on="order_id"
        )
        lines["value"] = lines.amount.map(money)
        lines["is_return"] = lines.amount.str.startswith("-")
        has_sale = lines[~lines.is_return].groupby("order_id").size()
        orders["valid"] = (orders.status == "completed") & orders.order_id.isin(has_sale.index)
        refunds = rows["refunds"].merge(orders[["order_id", "customer_id", "day", "status"]], on="order_id")
        refunds["back"] = pd.to_datetime(refunds.refunded_at.str[:10])
        refunds["value"] = refunds.amount.map(money)
        self.orders = orders[orders.day <= D]
        self.lines = lines[(lines.day <= D) & (lines.status == "completed")]
        self.refunds = refunds[(refunds.back <= D) & (refunds.day <= D) & (refunds.status == "completed")]
        self.products, self.tree = rows["product_categories"], rows["categories"].set_index("category_id")
        self.placed: dict[str, set[tuple[int, str]]] = {}
        self.accounts = rows["accounts"].set_index("account_id")
        self.customers = self._customers(rows["customers"])
        self.bought = self.orders[self.orders.valid & self.orders.customer_id.notna()]

    def _customers(self, delivered: pd.DataFrame) -> pd.DataFrame:
        """Who is known at D: a record made after D tells nothing, an event by D makes somebody known without one."""
        created = pd.to_datetime(delivered.created_at.str[:10])
        known = delivered[created.isna() | (created <= D)].set_index("customer_id")
        seen = set(self.orders.customer_id.dropna()) | set(self.refunds.customer_id.dropna())
        others = sorted(seen - set(known.index))
        self.described = set(known.index)
        return pd.concat([known, pd.DataFrame(index=pd.Index(others, name="customer_id"))])

    # Segmentations ----------------------------------------------------------------------------------------------------

    def demographic(self) -> pd.Series:
        """Age by calendar × gender."""
        return self.customers.apply(lambda row: demographic(row.get("birth_date"), row.get("gender")), axis=1)

    def income(self) -> pd.Series:
        """As delivered."""
        return self.customers.income_band.map(known)

    def education(self) -> pd.Series:
        """As delivered."""
        return self.customers.education.map(known)

    def occupation(self) -> pd.Series:
        """As delivered."""
        return self.customers.occupation.map(known)

    def household(self) -> pd.Series:
        """By how many live in it."""
        return self.customers.household_size.map(household)

    def referral(self) -> pd.Series:
        """Who brought somebody whom we know, and who was brought; of who is known from orders only nobody knows by whom."""
        brought_by = self.customers.referrer_customer_id
        brought_by = brought_by[brought_by.notna() & (brought_by != brought_by.index)]
        found = {}
        for customer in self.customers.index:
            brings, came = customer in set(brought_by), customer in brought_by.index
            if brings:
                found[customer] = "referred_referrer" if came else "referrer"
            else:
                found[customer] = "referred" if came else "neither" if customer in self.described else "unknown"
        return pd.Series(found)

    def interest(self) -> pd.Series:
        """The first stated one by alphabet."""
        return self.customers.interests.map(first_interest)

    def geographic(self) -> pd.Series:
        """Home is Shanghai in China, in any of the delivered spellings."""
        return self.customers.apply(lambda row: place(row.get("country"), row.get("city")), axis=1)

    def firmographic_industry(self) -> pd.Series:
        """Of the account."""
        return self.customers.account_id.map(self.accounts.industry).map(known)

    def firmographic_size(self) -> pd.Series:
        """Of the account."""
        return self.customers.account_id.map(self.accounts.employee_count).map(size)

    def frequency(self) -> pd.Series:
        """Purchase days ever and in the last 365."""
        days = self.bought.groupby("customer_id").day.unique()
        return days.map(frequency).reindex(self.customers.index).fillna("unknown")

    def channel(self) -> pd.Series:
        """Of most orders, then most recent, then alphabetical."""
        found = {}
        for customer, orders in self.bought.dropna(subset="channel").groupby("customer_id"):
            ranked = sorted(
                orders.groupby("channel"),
                key=lambda group: (-len(group[1]), [-ord(c) for c in group[1].ordered_at.max()], group[0]),
            )
            found[customer] = ranked[0][0]
        return pd.Series(found).reindex(self.customers.index).fillna("unknown")

    def discount(self) -> pd.Series:
        """Share of orders with any discount, in whole numbers."""
        on_lines = (
            self.lines[~self.lines.is_return].groupby("order_id").discount_amount.agg(lambda v: sum(map(money, v)))
        )
        cheaper = (
            self.bought.order_id.map(on_lines).fillna(0).astype(float) + self.bought.discount_amount.astype(float) > 0
        )
        counts = pd.DataFrame({"customer": self.bought.customer_id, "cheaper": cheaper}).groupby("customer").cheaper
        found = pd.DataFrame({"some": counts.sum(), "all": counts.size()})
        return (
            found.apply(lambda row: discount(row["some"], row["all"]), axis=1)
            .reindex(self.customers.index)
            .fillna("unknown")
        )

    def category_interest(self) -> pd.Series:
        """The top category of the first level by net revenue."""
        top = self.top_categories()
        return top[top.level == 1].set_index("customer").name.reindex(self.customers.index).fillna("unknown")

    # Categories -------------------------------------------------------------------------------------------------------

    def top_categories(self) -> pd.DataFrame:
        """customer, level, path, name, net of the best category of each level."""
        sold = self.lines[~self.lines.is_return & self.lines.customer_id.notna()].copy()
        sold["net"] = sold.value - sold.discount_amount.map(money)
        whole = self.orders.set_index("order_id").discount_amount.map(money)
        back = self.refunds[self.refunds.line_id.isna()].groupby("order_id").value.sum()
        gross = sold.groupby("order_id").value.sum()
        shares = [
            share(whole[order] + back.get(order, Decimal(0)), value, gross[order])
            for order, value in zip(sold.order_id, sold.value, strict=True)
        ]
        sold["net"] = sold.net - pd.Series(shares, index=sold.index)
        valid = set(self.bought.order_id)
        sold = sold[sold.order_id.isin(valid)]
        parts = [sold[["customer_id", "product_id", "net"]]]
        named = self.refunds[self.refunds.line_id.notna()].merge(
            self.lines[["order_id", "line_id", "product_id"]], on=["order_id", "line_id"]
        )
        returned = self.lines[self.lines.is_return]
        parts.append(
            pd.DataFrame({"customer_id": named.customer_id, "product_id": named.product_id, "net": -named.value})
        )
        parts.append(returned.assign(net=returned.value)[["customer_id", "product_id", "net"]])
        found = []
        totals = pd.concat(parts).dropna().groupby(["customer_id", "product_id"]).net.sum()
        nets: dict[tuple[str, int, str], Decimal] = {}
        for (customer, product), net in totals.items():
            for level, path in self.places(product):
                nets[customer, level, path] = nets.get((customer, level, path), Decimal(0)) + net
        placed = pd.DataFrame(
            [
                (row.customer_id, level, path, row.order_id, row.ordered_at)
                for row in sold.itertuples()
                for level, path in self.places(row.product_id)
            ],
            columns=["customer", "level", "path", "order", "at"],
        )
        for key, lines in placed.groupby(["customer", "level", "path"]):
            found.append((*key, nets[key], lines.order.nunique(), lines["at"].max()))
        frame = pd.DataFrame(found, columns=["customer", "level", "path", "net", "orders", "last"])
        frame = frame.sort_values("path").sort_values("last", ascending=False, kind="stable")
        frame = frame.sort_values("orders", ascending=False, kind="stable").sort_values(
            "net", ascending=False, kind="stable"
        )
        top = frame.groupby(["customer", "level"], as_index=False).first()
        return top.assign(name=top.path.str.split(" > ").str[-1])

    def places(self, product: str) -> set[tuple[int, str]]:
        """Level and path of every category that a product stands in, and of those above."""
        if product in self.placed:
            return self.placed[product]
        found: set[tuple[int, str]] = set()
        for category in self.products[self.products.product_id == product].category_id:
            names: list[str] = []
            at: object = category
            while at in self.tree.index:
                names.insert(0, str(self.tree.loc[at, "name"]))
                at = self.tree.loc[at, "parent_category_id"]
            found |= {(level, " > ".join(names[:level])) for level in range(1, len(names) + 1)}
        self.placed[product] = found
        return found


def share(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """amount × part / whole in cents."""
    return (amount * part / whole).quantize(CENT, ROUND_HALF_UP) if whole > 0 else Decimal(0)


def known(value: object) -> str:
    """The value, or unknown."""
    return "unknown" if value is None or pd.isna(value) or str(value).lower() == "unknown" else str(value)


def demographic(birth_date: object, gender: object) -> str:
    """gender_band; the birthday of 29 February is 1 March in other years."""
    sex = SEXES.get(str(gender).lower(), "unknown")
    band = "unknown"
    if isinstance(birth_date, str) and birth_date <= AS_OF.isoformat():
        year, month, day = map(int, birth_date.split("-"))
        age = AS_OF.year - year - ((AS_OF.month, AS_OF.day) < (month, day))
        if age <= 120:
            band = [name for first, name in BANDS if first <= age][-1]
    return "unknown" if sex == band == "unknown" else f"{sex}_{band}"


def first_interest(text: object) -> str:
    """Lower case, by alphabet."""
    parts = [] if not isinstance(text, str) else [part.strip().lower() for part in re.split("[,;|，；、]", text)]
    return known(min((part for part in parts if part), default=None))


def place(country: object, city: object) -> str:
    """local, domestic, international or unknown."""
    if not isinstance(country, str):
        return "unknown"
    if country.lower() not in ("cn", "china", "中国"):
        return "international"
    return "local" if isinstance(city, str) and city.lower() == "shanghai" else "domestic"


def household(persons: object) -> str:
    """single, couple, family, large_family or unknown."""
    count = int(persons) if isinstance(persons, str) else 0
    return {0: "unknown", 1: "single", 2: "couple", 3: "family", 4: "family"}.get(count, "large_family")


def size(employees: object) -> str:
    """small, medium, large or unknown."""
    if not isinstance(employees, str):
        return "unknown"
    return "small" if int(employees) < 50 else "medium" if int(employees) < 250 else "large"


def frequency(days: object) -> str:
    """By purchase days ever and in the last 365 days."""
    ever = [pd.Timestamp(day) for day in days]  # type: ignore[attr-defined]
    recent = sum((D - day).days < 365 for day in ever)
    if len(ever) == 1:
        return "one_time"
    return "dormant" if recent == 0 else "occasional" if recent < 4 else "regular" if recent < 12 else "frequent"


def discount(some: int, every: int) -> str:
    """By the share of orders at a discount."""
    if some == 0:
        return "none"
    return "below_one_third" if 3 * some < every else "below_two_thirds" if 3 * some < 2 * every else "mostly"
