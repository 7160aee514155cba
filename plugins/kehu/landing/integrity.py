"""Which landed batches are damaged: asked where something has failed that reads them, so that the file gets named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from kehu.errors import LandingError
from kehu.landing.ledger import LEDGER_FOLDER, Batch

_ROWS_AT_ONCE = 65_536
_SHOWN = 10


@contextmanager
def naming_damaged_batches(landing_dir: Path, batches: Callable[[], list[Batch]]) -> Iterator[None]:
    """Look for the cause in the landing zone where the block fails; an error that has another cause stays what it is.

    Args:
        landing_dir: the landing zone.
        batches: the committed batches, asked for only then.

    Raises:
        LandingError: a batch cannot be read; names it and how to get it back.
    """
    try:
        yield
    except Exception as error:
        damaged = [(batch, why) for batch in batches() if (why := damage_of(landing_dir, batch)) is not None]
        if not damaged:
            raise
        raise LandingError(
            f"{len(damaged)} of the landed batches are damaged",
            fix="restore these files from a backup; or, where the source can deliver them again, delete their entries below"
            f" landing/{LEDGER_FOLDER} and run `kehu ingest`",
            files=[batch.path for batch, _ in damaged[:_SHOWN]],
            delivered_as=sorted({batch.file for batch, _ in damaged[:_SHOWN]}),
            cause=damaged[0][1],
        ) from error


def damage_of(landing_dir: Path, batch: Batch) -> str | None:
    """What is wrong with the file of a batch, read to its end; None where it is whole. Never a value of a row."""
    try:
        with pq.ParquetFile(landing_dir / batch.path) as file:
            rows = sum(one.num_rows for one in file.iter_batches(_ROWS_AT_ONCE))
    except (OSError, pa.ArrowException) as error:
        return f"{type(error).__name__}: it cannot be read to its end"
    return None if rows == batch.row_count else f"it holds {rows} rows instead of {batch.row_count}"
