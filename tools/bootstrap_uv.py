"""Puts uv into a local folder where the machine has none: ``python3 tools/bootstrap_uv.py .uv``.

Works with an externally managed Python too: nothing is installed outside the folder. Runs before any dependency exists,
so it uses the standard library alone.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

MINIMUM = (3, 11)


def main(folder: Path) -> int:
    """Install uv below ``folder`` so that ``folder/bin/uv`` runs; returns an exit code."""
    if sys.version_info < MINIMUM:
        print(
            f"Kehu needs Python {MINIMUM[0]}.{MINIMUM[1]} or later; this is {sys.version.split()[0]}.", file=sys.stderr
        )
        return 1
    for install in (_with_pip, _with_venv):
        if install(folder) and (folder / "bin" / "uv").exists():
            return 0
    print(
        "uv could not be installed: this Python has neither pip nor venv. Install one of them, or uv.", file=sys.stderr
    )
    return 1


def _with_pip(folder: Path) -> bool:
    return _run([sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--target", str(folder), "uv"])


def _with_venv(folder: Path) -> bool:
    return _run([sys.executable, "-m", "venv", "--clear", str(folder)]) and _run(
        [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "uv"]
    )


def _run(command: list[str]) -> bool:
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".uv")))
