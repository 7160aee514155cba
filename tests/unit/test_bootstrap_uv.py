"""uv is put into a folder of the project also where Python has neither pip nor venv."""

from __future__ import annotations

import functools
import hashlib
import threading
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools import bootstrap_uv

FAKE_PIP = """
import pathlib, sys
target = pathlib.Path(sys.argv[sys.argv.index("--target") + 1], "bin")
target.mkdir()
(target / "uv").write_text("uv of pip {version}")
"""


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The page of pip on a registry of this machine that offers three versions; the only way to install."""
    folder = tmp_path / "simple" / "pip"
    folder.mkdir(parents=True)
    links = []
    for version in ("9.0.1", "26.1", "26.0.10"):
        wheel = folder / f"pip-{version}-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("pip/__main__.py", FAKE_PIP.format(version=version))
        links.append(f'<a href="{wheel.name}#sha256={hashlib.sha256(wheel.read_bytes()).hexdigest()}">pip</a>')
    links.append(f'<a href="pip-99.0.tar.gz#sha256={"0" * 64}">pip</a>')
    (folder / "index.html").write_text("\n".join(links))
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    monkeypatch.setattr(SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    for absent in ("with_pip", "with_venv"):
        monkeypatch.setattr(bootstrap_uv, absent, functools.wraps(getattr(bootstrap_uv, absent))(lambda _: "not here"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple/")
        yield folder
        server.shutdown()


def test_a_python_without_pip_fetches_the_newest_from_the_registry(registry: Path, tmp_path: Path) -> None:
    assert bootstrap_uv.main(tmp_path / ".uv") == 0
    assert (tmp_path / ".uv" / "bin" / "uv").read_text() == "uv of pip 26.1"


def test_a_file_that_is_not_the_promised_one_is_not_run(
    registry: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(registry / "pip-26.1-py3-none-any.whl", "a") as archive:
        archive.writestr("pip/more.py", "")
    assert bootstrap_uv.main(tmp_path / ".uv") == 1
    assert "is not the file that" in capsys.readouterr().err
    assert not (tmp_path / ".uv").exists()


def test_a_registry_that_does_not_answer_is_named(
    tmp_path: Path, registry: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    assert bootstrap_uv.main(tmp_path / ".uv") == 1
    printed = capsys.readouterr().err
    assert "with_pip: not here" in printed
    assert "http://127.0.0.1:1/simple/pip/" in printed
