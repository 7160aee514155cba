"""Fills the column `national_pattern` of the seed country_calling_codes from libphonenumber's metadata; a test keeps it fresh.

The other columns are kept as they are. Run it after `phonenumbers` got a newer version: `make calling-codes`.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from phonenumbers import PhoneMetadata

ROOT = Path(__file__).resolve().parents[1]
SEED = ROOT / "dbt_project" / "seeds" / "country_calling_codes.csv"
COLUMN = "national_pattern"


def national_pattern(country_code: str) -> str:
    r"""What the national numbers of a country look like, as a regular expression that every engine reads alike.

    It is to fit from the first digit to the last. ``\d`` is written as a class, since engines disagree about backslashes.
    """
    metadata = PhoneMetadata.metadata_for_region(country_code)
    if metadata is None or metadata.general_desc is None:
        raise ValueError(f"libphonenumber knows no country {country_code}")
    pattern = str(metadata.general_desc.national_number_pattern).replace(r"\d", "[0-9]")
    if "\\" in pattern or "(?" in pattern.replace("(?:", ""):
        raise ValueError(f"the pattern of {country_code} needs more than every engine knows")
    return pattern.replace("(?:", "(")


def seed() -> str:
    """The seed with the patterns of the installed metadata."""
    with SEED.open(encoding="utf-8", newline="") as file:
        rows = [row | {COLUMN: national_pattern(row["country_code"])} for row in csv.DictReader(file)]
    written = io.StringIO()
    writer = csv.DictWriter(written, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


if __name__ == "__main__":
    SEED.write_text(seed(), encoding="utf-8")
