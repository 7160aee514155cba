"""docs/definitions.md#money in plain Python with exact fractions, written from its text alone.

Works on the rows of ``money_shop`` and knows nothing of the SQL models. ``Books.at`` is what a shop's tables must say at the
end of a business day.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from math import floor
from zoneinfo import ZoneInfo

from tests.support.money_shop import RATES, Rows, Shop

ZERO = Decimal("0.00")
MARGIN_RATE = Fraction("0.3")
COST_PER_TICKET = Fraction(5)


def cents(value: Fraction | Decimal) -> Decimal:
    """Rounded half up (away from zero) to cents."""
    exact = Fraction(value)
    whole = floor(abs(exact) * 100 + Fraction(1, 2))
    return Decimal(whole if exact >= 0 else -whole) / 100


def number(text: str | None) -> Fraction:
    """A delivered number; nothing is zero."""
    return Fraction(text) if text else Fraction(0)


def rate(currency: str, day: date) -> Fraction | None:
    """USD for one unit: the latest rate on or before the day."""
    if currency == "USD":
        return Fraction(1)
    known = [value for first, value in RATES[currency] if date.fromisoformat(first) <= day]
    return Fraction(known[-1]) if known else None


@dataclass
class Line:
    """What a line adds to its order; ``refunded`` is what refunds that name it have given back."""

    is_return: bool
    delivered: Decimal
    amount: Decimal
    discount: Decimal
    cost: Decimal
    is_estimated: bool

    @property
    def paid(self) -> Decimal:
        return self.amount - self.discount


@dataclass
class Refund:
    """Money given back; ``day`` is the one on which it is booked."""

    id: str
    order_id: str
    kind: str
    delivered_day: date
    day: date
    amount: Decimal = ZERO
    cost_credit: Decimal = ZERO
    counts: bool = False


@dataclass
class Order:
    """An order with its amounts as if its customer were not excluded."""

    id: str
    customer: str | None
    day: date
    moment: str
    is_completed: bool
    is_sale: bool
    gross: Decimal = ZERO
    discounts: Decimal = ZERO
    cost: Decimal = ZERO
    delivered: Decimal = ZERO
    is_estimated: bool = False
    lines: dict[str, Line] = field(default_factory=dict)

    @property
    def is_return_document(self) -> bool:
        return self.is_completed and not self.is_sale


class Books:
    """All orders and refunds of one shop, valued."""

    def __init__(self, shop: Shop, timezone: str) -> None:
        self.shop = shop
        self.zone = ZoneInfo(timezone)
        self.products = {str(row["product_id"]): row for row in shop.entities["products"]}
        self.lines_of: dict[str, Rows] = defaultdict(list)
        for row in shop.entities["order_lines"]:
            self.lines_of[str(row["order_id"])].append(row)
        self.refunds: list[Refund] = []
        self.orders = {str(row["order_id"]): self._order(row) for row in shop.entities["orders"]}
        self._book_delivered_refunds()

    def day(self, moment: str | None) -> date:
        """The business date of a moment in UTC."""
        assert moment is not None
        return datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone(self.zone).date()

    # Orders -----------------------------------------------------------------------------------------------------------

    def _order(self, row: dict[str, str | None]) -> Order:
        day = self.day(row["ordered_at"])
        currency = (row.get("currency") or "USD").upper()
        exchange = rate(currency, day)
        assert exchange is not None
        completed = row.get("status", "completed") == "completed"
        lines = {
            str(line["line_id"]): self._line(line, currency, exchange, day)
            for line in self.lines_of[str(row["order_id"])]
        }
        subtotal = self._subtotal(row)
        sells = any(not line.is_return for line in lines.values()) if lines else subtotal >= 0
        order = Order(
            str(row["order_id"]), row["customer_id"], day, str(row["ordered_at"]), completed, completed and sells
        )
        order.lines = lines
        order.delivered = sum((line.delivered for line in lines.values()), ZERO) if lines else cents(subtotal)
        if order.is_sale:
            self._value(order, cents(abs(subtotal) * exchange), cents(abs(number(row["discount_amount"])) * exchange))
        if completed:
            self._book_returns(order, cents(abs(subtotal) * exchange))
        return order

    def _subtotal(self, row: dict[str, str | None]) -> Fraction:
        """The goods before the order's discount: as delivered, else what the total leaves."""
        if row["subtotal_amount"] or not row["total_amount"]:
            return number(row["subtotal_amount"])
        beside = number(row["tax_amount"]) + number(row["shipping_amount"])
        return number(row["total_amount"]) - beside + abs(number(row["discount_amount"]))

    def _line(self, row: dict[str, str | None], currency: str, exchange: Fraction, day: date) -> Line:
        quantity = number(row["quantity"])
        value = number(row["amount"]) if row["amount"] else quantity * number(row["unit_price"])
        is_return = value < 0 or quantity < 0
        amount, discount = cents(abs(value) * exchange), cents(abs(number(row["discount_amount"])) * exchange)
        unit_cost = self._unit_cost(row, exchange, day)
        base = amount if is_return else amount - discount
        cost = cents(Fraction(base) * (1 - MARGIN_RATE)) if unit_cost is None else cents(abs(quantity) * unit_cost)
        return Line(is_return, cents(value), amount, discount, cost, unit_cost is None)

    def _unit_cost(self, row: dict[str, str | None], exchange: Fraction, day: date) -> Fraction | None:
        if row["unit_cost"]:
            return number(row["unit_cost"]) * exchange
        product = self.products.get(row["product_id"] or "")
        if not product or not product["unit_cost"]:
            return None
        product_rate = rate(product["currency"] or "USD", day)
        return None if product_rate is None else number(product["unit_cost"]) * product_rate

    def _value(self, order: Order, subtotal: Decimal, own_discount: Decimal) -> None:
        """A sale: its lines, or its subtotal; estimated costs know the order's own discount in proportion."""
        sold = [line for line in order.lines.values() if not line.is_return]
        order.gross = sum((line.amount for line in sold), ZERO) if order.lines else subtotal
        order.discounts = sum((line.discount for line in sold), ZERO) + own_discount
        estimated = [line for line in sold if line.is_estimated]
        order.is_estimated = bool(estimated) or not order.lines
        if not order.lines:
            order.cost = cents(Fraction(order.gross - own_discount) * (1 - MARGIN_RATE))
            return
        order.cost = sum((line.cost for line in sold), ZERO)
        if len(estimated) == len(sold):
            share = Fraction(1)
        elif order.gross:
            share = Fraction(sum((line.amount for line in estimated), ZERO)) / Fraction(order.gross)
        else:
            share = Fraction(0)
        order.cost -= cents(Fraction(own_discount) * share * (1 - MARGIN_RATE))

    # Refunds ----------------------------------------------------------------------------------------------------------

    def _book_returns(self, order: Order, subtotal: Decimal) -> None:
        escaped = order.id.replace("%", "%25").replace("#", "%23")
        for line_id, line in order.lines.items():
            if line.is_return:
                refund = Refund(f"{escaped}#{line_id}", order.id, "return_line", order.day, order.day, line.amount)
                refund.cost_credit, refund.counts = line.cost, True
                self.refunds.append(refund)
        if not order.lines and not order.is_sale:
            refund = Refund(f"{escaped}#", order.id, "return_order", order.day, order.day, subtotal)
            refund.cost_credit, refund.counts = cents(Fraction(subtotal) * (1 - MARGIN_RATE)), True
            self.refunds.append(refund)

    def _book_delivered_refunds(self) -> None:
        paid_back: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)

        def booked(row: dict[str, str | None]) -> tuple[date, str, str]:
            order = self.orders.get(str(row["order_id"]))
            own_day = self.day(row["refunded_at"])
            return (max(own_day, order.day) if order else own_day, str(row["refunded_at"]), str(row["refund_id"]))

        for row in sorted(self.shop.entities["refunds"], key=booked):
            order, (day, _, refund_id) = self.orders.get(str(row["order_id"])), booked(row)
            refund = Refund(refund_id, str(row["order_id"]), "refund", self.day(row["refunded_at"]), day)
            self.refunds.append(refund)
            if order is None or not order.is_completed:
                continue
            delivered = row.get("currency")
            exchange = rate(delivered, refund.delivered_day) if delivered else self._order_rate(order, day)
            assert exchange is not None
            refund.counts, refund.amount = True, cents(abs(number(row["amount"])) * exchange)
            line = order.lines.get(row["line_id"] or "")
            if line is None or line.is_return or line.paid <= 0 or not order.is_sale:
                continue
            before = paid_back[order.id, str(row["line_id"])]
            paid_back[order.id, str(row["line_id"])] = before + refund.amount
            refund.cost_credit = _credit(line, before + refund.amount) - _credit(line, before)

    def _order_rate(self, order: Order, day: date) -> Fraction | None:
        row = next(row for row in self.shop.entities["orders"] if row["order_id"] == order.id)
        return rate((row.get("currency") or "USD").upper(), day)

    def refunds_of(self, order: Order, as_of: date) -> list[Refund]:
        """The refunds that count for the order up to a day."""
        return [
            refund for refund in self.refunds if refund.order_id == order.id and refund.counts and refund.day <= as_of
        ]

    def is_excluded(self, order: Order) -> bool:
        """The order's customer is a test account or the like."""
        return order.customer in self.shop.excluded


def _credit(line: Line, refunded: Decimal) -> Decimal:
    """Cost of a line that comes back once so much money was given back for it."""
    return cents(Fraction(line.cost) * Fraction(min(refunded, line.paid)) / Fraction(line.paid))
