"""What the benches of whole runs share: the shop that they draw, and how a process is measured."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

BENCH = Path(__file__).resolve().parent
SHOP_SOURCES = """
sources:
  - name: shop
    kind: files
    path: {folder}
    entities:
      customers: {{}}
      orders: {{}}
"""


@dataclass(frozen=True)
class Measured:
    """One process: wall seconds and peak memory in GB."""

    wall: float
    peak: float

    def row(self, name: str, note: str = "") -> str:
        """A row of the printed table."""
        return f"| {name} | {self.wall:.1f} s | {self.peak:.2f} GB | {note} |"


def measure(command: list[str], environment: dict[str, str], log: Path) -> Measured:
    """Run a command; its memory is the largest resident set of it or of any child that it waited for."""
    with log.open("ab") as output:
        started = time.monotonic()
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{' '.join(command)} failed; see {log}")
    return Measured(wall, usage.ru_maxrss / 1024 / 1024)


def generated_shop(folder: Path, customers: int) -> Path:
    """The folder of a shop of so many customers, drawn if it is not there: ``files/*.csv`` and ``sources.yml``."""
    shop = folder / f"shop_{customers}"
    if not (shop / "files" / "customers.csv").exists():
        draw = [sys.executable, str(BENCH / "generate.py"), str(shop / "files"), "--customers", str(customers)]
        subprocess.run(draw, check=True)
    (shop / "sources.yml").write_text(SHOP_SOURCES.format(folder=shop / "files"))
    return shop
