"""Whether a source still delivers the canonical columns that its former delivery had.

A column that is renamed at the source is not there any more under its name, and what is not there must not mean something
else in silence: orders of nobody, worth nothing, all of them completed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import groupby

from kehu.gate.results import COLUMN_MISSING, WHOLE_LAYER, CheckResult, Severity
from kehu.ops.batches import Delivery, deliveries
from kehu.printable import printable
from kehu.session import Session

NONE_MISSING = "no_column_is_missing"
"""The check that passes where nothing is missing."""

_MEANS_SOMETHING = ("status", "currency")
"""Columns whose absence is read as something where a source has never told them."""
_SPARSE = (".jsonl", ".jsonl.gz")
"""Formats in which a field without a value is often left out."""


def check_delivered_columns(
    session: Session, release_id: str, layer: str, published: Collection[str], increments: Collection[str]
) -> list[CheckResult]:
    """Hold what has landed since the last release against what was delivered before it.

    Args:
        session: an open session of the working warehouse, which has the batches of the run.
        release_id: the run for which the results are recorded.
        layer: the layer of the results.
        published: ids of batches that stand behind a kept release: whatever they lack was accepted with it.
        increments: sources of which every batch counts; of others a later delivery of the same file takes its place.

    Returns:
        One result a column that is missing, or the one that says that none is.
    """
    found: dict[str, CheckResult] = {}
    for _, of_one_entity in groupby(deliveries(session), key=lambda one: (one.source, one.entity)):
        for delivery, former, missing in _lacking(of_one_entity, published, increments):
            for column in missing:
                result = _missing(release_id, layer, delivery, former, column)
                found.setdefault(result.check_name, result)
    return list(found.values()) or [_none(release_id, layer)]


def _lacking(
    of_one_entity: Iterator[Delivery], published: Collection[str], increments: Collection[str]
) -> Iterator[tuple[Delivery, str, tuple[str, ...]]]:
    """The deliveries that lack what was there, the file that had it last, and what they lack.

    What is not published yet is held against the last published delivery and all that came since: a bad delivery that
    comes twice does not answer for itself.
    """
    had: dict[str, str] = {}
    for delivery in of_one_entity:
        if delivery.batch_id in published:
            had = dict.fromkeys(delivery.columns, delivery.file)
            continue
        missing = tuple(column for column in had if column not in delivery.columns)
        if missing and (
            not delivery.is_replaced or (delivery.source in increments and not delivery.is_before_a_snapshot)
        ):
            yield delivery, had[missing[0]], missing
        had |= dict.fromkeys(delivery.columns, delivery.file)


def _missing(release_id: str, layer: str, delivery: Delivery, former: str, column: str) -> CheckResult:
    is_sparse = delivery.file.lower().endswith(_SPARSE) and column not in _MEANS_SOMETHING
    severity: Severity = "warning" if is_sparse else "critical"
    return CheckResult(
        release_id,
        layer,
        delivery.entity,
        f"{COLUMN_MISSING}:{delivery.source}.{delivery.entity}.{column}",
        severity,
        "failed",
        f"{printable(delivery.file)} lacks {column}, {printable(former)} had it",
        "every column that the former delivery had",
        f"was it renamed? map it, `kehu sources check {delivery.source}` lists what lands in _extra",
    )


def _none(release_id: str, layer: str) -> CheckResult:
    observed, expected = "none missing", "every column that the former delivery had"
    reason = "what a source no longer tells must not mean something else"
    return CheckResult(release_id, layer, WHOLE_LAYER, NONE_MISSING, "critical", "passed", observed, expected, reason)
