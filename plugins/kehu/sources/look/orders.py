"""What a first look says of orders: revenue by month, statuses, currencies, and whether their customers are delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kehu.landing.workspace import Workspace
from kehu.quoting import sql_text
from kehu.sources.look.casting import Cast
from kehu.sources.look.facts import Month, OrdersLook, Status

_SHOWN_STATUSES = 20
_LONGEST_STATUS = 40
_MANY = 20
_SALE = "completed"
_DATE_ONLY = r"\s*\d{4}[-/]\d{1,2}[-/]\d{1,2}\s*"


@dataclass(frozen=True)
class Rules:
    """What staging makes of orders.

    Attributes:
        cast: canonical types.
        statuses: status as delivered, in lower case → what it means.
        business_zone: IANA zone in which a day begins.
    """

    cast: Cast
    statuses: Mapping[str, str]
    business_zone: str


@dataclass(frozen=True)
class Delivery:
    """All rows of the entities of a source: entity → relation, and its canonical columns."""

    relations: Mapping[str, str]
    columns: Mapping[str, Sequence[str]]

    def has(self, entity: str, *names: str) -> bool:
        """Whether an entity is delivered with these columns."""
        return entity in self.relations and set(names) <= set(self.columns[entity])

    @property
    def has_amounts(self) -> bool:
        """Whether anything says what an order is worth."""
        return self.has("orders", "subtotal_amount") or self.has("orders", "total_amount") or self.has_lines

    @property
    def has_lines(self) -> bool:
        """Whether lines say what an order is worth."""
        lines = "order_lines"
        return self.has(lines, "order_id") and (self.has(lines, "amount") or self.has(lines, "quantity", "unit_price"))


def orders_look(work: Workspace, delivery: Delivery, rules: Rules) -> OrdersLook:
    """Look at the orders of a source."""
    work.connection.execute(f"create or replace temp table looked_orders as {_typed(delivery, rules)}")
    statuses, others = _statuses(work) if delivery.has("orders", "status") else ((), 0)
    has_customers = delivery.has("orders", "customer_id")
    known, spellings = _customers(work, delivery) if has_customers else (None, ("", ""))
    return OrdersLook(
        months=_months(work) if delivery.has_amounts else (),
        currencies=_currencies(work) if delivery.has("orders", "currency") else (),
        statuses=statuses,
        other_statuses=others,
        customers_known=known,
        spellings=spellings,
        anonymous=_count(work, "customer_id is null") if has_customers else 0,
        busiest_share=_busiest(work),
        worthless=_count(work, "is_sale and coalesce(amount, 0) = 0") if delivery.has_amounts else 0,
    )


def _typed(delivery: Delivery, rules: Rules) -> str:
    """The orders with what staging would make of them."""
    pairs = [f"({sql_text(given)}, {sql_text(meaning)})" for given, meaning in sorted(rules.statuses.items())]
    has_status = delivery.has("orders", "status")
    return f"""
        with
        orders as (
            select
                {_comparable_status() if has_status else "null::varchar"} as status,
                {_text(delivery, "customer_id")} as customer_id,
                {_text(delivery, "currency")} as currency,
                {_day(delivery, rules)} as day,
                {_own_amount(delivery, rules)} as own_amount,
                {_text(delivery, "order_id")} as order_id,
            from {delivery.relations["orders"]}
        ),
        meanings(given, meaning) as (values {", ".join(pairs) or "(null, null)"}),
        lines as ({_line_amounts(delivery, rules)})
        select
            customer_id,
            currency,
            status,
            meaning,
            {f"coalesce(meaning = '{_SALE}', false)" if has_status else "true"} as is_sale,
            day,
            coalesce(own_amount, line_amount) as amount,
        from orders
        left join meanings on orders.status = meanings.given
        left join lines on orders.order_id = lines.line_order_id
    """


def _comparable_status() -> str:
    """As the macro of the same name has it: full-width commas and blanks as plain ones, without the prefix of WooCommerce."""
    plain = "replace(replace(lower(nullif(trim(status), '')), '，', ','), '\u3000', ' ')"
    return f"regexp_replace({plain}, '^wc-', '')"


def _own_amount(delivery: Delivery, rules: Rules) -> str:
    """The subtotal, else the total without tax and shipping where they are delivered."""
    amounts = {
        name: f"({rules.cast(f'{name}_amount', 'decimal')})"
        for name in ("subtotal", "total", "tax", "shipping")
        if delivery.has("orders", f"{name}_amount")
    }
    found = [amounts["subtotal"]] if "subtotal" in amounts else []
    if "total" in amounts:
        parts = [f"coalesce({amounts[name]}, 0)" for name in ("tax", "shipping") if name in amounts]
        found.append(" - ".join([amounts["total"], *parts]))
    return f"coalesce({', '.join([*found, 'null::decimal(18, 6)'])})"


def _text(delivery: Delivery, name: str) -> str:
    return f"nullif(trim({name}), '')" if delivery.has("orders", name) else "null::varchar"


def _day(delivery: Delivery, rules: Rules) -> str:
    """The business day; a date without a time is that day whatever the zones."""
    if not delivery.has("orders", "ordered_at"):
        return "null::date"
    moment = f"({rules.cast('ordered_at', 'timestamp')})"
    return f"""
        case
            when regexp_full_match(ordered_at, '{_DATE_ONLY}') then {rules.cast("ordered_at", "date")}
            else ({moment} at time zone 'UTC' at time zone {sql_text(rules.business_zone)})::date
        end
    """


def _line_amounts(delivery: Delivery, rules: Rules) -> str:
    if not delivery.has_lines:
        return "select null::varchar as line_order_id, null::decimal(18, 6) as line_amount where false"
    worth = []
    if delivery.has("order_lines", "amount"):
        worth.append(f"({rules.cast('amount', 'decimal')})")
    if delivery.has("order_lines", "quantity", "unit_price"):
        worth.append(f"({rules.cast('quantity', 'decimal')})::double * ({rules.cast('unit_price', 'decimal')})")
    return f"""
        select trim(order_id) as line_order_id, sum(coalesce({", ".join(worth)}))::decimal(18, 6) as line_amount
        from {delivery.relations["order_lines"]}
        group by 1
    """


def _months(work: Workspace) -> tuple[Month, ...]:
    found = work.rows("""
        select strftime(day, '%Y-%m'), coalesce(upper(currency), ''), count(*), coalesce(sum(amount), 0)::decimal(18, 2)
        from looked_orders
        where is_sale and day is not null
        group by all
        order by 1, 2
    """)
    return tuple(
        Month(str(month), str(currency), int(str(orders)), Decimal(str(amount)))
        for month, currency, orders, amount in found
    )


def _currencies(work: Workspace) -> tuple[tuple[str, int], ...]:
    found = work.rows("select coalesce(currency, '(none)'), count(*) from looked_orders group by 1 order by 2 desc, 1")
    return tuple((str(name)[:_LONGEST_STATUS], int(str(count))) for name, count in found[:_SHOWN_STATUSES])


def _statuses(work: Workspace) -> tuple[tuple[Status, ...], int]:
    """The statuses, unless there are so many, or so long ones, that the column holds something else: its values stay hidden."""
    found = work.rows(
        "select coalesce(status, '(none)'), meaning, count(*) from looked_orders group by 1, 2 order by 3 desc, 1"
    )
    shown = tuple(
        Status(str(given), str(meaning) if meaning is not None else None, int(str(count)))
        for given, meaning, count in found[:_SHOWN_STATUSES]
        if meaning is not None or (len(found) <= 3 * _SHOWN_STATUSES and len(str(given)) <= _LONGEST_STATUS)
    )
    return shown, len(found) - len(shown)


def _customers(work: Workspace, delivery: Delivery) -> tuple[float | None, tuple[str, str]]:
    """Which share of the orders names a customer that is delivered, and how the ids are spelt on both sides."""
    if not delivery.has("customers", "customer_id"):
        return None, ("", "")
    customers = f"(select distinct trim(customer_id) as id from {delivery.relations['customers']})"
    share, ours, theirs = work.rows(f"""
        select
            avg((customer_id in (select id from {customers}))::int),
            mode({_shape("customer_id")}) filter (customer_id not in (select id from {customers} where id is not null)),
            (select mode({_shape("id")}) from {customers}),
        from looked_orders
        where customer_id is not null
    """)[0]
    return (None if share is None else float(str(share))), (str(ours or ""), str(theirs or ""))


def _shape(column: str) -> str:
    """What an id looks like without saying whose it is."""
    return rf"left(regexp_replace(regexp_replace({column}, '\d', '9', 'g'), '\p{{L}}', 'a', 'g'), 24)"


def _busiest(work: Workspace) -> float:
    """The share of the orders that the most frequent customer has, where there are enough to say so."""
    share = work.rows(f"""
        select case when sum(orders) >= {_MANY} then max(orders) / sum(orders) else 0 end
        from (select count(*) as orders from looked_orders where customer_id is not null group by customer_id)
    """)[0][0]
    return float(str(share or 0))


def _count(work: Workspace, condition: str) -> int:
    return int(str(work.rows(f"select count(*) from looked_orders where {condition}")[0][0]))
