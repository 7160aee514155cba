"""What the benches of whole runs share: the shop that they draw, and how a process is measured."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

BENCH = Path(__file__).resolve().parent
SHOP_DAYS, SHOP_LAST_DAY = 1095, "2017-12-31"
"""Three years, in which a customer of the demo shop makes about ten orders."""


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


def demo_shop(folder: Path, customers: int) -> Path:
    """The folder of a demo shop of so many customers, written if it is not there; ``files/sources.yml`` reads it.

    All of its days come as one first delivery, and without dirt: what is measured is a day's work, not the reading of files.
    """
    shop = folder / f"shop_{customers}"
    numbers = ["--customers", str(customers), "--days", str(SHOP_DAYS), "--first-load", str(SHOP_DAYS)]
    command = [sys.executable, "-m", "kehu.cli", "demo-shop", "--to", str(shop / "files"), *numbers]
    subprocess.run([*command, "--until", SHOP_LAST_DAY, "--no-dirt"], check=True)
    return shop
