"""A plan as headings and tables: the one text that terminal, Markdown and HTML show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kehu.plan.edits import Edit
from kehu.plan.migrations import Migration
from kehu.plan.outcome import Plan
from kehu.plan.tables import TableDiff

NOBODY = "—"
_LISTED = 6
_LONG_FLOAT = re.compile(r"-?\d+\.\d{7,}(e-?\d+)?")
"""More digits than anybody compares by eye; data has them all."""


@dataclass(frozen=True)
class Section:
    """A heading with a table below it, and a sentence between the two; columns in ``numbers`` are aligned to the right."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Document:
    """A title, a verdict of one or two sentences, and the sections that have something to say."""

    title: str
    verdict: str
    sections: tuple[Section, ...]


def document(plan: Plan, limit: int | None = 20) -> Document:
    """The plan in words.

    Args:
        plan: what was found.
        limit: rows that a section shows at most; None shows all.
    """
    sections = [*_edits(plan), *_schema(plan), *_rows(plan), *_columns(plan), *_examples(plan), *_migrations(plan)]
    sections += [*_metrics(plan), *_verdicts(plan)]
    shown = tuple(_limited(section, limit) for section in sections if section.rows)
    return Document(f"Plan against release {plan.release_id} (as of {plan.as_of})", _verdict(plan), shown)


def _verdict(plan: Plan) -> str:
    if not plan.edits:
        return "Nothing was edited since the release was built."
    built = f"{plan.built} models and seeds built anew, {plan.compared.unchanged} published tables of them unchanged."
    if not plan.changes_something:
        return f"No published table changes. {built}"
    different = len(plan.compared.tables) + len(plan.compared.tables_added) + len(plan.compared.tables_removed)
    blocking = sum(verdict.blocks for verdict in plan.verdicts)
    judged = f" {_count(blocking, 'check')} would reject it." if blocking else ""
    return f"{_count(different, 'published table')} {'changes' if different == 1 else 'change'}. {built}{judged}"


def _edits(plan: Plan) -> Iterator[Section]:
    rows = tuple((edit.kind, edit.change, _name(edit), _reaches(edit)) for edit in plan.edits)
    note = f"Scored again: {', '.join(plan.scored_again)}." if plan.scored_again else ""
    yield Section("Edits", ("kind", "", "what", "reaches"), rows, note)


def _name(edit: Edit) -> str:
    return f"{edit.name}: {edit.before!r} → {edit.after!r}" if edit.kind == "var" else edit.name


def _reaches(edit: Edit) -> str:
    if not edit.reaches:
        return "nothing reads it" if edit.kind in ("var", "macro") else ""
    more = len(edit.reaches) - _LISTED
    return ", ".join(edit.reaches[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def _schema(plan: Plan) -> Iterator[Section]:
    rows = [(table, "", "new table", "") for table in plan.compared.tables_added]
    rows += [(table, "", "table removed", "") for table in plan.compared.tables_removed]
    for diff in plan.compared.tables:
        rows += [(diff.table, name, "column added", kind) for name, kind in diff.columns_added.items()]
        rows += [(diff.table, name, "column removed", kind) for name, kind in diff.columns_removed.items()]
        rows += [(diff.table, name, "type", f"{a} → {b}") for name, (a, b) in diff.columns_retyped.items()]
    yield Section("Schema", ("table", "column", "change", "type"), tuple(rows))


def _rows(plan: Plan) -> Iterator[Section]:
    headers = ("table", "rows before", "after", "added", "removed", "changed", "repeated keys")
    for title, diffs in (("Seeds", plan.compared.seeds), ("Rows", plan.compared.tables)):
        rows = tuple((one.table, *(f"{number:,}" for number in _numbers(one))) for one in diffs)
        yield Section(title, headers, rows, numbers=frozenset(range(1, 7)))


def _numbers(diff: TableDiff) -> Sequence[int]:
    return (diff.rows_before, diff.rows_after, diff.added, diff.removed, diff.changed, diff.duplicate_keys)


def _columns(plan: Plan) -> Iterator[Section]:
    rows = [
        (diff.table, name, f"{count:,}")
        for diff in plan.compared.tables
        for name, count in sorted(diff.changed_by_column.items(), key=lambda one: (-one[1], one[0]))
    ]
    yield Section("Changed columns", ("table", "column", "rows"), tuple(rows), numbers=frozenset({2}))


def _examples(plan: Plan) -> Iterator[Section]:
    rows = [
        (diff.table, _listed(example.key), name, _text(example.before[name]), _text(example.after[name]))
        for diff in plan.compared.tables
        for example in diff.examples[:1]
        for name in list(example.before)[:_LISTED]
    ]
    yield Section("Examples", ("table", "row", "column", "before", "after"), tuple(rows), "One changed row a table.")


def _migrations(plan: Plan) -> Iterator[Section]:
    for one in plan.compared.migrations:
        moved = f"{one.moved:,} of {one.customers:,} customers move, with {plan.currency} {one.net_revenue:,.2f} of net revenue."
        yield Section(
            f"Segmentation {one.segmentation}",
            ("from", "to", "customers", "net revenue"),
            _moves(one),
            moved,
            frozenset({2, 3}),
        )


def _moves(migration: Migration) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (move.from_segment or NOBODY, move.to_segment or NOBODY, f"{move.customers:,}", f"{move.net_revenue:,.2f}")
        for move in migration.moves
    )


def _metrics(plan: Plan) -> Iterator[Section]:
    """The latest month first: what somebody looks at."""
    months = [one for one in plan.compared.metrics if one.table == "kpi_monthly"]
    segments = [one for one in plan.compared.metrics if one.table != "kpi_monthly"]
    ordered = [*sorted(months, key=lambda one: one.key, reverse=True), *segments]
    rows = tuple((one.table, " / ".join(one.key), one.metric, _text(one.before), _text(one.after)) for one in ordered)
    yield Section("Metrics", ("table", "of", "metric", "before", "after"), rows, numbers=frozenset({3, 4}))


def _verdicts(plan: Plan) -> Iterator[Section]:
    rows = tuple(
        (one.layer, one.table, one.check, "would reject" if one.blocks else "warning", one.observed, one.expected)
        for one in plan.verdicts
    )
    yield Section("Checks that would not pass", ("by", "table", "check", "", "observed", "expected"), rows)


def _limited(section: Section, limit: int | None) -> Section:
    if limit is None or len(section.rows) <= limit:
        return section
    more = f"{section.note} The first {limit} of {len(section.rows):,}; --json has all.".strip()
    return Section(section.title, section.headers, section.rows[:limit], more, section.numbers)


def _listed(values: Mapping[str, Any]) -> str:
    return ", ".join(_text(value) for value in values.values())


def _text(value: str | None) -> str:
    if value is None:
        return NOBODY
    return f"{float(value):.6g}" if _LONG_FLOAT.fullmatch(value) else value


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
