"""The waterfall of the customer base in the chapter on movement."""

from __future__ import annotations

from kehu.report.blocks import Chart, Column, Table
from kehu.report.charts.ledger_waterfall import Posting, draw_ledger
from kehu.report.figures import to_json
from kehu.report.release_reader import Row
from kehu.report.wording import Wording

CHANGES = (("new", 1), ("reactivated", 1), ("lapsed", -1))
"""Columns of the ledger that change the base, and how."""


def ledger_chart(ledger: list[Row], words: Wording) -> Chart:
    """Opening, changes and closing of the months given, oldest first."""
    postings = [_balance("opening", ledger[0]["opening"], words)]
    for name, sign in CHANGES:
        heads = sum(row[name] for row in ledger)
        money = sum(row[f"net_revenue_{name}"] for row in ledger)
        label, signed = words.say(f"movement.ledger.{name}"), words.decimal(sign * heads, 0)
        hover = words.say(
            "movement.ledger.hover",
            label=label,
            customers=words.counted("customers", heads),
            money=words.money(money),
        )
        postings.append(Posting(label, sign * heads, False, signed, hover))
    postings.append(_balance("closing", ledger[-1]["closing"], words))
    headline = words.say(
        "movement.ledger.headline",
        opening=words.count(ledger[0]["opening"]),
        closing=words.counted("customers", ledger[-1]["closing"]),
        months=words.counted("months", len(ledger)),
    )
    wide, narrow = draw_ledger(postings, narrow=False), draw_ledger(postings, narrow=True)
    return Chart(
        id="movement-ledger",
        headline=headline,
        alt=words.say("movement.ledger.alt", headline=headline),
        wide=to_json(wide),
        narrow=to_json(narrow),
        height=narrow.layout.height,
        table=_table(ledger, words),
        explanation=words.say("movement.ledger.explanation"),
    )


def _balance(name: str, customers: int, words: Wording) -> Posting:
    label = words.say(f"movement.ledger.{name}")
    return Posting(label, customers, True, words.count(customers), f"{label}: {words.counted('customers', customers)}")


def _table(ledger: list[Row], words: Wording) -> Table:
    names = ("opening", "new", "reactivated", "lapsed", "closing")
    titles = [Column(words.say("columns.month"), is_number=False)]
    titles += [Column(words.say(f"movement.ledger.{name}")) for name in names]
    lines = [(words.short_month(row["month"]), *(words.count(row[name]) for name in names)) for row in ledger]
    return Table(words.say("movement.ledger.table"), tuple(titles), tuple(lines))
