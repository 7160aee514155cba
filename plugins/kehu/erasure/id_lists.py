"""Lists of ids in published tables: ids joined by commas, where an id may hold commas itself, and JSON lists."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator

LONGEST_ID = 8
"""As many commas, less one, may stand in an id of a list; in a value that is one id there may be any number."""


def items_of(value: str) -> list[str]:
    """The items of a list, as far as commas tell."""
    return list(map(str, json.loads(value))) if is_json(value) else value.split(",")


def is_json(value: str) -> bool:
    """Whether a list is one of JSON, whose items cannot be mistaken."""
    return value.startswith('["') and value.endswith('"]')


def spans_of(value: str) -> Iterator[tuple[int, int]]:
    """Where an id may stand in a list, as first and last item: the whole list first, then long ids before short ones."""
    count = len(items_of(value))
    if is_json(value):
        yield from ((at, at) for at in range(count))
        return
    yield 0, count - 1
    for length in range(min(count - 1, LONGEST_ID), 0, -1):
        yield from ((at, at + length - 1) for at in range(count - length + 1))


def rewritten_list(value: str, pseudonym: Callable[[str], str | None]) -> str | None:
    """The list with the pseudonyms of those who were erased; None if it names nobody of them."""
    items = items_of(value)
    taken: dict[tuple[int, int], str] = {}
    for first, last in spans_of(value):
        new = None if _overlaps(taken, first, last) else pseudonym(",".join(items[first : last + 1]).strip())
        if new is not None:
            taken[first, last] = new
    if not taken:
        return None
    fresh = [new for _, new in sorted({**_kept(items, taken), **taken}.items())]
    return json.dumps(fresh, ensure_ascii=False, separators=(",", ":")) if is_json(value) else ",".join(fresh)


def _overlaps(taken: Iterable[tuple[int, int]], first: int, last: int) -> bool:
    return any(first <= end and begin <= last for begin, end in taken)


def _kept(items: list[str], taken: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str]:
    gone = [*taken]
    return {(at, at): item for at, item in enumerate(items) if not _overlaps(gone, at, at)}
