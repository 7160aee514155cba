"""What was made of what came in: rows in quarantine, values left out, what was cleaned, derived or assumed.

Everything here is counted in the state, by sets; results hold counts, reasons and names of columns, never a value. What
withdraws deliveries adds its own entry to ``_COUNTED``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from kehu.entities import ENTITIES
from kehu.gate.results import WHOLE_LAYER, CheckResult, Status
from kehu.ops.batches import batches_lacking
from kehu.session import Session

LAYER = "intake"
NOTHING_TO_TELL = "everything_was_taken_as_delivered"
"""The check that passes where there is nothing to tell."""

_SHOWN = 5
_SEEN = """
    select '{entity}', _disposition, _reason, _problems, _remarks, count(*)
    from staging.base_{entity}
    where _disposition = 'quarantined' or (_disposition = 'staged' and (_problems is not null or _remarks is not null))
    group by _disposition, _reason, _problems, _remarks
"""
_ASSUMED = """
    select _source, count(*) from staging.base_{entity}
    where _disposition = 'staged' and _batch_id in ({batches})
    group by _source order by _source
"""


@dataclass(frozen=True)
class _Told:
    """Something that is counted by source and told where it is not nothing.

    ``observed`` has places for the count and the sources, ``status`` is noted unless it is a warning.
    """

    table: str
    check: str
    sql: str
    observed: str
    expected: str
    reason: str
    status: Status = "noted"


_CHECKS = "`kehu checks` lists this; docs/sources.md says how it was taken"
_COUNTED = (
    _Told(
        "orders",
        "status_is_delivered",
        _ASSUMED.format(entity="orders", batches=batches_lacking("orders", "status")),
        "{n} orders of {sources} taken for completed: no status was ever delivered",
        "a status",
        "map status, or `columns: {status: {value: completed}}` says that it is meant",
    ),
    *(
        _Told(
            entity,
            "currency_is_delivered",
            _ASSUMED.format(entity=entity, batches=batches_lacking(entity, "currency")),
            f"{{n}} {entity} of {{sources}} taken to be in the reporting currency: no currency was ever delivered",
            "a currency",
            "map currency, or `columns: {currency: {value: …}}` says which it is",
        )
        for entity in ("orders", "marketing_spend")
    ),
    _Told(
        "orders",
        "goods_are_delivered",
        """select base._source, count(*) from staging.base_orders as base
            inner join intermediate.int_orders_value as valued on base.order_id = valued.order_id
            where base._disposition = 'staged' and base.is_subtotal_derived and valued.is_without_lines
                and (valued.is_valid or valued.is_return_document)
            group by base._source order by base._source""",
        "{n} orders of {sources} are worth what their total leaves without tax and shipping",
        "subtotal_amount, or order_lines",
        _CHECKS,
    ),
    _Told(
        "orders",
        "orders_are_worth_something",
        """select split_part(order_id, ':', 1), count(*) from intermediate.int_orders_value
            where is_valid and not is_excluded and gross_revenue = 0
            group by split_part(order_id, ':', 1) order by split_part(order_id, ':', 1)""",
        "{n} orders of {sources} count and are worth 0.00",
        "a value",
        "map subtotal_amount or total_amount, or deliver order_lines; above the var max_worthless_order_share the run stops",
    ),
    _Told(
        "refunds",
        "money_back_is_delivered",
        """select split_part(order_id, ':', 1), count(*) from intermediate.int_refunds_value
            where kind = 'status' and is_counted and not is_excluded
            group by split_part(order_id, ':', 1) order by split_part(order_id, ':', 1)""",
        "{n} orders of {sources} are refunded as a whole by their status: no refund says how much",
        "a refund a refunded order",
        "deliver refunds; statuses: of the source, or the seed map_order_status, says what means that money went back",
    ),
    _Told(
        "refunds",
        "refunds_say_whether_tax_is_in_them",
        """select base._source, count(*) from staging.base_refunds as base
            inner join intermediate.int_refunds_convert as converted on base.refund_id = converted.refund_id
            where base._disposition = 'staged' and base.amount_includes_tax is null and converted.is_with_tax
            group by base._source order by base._source""",
        "{n} refunds of {sources} are more than the goods of their order: tax and shipping were taken out of them",
        "amount_includes_tax",
        "map amount_includes_tax, or `columns: {amount_includes_tax: {value: true}}`",
    ),
    _Told(
        "refunds",
        "refunds_of_a_source_have_one_sign",
        """select _source, least(sum(case when amount < 0 then 1 else 0 end), sum(case when amount > 0 then 1 else 0 end))
            from staging.base_refunds where _disposition = 'staged'
            group by _source
            having min(amount) < 0 and max(amount) > 0 order by _source""",
        "{n} refunds of {sources} have another sign than the others; all are taken for money that went back",
        "one sign a source",
        "where the other sign means that a refund was taken back, leave both out with `where`",
        status="failed",
    ),
    _Told(
        "orders",
        "cost_is_delivered",
        """select split_part(order_id, ':', 1), count(*) from intermediate.int_orders_value
            where is_cost_estimated and not is_excluded
            group by split_part(order_id, ':', 1) order by split_part(order_id, ':', 1)""",
        "{n} orders of {sources} have an estimated cost: their margin is the var default_margin_rate, in whole or in part",
        "unit_cost of lines or products",
        "deliver unit_cost, or set default_margin_rate under vars in sources.yml",
    ),
)


_REMARKS = {
    "cleaned": ("ids_are_clean", "ids cleaned of blanks, of what Excel puts around or of .0"),
    "placeholder": ("values_are_no_placeholders", "placeholders taken for nothing"),
    "assumed": ("currencies_are_filled", "empty currencies taken for the reporting currency"),
}
"""What staging remarks of a value: the check, and words for it."""


def tell_intake(session: Session, release_id: str) -> list[CheckResult]:
    """What nobody should have to look for; the one check that passes where there is nothing.

    Args:
        session: an open session of the working warehouse, whose state is built.
        release_id: the run for which the results are recorded.
    """
    found = [*_of_rows(session), *_of_sources(session)]
    if not found:
        observed, reason = "nothing to tell", "nothing is in quarantine, nothing was cleaned, derived or assumed"
        found = [_Found(WHOLE_LAYER, NOTHING_TO_TELL, "passed", observed, reason)]
    return [one.of(release_id) for one in found]


@dataclass(frozen=True)
class _Found:
    """A result of no release yet."""

    table: str
    check: str
    status: Status
    observed: str
    reason: str
    expected: str = "none"

    def of(self, release_id: str) -> CheckResult:
        return CheckResult(
            release_id, LAYER, self.table, self.check, "warning", self.status, self.observed, self.expected, self.reason
        )


def _of_rows(session: Session) -> Iterator[_Found]:
    """Quarantine, values left out, placeholders and cleaned ids, by entity."""
    sql = " union all ".join(_SEEN.format(entity=entity) for entity in ENTITIES)
    quarantined: dict[str, Counter[str]] = {entity: Counter() for entity in ENTITIES}
    values: dict[str, Counter[str]] = {entity: Counter() for entity in ENTITIES}
    remarked = {kind: {entity: Counter[str]() for entity in ENTITIES} for kind in _REMARKS}
    for entity, disposition, reason, problems, remarks, count in session.rows(sql):
        if disposition == "quarantined":
            quarantined[entity][reason] += count
            continue
        for column in filter(None, (problems or "").split(",")):
            values[entity][column] += count
        for remark in filter(None, (remarks or "").split(",")):
            kind, _, column = remark.partition(" ")
            remarked[kind][entity][column] += count
    for entity in ENTITIES:
        yield from _trouble(entity, quarantined[entity], values[entity])
        for kind, (check, words) in _REMARKS.items():
            if counts := remarked[kind][entity]:
                yield _Found(entity, check, "noted", f"{counts.total():,} {words}: {_listed(counts)}", _CHECKS)


def _trouble(entity: str, quarantined: Counter[str], values: Counter[str]) -> Iterator[_Found]:
    """What is lost for now."""
    if quarantined:
        observed = f"{quarantined.total():,} rows in quarantine: {_listed(quarantined)}"
        yield _Found(entity, "rows_can_be_used", "failed", observed, f"`kehu quarantine {entity}` shows them")
    if values:
        observed = f"{values.total():,} values left out, their rows kept: {_listed(values)}"
        reason = "`kehu quarantine` counts them by file"
        yield _Found(entity, "optional_values_can_be_read", "failed", observed, reason)


def _of_sources(session: Session) -> Iterator[_Found]:
    """What is counted by source."""
    for told in _COUNTED:
        counts = {source: int(count) for source, count in session.rows(told.sql)}
        if counts:
            observed = told.observed.format(n=f"{sum(counts.values()):,}", sources=", ".join(sorted(counts)))
            yield _Found(told.table, told.check, told.status, observed, told.reason, told.expected)


def _listed(counts: Counter[str]) -> str:
    """The most frequent first, and how many others there are."""
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    shown = [f"{what} ({count:,})" for what, count in ordered[:_SHOWN]]
    return ", ".join(shown) + (f" and {len(ordered) - _SHOWN} more" if len(ordered) > _SHOWN else "")
