"""Real data with known results, as ``tests/data/README.md`` lists them: CDNOW and Online Retail."""

from __future__ import annotations

import csv
import gzip
import os
import re
from importlib.resources import files
from pathlib import Path

from tests.support.repository import ROOT

CDNOW = ROOT / "tests" / "data" / "cdnow"
ONLINE_RETAIL = ROOT / "tests" / "data" / "online_retail" / "online_retail.parquet"
EXAMPLES = ROOT / "examples"


def cdnow_csv() -> str:
    """The 6,919 purchases of the CDNOW sample, from the package ``lifetimes``, as a CSV with a header."""
    lines = ["customer_id,sample_id,date,cds,amount"]
    for line in files("lifetimes").joinpath("datasets", "CDNOW_sample.txt").read_text(encoding="utf-8").splitlines():
        customer, sample, day, cds, amount = line.split()
        lines.append(f"{customer},{sample},{day[:4]}-{day[4:6]}-{day[6:]},{cds},{float(amount)}")
    return "\n".join([*lines, ""])


def cdnow_reference() -> list[dict[str, str]]:
    """What the references say of every customer of CDNOW."""
    with gzip.open(CDNOW / "reference_expected.csv.gz", "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def cdnow_by_frequency() -> list[dict[str, str]]:
    """Actual and expected purchases of the holdout by purchases before it."""
    with (CDNOW / "reference_by_frequency.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def online_retail_files() -> dict[str, Path]:
    """The extract, and the whole set where the environment variable KEHU_TEST_ONLINE_RETAIL names it."""
    whole = os.environ.get("KEHU_TEST_ONLINE_RETAIL")
    return {"extract": ONLINE_RETAIL} | ({"whole": Path(whole)} if whole else {})


def example(name: str, data: Path, folder: Path) -> Path:
    """A copy of an example's ``sources.yml`` in ``folder`` that reads its files from the folder ``data``."""
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    copied, count = re.subn(r"(?m)^    path: .*$", f"    path: {data}", text)
    assert count == 1, f"{name} has one source with one path"
    copy = folder / Path(name).name
    copy.write_text(copied, encoding="utf-8")
    return copy
