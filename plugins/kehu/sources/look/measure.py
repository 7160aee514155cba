"""What is measured of the rows of any entity, in a few queries over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kehu.entities import ENTITIES, Entity
from kehu.landing.workspace import Workspace
from kehu.quoting import sql_name
from kehu.sources.look.casting import TYPED, Cast
from kehu.sources.look.facts import EntityCheck, Keys, Span
from kehu.sources.look.placeholders import is_header, is_total, word_of

_SHOWN_SPANS = 3
CUT = "id any more: a spreadsheet has cut its digits"


def measured(work: Workspace, relation: str, found: EntityCheck, cast: Cast) -> EntityCheck:
    """The check with all that can be said of every entity.

    Args:
        work: where the rows are.
        relation: all rows of the entity that would land.
        found: what is known of them so far.
        cast: canonical types.
    """
    if not found.rows:
        return found
    entity, names = ENTITIES[found.entity], found.delivered
    key = [name for name in entity.key if name in names]
    headers, totals = work.rows(
        f"select count(*) filter ({is_header(names)}), count(*) filter ({is_total(key)}) from {relation}"
    )[0]
    return replace(
        found,
        keys=_keys(work, relation, entity, names),
        spans=_spans(work, relation, entity, names, cast),
        unreadable=_unreadable(work, relation, entity, names, cast),
        placeholders=_placeholders(work, relation, entity, names),
        headers=int(str(headers)),
        totals=int(str(totals)),
    )


def _keys(work: Workspace, relation: str, entity: Entity, names: Sequence[str]) -> Keys:
    """A key that comes again in another file is a newer version of it; within one file it is not."""
    if not set(entity.key) <= set(names):
        return Keys(())
    key = ", ".join(map(sql_name, entity.key))
    is_empty = " or ".join(f"coalesce(trim({sql_name(name)}), '') = ''" for name in entity.key)
    values = ", ".join(sql_name(name) for name in names)
    empty = work.rows(f"select count(*) from {relation} where {is_empty}")[0][0]
    identical, conflicting = work.rows(f"""
        select count(*) filter (versions = 1), count(*) filter (versions > 1)
        from (
            select count(distinct hash({values})) as versions
            from {relation}
            where not ({is_empty})
            group by _file, {key}
            having count(*) > 1
        )
    """)[0]
    return Keys(entity.key, int(str(empty)), int(str(identical)), int(str(conflicting)))


def _spans(work: Workspace, relation: str, entity: Entity, names: Sequence[str], cast: Cast) -> tuple[Span, ...]:
    dated = [name for name in names if entity.column(name).type in ("date", "timestamp")]
    chosen = sorted(dated, key=lambda name: not entity.column(name).required)[:_SHOWN_SPANS]
    if not chosen:
        return ()
    ends = ", ".join(
        f"min({sql})::date::varchar, max({sql})::date::varchar"
        for name in chosen
        for sql in [cast(name, entity.column(name).type)]
    )
    row = work.rows(f"select {ends} from {relation}")[0]
    pairs = zip(chosen, row[::2], row[1::2], strict=True)
    return tuple(Span(name, str(first), str(last)) for name, first, last in pairs if first is not None)


def _unreadable(
    work: Workspace, relation: str, entity: Entity, names: Sequence[str], cast: Cast
) -> tuple[tuple[str, str, int], ...]:
    typed = [name for name in names if entity.column(name).type in TYPED]
    cut = _cut_ids(work, relation, [name for name in names if entity.column(name).type == "id"])
    if not typed:
        return cut
    counts = ", ".join(
        f"count(*) filter (trim({sql_name(name)}) <> '' and ({cast(name, entity.column(name).type)}) is null)"
        for name in typed
    )
    row = work.rows(f"select {counts} from {relation}")[0]
    found = zip(typed, row, strict=True)
    return cut + tuple((name, entity.column(name).type, int(str(count))) for name, count in found if count)


def _cut_ids(work: Workspace, relation: str, ids: Sequence[str]) -> tuple[tuple[str, str, int], ...]:
    """Ids that a spreadsheet has made numbers of: ``2.02401E+17`` stands for many."""
    if not ids:
        return ()
    counts = ", ".join(
        rf"count(*) filter (regexp_full_match({sql_name(name)}, '\s*-?\d(\.\d+)?[eE]\+?\d+\s*'))" for name in ids
    )
    row = work.rows(f"select {counts} from {relation}")[0]
    return tuple((name, CUT, int(str(count))) for name, count in zip(ids, row, strict=True) if count)


def _placeholders(
    work: Workspace, relation: str, entity: Entity, names: Sequence[str]
) -> tuple[tuple[str, str, int], ...]:
    """Where a zero is a number it is no placeholder, so that only ids, identifiers of persons and dates are looked at."""
    looked = [name for name in names if _may_hold_placeholders(entity, name)]
    parts = [
        f"select {number} as position, {word_of(name, entity.column(name).type)} as word from {relation}"
        for number, name in enumerate(looked)
    ]
    if not parts:
        return ()
    found = work.rows(
        f"select position, word, count(*) from ({' union all '.join(parts)})"
        " where word is not null group by all order by 1, 3 desc, 2"
    )
    return tuple((looked[int(str(position))], str(word), int(str(count))) for position, word, count in found)


def _may_hold_placeholders(entity: Entity, name: str) -> bool:
    kind = entity.column(name).type
    return kind in ("id", "date", "timestamp") or name in ("email", "phone")
