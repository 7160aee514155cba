"""A damaged batch is named wherever something fails that reads it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kehu.errors import LandingError, TransformError
from kehu.landing.integrity import damage_of, naming_damaged_batches
from kehu.landing.ledger import Batch
from kehu.pipeline.build import load_landing
from kehu.pipeline.ingest import ingest_source, source_names
from kehu.pipeline.runs import start_run
from kehu.settings import Settings, load_settings
from tests.unit.release.candidates import NOW

ROWS = 20_000


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    """A batch whose file is whole."""
    pq.write_table(pa.table({"a": [f"value {n * 7919 % ROWS}" for n in range(ROWS)]}), tmp_path / "part.parquet")
    nothing = {"delivered_columns": (), "timezone": "UTC", "window_from": None, "window_to": None, "extracted_at": NOW}
    return Batch(
        "b", "shop", "orders", "append", 1, ROWS, 0, file="orders.csv", fingerprint="f", path="part.parquet", **nothing
    )  # type: ignore[arg-type]


def change(file: Path, kind: str) -> None:
    content = bytearray(file.read_bytes())
    if kind == "cut off":
        content = content[: len(content) // 2]
    elif kind == "no parquet":
        content = bytearray(b"order_id;total\n" * 100)
    elif kind == "empty":
        content = bytearray()
    else:
        for place in range(200, len(content) - 2_000, 97):
            content[place] ^= 0xFF
    file.write_bytes(content)


@pytest.mark.parametrize("kind", ["cut off", "no parquet", "empty", "inside"])
def test_damage_is_found_by_reading_to_the_end(tmp_path: Path, batch: Batch, kind: str) -> None:
    assert damage_of(tmp_path, batch) is None
    change(tmp_path / batch.path, kind)
    assert "cannot be read to its end" in str(damage_of(tmp_path, batch))


def test_rows_that_are_missing_are_damage(tmp_path: Path, batch: Batch) -> None:
    pq.write_table(pa.table({"a": ["1"]}), tmp_path / batch.path)
    assert damage_of(tmp_path, batch) == f"it holds 1 rows instead of {ROWS}"


def test_an_error_that_has_another_cause_stays_what_it_is(tmp_path: Path, batch: Batch) -> None:
    with pytest.raises(TransformError, match="a model"), naming_damaged_batches(tmp_path, lambda: [batch]):
        raise TransformError("a model is wrong")
    change(tmp_path / batch.path, "inside")
    with (
        pytest.raises(
            LandingError, match=r"1 of the landed batches are damaged.*part\.parquet.*orders\.csv.*kehu ingest"
        ),
        naming_damaged_batches(tmp_path, lambda: [batch]),
    ):
        raise TransformError("a model is wrong")


def test_a_build_names_the_batch_that_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("order_id,ordered_at\n1,2024-01-01\n")
    (tmp_path / "sources.yml").write_text(
        f"sources: [{{name: shop, kind: files, path: {tmp_path}, entities: {{orders: {{file: orders.csv}}}}}}]\n"
    )
    settings: Settings = load_settings(home=tmp_path / "home", sources=tmp_path / "sources.yml")
    for name in source_names(settings):
        ingest_source(settings, name)
    run = start_run(settings, NOW.date(), NOW)
    load_landing(settings, run)
    (part,) = settings.landing_dir.rglob("*.parquet")
    part.chmod(0o644)
    change(part, "cut off")
    with pytest.raises(LandingError, match=r"landed batches are damaged.*orders\.csv"):
        load_landing(settings, run)
