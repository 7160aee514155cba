"""Puts uv into a local folder where the machine has none: ``python3 tools/bootstrap_uv.py .uv``.

Works with an externally managed Python too: nothing is installed outside the folder. A Python without pip and venv, as Debian
delivers it, fetches pip from the package registry (``PIP_INDEX_URL``, by default PyPI). Runs before any dependency exists, so it
uses the standard library alone.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

MINIMUM = (3, 11)
REGISTRY = "https://pypi.org/simple"
PIP = re.compile(r'href="([^"#]*pip-([0-9.]+)-py3-none-any\.whl)#sha256=([0-9a-f]{64})"')
"""A link to a released wheel of pip on a page of a package registry (PEP 503): address, version, hash."""


def main(folder: Path) -> int:
    """Install uv below ``folder`` so that ``folder/bin/uv`` runs; returns an exit code."""
    if sys.version_info < MINIMUM:
        print(
            f"Kehu needs Python {MINIMUM[0]}.{MINIMUM[1]} or later; this is {sys.version.split()[0]}.", file=sys.stderr
        )
        return 1
    problems = []
    for install in (with_pip, with_venv, with_pip_of_the_registry):
        problem = install(folder)
        if not problem and (folder / "bin" / "uv").exists():
            return 0
        problems.append(f"  {install.__name__}: {problem or 'it left no uv behind'}")
    print(
        "uv could not be installed:",
        *problems,
        "Install uv, pip or venv by hand and run again.",
        sep="\n",
        file=sys.stderr,
    )
    return 1


def with_pip(folder: Path) -> str:
    """Install with the pip of this Python; returns what went wrong."""
    return _run([sys.executable, "-m", "pip", *_install(folder)])


def with_venv(folder: Path) -> str:
    """Install with the pip of a new virtual environment; returns what went wrong."""
    return _run([sys.executable, "-m", "venv", "--clear", str(folder)]) or _run(
        [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "uv"]
    )


def with_pip_of_the_registry(folder: Path) -> str:
    """Install with a pip that is fetched for this once; returns what went wrong."""
    page = (os.environ.get("PIP_INDEX_URL") or REGISTRY).rstrip("/") + "/pip/"
    try:
        found = PIP.findall(_fetch(page).decode())
        if not found:
            return f"{page} offers no wheel of pip"
        address, _, digest = max(found, key=lambda link: [int(part) for part in link[1].split(".")])
        wheel = _fetch(urljoin(page, address))
    except OSError as error:
        return f"{page}: {error}"
    if hashlib.sha256(wheel).hexdigest() != digest:
        return f"{urljoin(page, address)} is not the file that {page} promises"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / address.rsplit("/", 1)[-1]
    file.write_bytes(wheel)
    return _run([sys.executable, str(file / "pip"), *_install(folder)])


def _install(folder: Path) -> list[str]:
    return ["install", "--quiet", "--upgrade", "--target", str(folder), "uv"]


def _fetch(address: str) -> bytes:
    with urlopen(address, timeout=60) as answer:  # noqa: S310 (the registry that this machine is told to use)
        content: bytes = answer.read()
    return content


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else (done.stderr or done.stdout).strip()[-500:] or f"exit {done.returncode}"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".uv")))
