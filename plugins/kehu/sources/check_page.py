"""A first look as one page of HTML, for whoever does not sit at the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from kehu.sources.check import SourceCheck
from kehu.sources.look.facts import EntityCheck, OrdersLook

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; color: #222 }
h1 { font-size: 1.5rem }
h2 { font-size: 1.2rem; margin-top: 2.2rem }
h3 { font-size: 1rem; margin-bottom: .3rem }
.fits { color: #1a7f37 }
.look { color: #9a6700 }
.bad { color: #cf222e }
table { border-collapse: collapse; margin: .4rem 0 1rem }
td, th { padding: .15rem .8rem .15rem 0; text-align: left; vertical-align: top }
td.n { text-align: right; font-variant-numeric: tabular-nums }
td.bar { width: 16rem }
td.bar span { display: block; height: .7rem; background: #6e9bd1; margin-top: .35rem }
"""


def check_page(checks: Sequence[SourceCheck]) -> str:
    """The page: the verdict of every source first, then what was found of each entity."""
    body = "".join(_source(check) for check in checks)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A first look at the sources</title>'
        f"<style>{_STYLE}</style></head><body><h1>A first look at the sources</h1>"
        f"<p>Nothing has landed. Values of persons are not shown.</p>{body}</body></html>\n"
    )


def _source(check: SourceCheck) -> str:
    kind = "bad" if check.problems else "look" if check.findings else "fits"
    told = _items([*check.problems, *check.findings])
    entities = "".join(_entity(entity) for entity in check.entities)
    return f'<h2>{escape(check.source)}: <span class="{kind}">{escape(check.verdict)}</span></h2>{told}{entities}'


def _entity(found: EntityCheck) -> str:
    keys = found.keys
    rows: list[tuple[str, str]] = [
        ("rows", f"{found.rows:,}" + (f", and {found.rejects:,} that cannot be parsed" if found.rejects else "")),
        ("why", "; ".join(f"{reason}: {count:,}" for reason, count in found.reject_reasons)),
        (
            found.origin,
            "; ".join(found.files[:20]) + (f"; {len(found.files) - 20} more" if len(found.files) > 20 else ""),
        ),
        ("delivers", ", ".join(found.delivered)),
        ("in _extra", found.extra),
        ("key", ", ".join(keys.columns)),
        ("rows without key", _number(keys.empty)),
        ("keys whose rows are the same", _number(keys.identical)),
        ("keys whose rows differ", _number(keys.conflicting)),
        *((span.column, f"{span.first} … {span.last}") for span in found.spans),
        *((f"{column}, no {kind}", _number(count)) for column, kind, count in found.unreadable),
        *((f"{column} is {word!r}", _number(count)) for column, word, count in found.placeholders),
        ("assumed", "; ".join(found.assumed)),
    ]
    shown = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows if text)
    orders = _orders(found.orders) if found.orders else ""
    return f"<h3>{escape(found.entity)} ({escape(found.mode)})</h3><table>{shown}</table>{orders}"


def _orders(orders: OrdersLook) -> str:
    statuses = [(one.delivered, one.meaning or "nobody says", f"{one.orders:,}") for one in orders.statuses]
    currencies = [(name, f"{count:,}") for name, count in orders.currencies]
    known = "" if orders.customers_known is None else f"{orders.customers_known:.1%}"
    people = [("orders whose customer is delivered", known), ("orders without a customer", _number(orders.anonymous))]
    return (
        _table(("status", "means", "orders"), statuses)
        + _table(("currency", "orders"), currencies)
        + _table(("customers", ""), [pair for pair in people if pair[1]])
        + _months(orders)
    )


def _months(orders: OrdersLook) -> str:
    most = max((month.amount for month in orders.months), default=0)
    if not orders.months:
        return ""
    lines = []
    for month in orders.months:
        width = max(0, round(100 * month.amount / most)) if most > 0 else 0
        lines.append(
            f'<tr><td>{month.month}</td><td class="n">{month.amount:,}</td><td>{escape(month.currency)}</td>'
            f'<td class="n">{month.orders:,}</td><td class="bar"><span style="width:{width}%"></span></td></tr>'
        )
    head = "<tr><th>month</th><th>revenue</th><th></th><th>orders</th><th></th></tr>"
    return f"<table>{head}{''.join(lines)}</table>"


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    return f"<table><tr>{head}</tr>{lines}</table>" if lines else ""


def _items(texts: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>" if texts else ""


def _number(count: int) -> str:
    return f"{count:,}" if count else ""
