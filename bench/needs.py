"""Measures the search for needs: how long a million texts take, and how well labelled texts are understood.

``python bench/needs.py [--texts N] [--threads 2]`` draws texts of the demo shop's grammars, three to a text and each with a
number of its own so that no two are equal, and runs the query of the models on DuckDB. ``--labelled FILE`` reads a CSV with the
columns id, language, text, needs, problem_needs and doubtful (needs with semicolons between) instead, and prints precision and
recall.
"""

from __future__ import annotations

import argparse
import csv
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from math import sqrt
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import duckdb  # noqa: E402
import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.compute as pc  # noqa: E402

from kehu.demo_shop.phrases import NEEDS, TONES, all_phrases  # noqa: E402
from kehu.demo_shop.places import LANGUAGES  # noqa: E402
from kehu.demo_shop.texts import drawn_texts, themes, written  # noqa: E402
from tests.support.needs_sql import fill, needs_query, seeded_keywords  # noqa: E402

Cell = tuple[str, str]


def drawn(count: int) -> pa.Table:
    """Texts of both languages: three of the grammars' ones in a row, of one language, and a number."""
    draw, phrases = np.random.default_rng(20260101), all_phrases()
    language = draw.integers(0, len(LANGUAGES), count)
    parts = []
    for _ in range(3):
        need, tone = draw.integers(0, len(NEEDS), count), draw.integers(0, len(TONES), count)
        parts.append(written(phrases, drawn_texts(draw, phrases, language, themes(draw, need, tone))))
    numbers = pa.array(np.arange(count)).cast(pa.string())
    words = pc.binary_join_element_wise(*parts, numbers, " ")
    return pa.table({"event_id": numbers, "words": words})


def measure(count: int, threads: int) -> None:
    """Time the query over so many texts."""
    with closing(duckdb.connect()) as session:
        session.execute(f"set threads = {threads}")
        fill(session, seeded_keywords())
        session.register("drawn", drawn(count))
        session.execute("create table delivered as select * from drawn")
        session.unregister("drawn")
        characters = session.execute("select sum(length(words)) from delivered").fetchall()[0][0]
        begin, used = time.monotonic(), _processor_seconds()
        session.execute(f"create table found as {needs_query()}")
        wall, used = time.monotonic() - begin, _processor_seconds() - used
        found = session.execute("select count(*) from found").fetchall()[0][0]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
    print(
        f"{count:,} texts of {characters / count:.0f} characters, {len(seeded_keywords()):,} keywords: {found:,} mentions"
    )
    print(f"{wall:.1f} s, {used:.1f} s of processor time, peak {peak:.2f} GB")


def _processor_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def judge(file: Path) -> None:
    """Print precision and recall a need, language and kind of label, with 95 % intervals."""
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    with closing(duckdb.connect()) as session:
        fill(session, seeded_keywords())
        table = pa.table({"event_id": [row["id"] for row in rows], "words": [row["text"] for row in rows]})
        session.register("delivered", table)
        answers = session.execute(needs_query()).fetchall()
    said = {(number, need) for number, need, _ in answers}
    complained = {(number, need) for number, need, is_problem in answers if is_problem}
    for name, column, found in (("mentions", "needs", said), ("complaints", "problem_needs", complained)):
        for language in sorted({row["language"] for row in rows}):
            of = [row for row in rows if row["language"] == language]
            print(f"\n{name}, {language}, {len(of)} texts")
            _print_table(of, column, found)
            sure = [row for row in of if row["doubtful"] == "no"]
            print(f"without doubtful labels: micro F1 {_f1(*_totals(sure, column, found)):.2f}")


def _print_table(rows: Sequence[dict[str, str]], column: str, found: set[Cell]) -> None:
    labelled = {(row["id"], need) for row in rows for need in row[column].split(";") if need}
    ids = {row["id"] for row in rows}
    here = {cell for cell in found if cell[0] in ids}
    counts = [Counter(need for _, need in cells) for cells in (labelled, here, labelled & here)]
    print("| need | labelled | found | right | precision | recall |\n|---|---|---|---|---|---|")
    for need in sorted({*counts[0], *counts[1]}):
        label, find, right = (count[need] for count in counts)
        print(f"| {need} | {label} | {find} | {right} | {_share(right, find)} | {_share(right, label)} |")
    label, find, right = len(labelled), len(here), len(labelled & here)
    print(f"| all | {label} | {find} | {right} | {_share(right, find)} | {_share(right, label)} |")
    large = {need for need, count in counts[0].items() if count >= 15}
    of_large = [sum(count[need] for need in large) for count in counts]
    print(f"micro F1 {_f1(label, find, right):.2f}, of needs with 15 labels or more {_f1(*of_large):.2f}")


def _totals(rows: Sequence[dict[str, str]], column: str, found: set[Cell]) -> tuple[int, int, int]:
    labelled = {(row["id"], need) for row in rows for need in row[column].split(";") if need}
    ids = {row["id"] for row in rows}
    here = {cell for cell in found if cell[0] in ids}
    return len(labelled), len(here), len(labelled & here)


def _f1(labelled: int, found: int, right: int) -> float:
    return 2 * right / (labelled + found) if labelled + found else 0.0


def _share(right: int, of: int) -> str:
    """A share with its Wilson interval."""
    if not of:
        return "–"
    z, p = 1.96, right / of
    middle, half = p + z * z / (2 * of), z * sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    low, high = ((middle + sign * half) / (1 + z * z / of) for sign in (-1, 1))
    return f"{p:.2f} ({max(low, 0):.2f}–{min(high, 1):.2f})"


def main() -> None:
    """Parse the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--labelled", type=Path)
    given = parser.parse_args()
    if given.labelled:
        judge(given.labelled)
    else:
        measure(given.texts, given.threads)


if __name__ == "__main__":
    main()
