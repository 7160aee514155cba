"""Rows as they should not be: how many are planted on a day, and the list of them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kehu.demo_shop.columns import Rows, constant, count_of, joined_rows, taken
from kehu.demo_shop.exports import EXPORTS
from kehu.demo_shop.plan import Array
from kehu.demo_shop.world import World

RATE = 0.002
SELDOM = 1 / 12
FEWEST = 4
"""Of a kind of dirt: its share of the rows; the least that is to be expected on a day, so that a small shop has some too; and how
many rows there are at least for each soiled one."""

FATES = {
    "malformed": "rejected",
    "unreadable": "quarantined",
    "unknown_status": "quarantined",
    "off_scale": "quarantined",
    "duplicated": "superseded",
    "changed": "supersedes",
    "late": "staged",
}
"""What has to become of each kind of row. Of a duplicate the second row, of a change the first one is superseded."""


def soiled(world: World, kind: str, day: int, count: int) -> Array:
    """Which of so many rows are to be of a kind: a mask."""
    mask = np.zeros(count, bool)
    if world.plan.has_dirt and count:
        random = world.plan.random(f"dirt {kind}", day)
        wanted = min(random.poisson(max(RATE * count, SELDOM)), count // FEWEST)
        mask[random.choice(count, wanted, replace=False)] = True
    return mask


def note(world: World, kind: str, export: str, day: int, keys: pa.Array, *, column: str | None = None) -> None:
    """Write rows of a kind into the truth; ``export`` is ``source.entity``."""
    count = len(keys)
    if count:
        source, entity = export.split(".")
        world.truth.add(
            "dirt",
            {
                "day": np.full(count, day),
                "source": constant(source, count),
                "entity": constant(entity, count),
                "file": constant(world.files.name(EXPORTS[export], day), count),
                "kind": constant(kind, count),
                "row_key": keys,
                "column_name": constant(column, count),
                "fate": constant(FATES[kind], count),
            },
        )


def deliver(world: World, export: str, day: int, rows: Rows, *, drift: int = 0, usable: Array | None = None) -> None:
    """Write an export's rows of a day, some of them twice, and lines that were cut off while they were written.

    ``usable`` says which rows are no dirt themselves: others are not repeated, so that each soiled row is counted once.
    """
    count = count_of(rows)
    if not count:
        return
    written: Rows = rows
    twice = soiled(world, f"duplicated {export}", day, count)
    if usable is not None:
        twice &= usable
    if twice.any():
        copies = taken(rows, twice)
        written = joined_rows([rows, copies])
        note(world, "duplicated", export, day, _keys(export, copies))
    raw: tuple[str, ...] = ()
    if EXPORTS[export].ending != "xlsx":
        broken = _keys(export, taken(rows, soiled(world, f"malformed {export}", day, count)))
        note(world, "malformed", export, day, broken)
        raw = tuple(_cut_off(EXPORTS[export].ending, str(value)) for value in broken.to_pylist())
    world.files.write(export, day, written, raw, drift=drift)


def _keys(export: str, rows: Rows) -> pa.Array:
    """What a row is known by: the first column of its file, or the first two with a stroke between."""
    columns = [rows[name] for name in list(EXPORTS[export].columns)[: EXPORTS[export].key_columns]]
    return pc.binary_join_element_wise(*columns, "/")


def _cut_off(ending: str, key: str) -> str:
    """A line that ends in the middle."""
    return f'{{"id": "{key}", "cr' if ending == "jsonl" else f"{key},2025-"
