"""What others wrote steers neither terminal nor log."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from kehu import cli
from kehu.errors import SourceUnreadable
from kehu.printable import printable
from kehu.terminal import PlainLines
from tests.support.source_folder import SourceFolder


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("Ünï 客户 ﷼", "Ünï 客户 ﷼"),
        ("a\x1b]0;title\x07b", "a\\x1b]0;title\\x07b"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x9b31m", "\\x9b31m"),
        ("abc\u202egpj", "abc\\u202egpj"),
        ("l\u2028p\u2029", "l\\u2028p\\u2029"),
        (os.fsdecode(b"orders_\xff\xfe.csv"), "orders_\\xff\\xfe.csv"),
        (None, "None"),
    ],
)
def test_steering_characters_are_shown(text: object, expected: str) -> None:
    assert printable(text) == expected
    assert printable("a\n\tb\x1b", lines=True) == "a\n\tb\\x1b"


def test_values_in_quarantine_are_shown_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"order_id": "o\x1b]0;owned\x07", "reason": "a\nFAKE line"}
    monkeypatch.setattr("kehu.pipeline.inspection.quarantined_rows", lambda *_: [row])
    result = CliRunner().invoke(cli.kehu, ["quarantine", "orders"])
    assert result.output == "order_id=o\\x1b]0;owned\\x07  reason=a\\nFAKE line\n"


def test_a_name_cannot_forge_a_line_of_the_log(shop: SourceFolder, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    shop.orders()
    shop.write("orders_\n12:00:00 FAKE published everything.csv", "OrderNo,Client,Sold\no1,c1,2024-01-01\n")
    shop.land()
    assert "orders_\\n12:00:00 FAKE" in caplog.text
    assert not [line for line in caplog.text.splitlines() if line.startswith("12:00:00 FAKE")]


def test_log_lines_of_the_command_line_are_one_line_each() -> None:
    formatter = PlainLines("%(message)s")
    record = logging.LogRecord("kehu", logging.INFO, "f", 1, "read %s", ("a\nb\x1b",), None)
    assert formatter.format(record) == "read a\\nb\\x1b"


def test_a_name_that_is_no_text_is_a_named_error(shop: SourceFolder) -> None:
    shop.orders()
    name = os.fsdecode(b"orders_\xff\xfe.csv")
    (shop.files / name).write_text("OrderNo,Client,Sold\no1,c1,2024-01-01\n")
    with pytest.raises(SourceUnreadable, match=r"not UTF-8.*orders_.*xff") as caught:
        shop.land()
    assert str(caught.value).encode()


@pytest.fixture
def shop(tmp_path: Path) -> SourceFolder:
    return SourceFolder(tmp_path)
