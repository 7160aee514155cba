"""What the gates look at of what came in: the last delivery of every file, and not those that it took the place of.

A file that could not be read stays in the landing zone when a corrected one has landed: it has been judged, and must not
block every run after it.
"""

from __future__ import annotations

from collections.abc import Collection

from kehu.ops.batches import replaced_deliveries
from kehu.session import Session


def queries(session: Session, increments: Collection[str]) -> dict[str, str]:
    """SQL of the rows that count, by entity; an entity of which all rows count is left out."""
    found = _replaced(session, increments)
    return {
        entity: f'select * from landing."{entity}" where _batch_id not in ({_literals(batch_ids)})'
        for entity, batch_ids in found.items()
    }


def replaced_batches(session: Session, increments: Collection[str]) -> str:
    """SQL literals of all batches that do not count; one that nothing equals if there are none."""
    found = _replaced(session, increments)
    return _literals([batch_id for batch_ids in found.values() for batch_id in batch_ids]) or "''"


def _replaced(session: Session, increments: Collection[str]) -> dict[str, list[str]]:
    """The batches that do not count, by entity.

    A batch counts unless it was withdrawn, or a later one of the same source, entity and file has come, or a later snapshot of
    that entity. One without rows takes no place: there would be nothing to look at.
    """
    replaced: dict[str, list[str]] = {}
    for entity, source, batch_id, never_counts in replaced_deliveries(session):
        if never_counts or source not in increments:
            replaced.setdefault(entity, []).append(batch_id)
    return replaced


def _literals(batch_ids: list[str]) -> str:
    return ", ".join("'" + batch_id.replace("'", "''") + "'" for batch_id in batch_ids)
