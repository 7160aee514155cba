"""Which results end a node's story: a warning does, a failure does not."""

from __future__ import annotations

import pytest

from kehu.transform.results import NodeResult


@pytest.mark.parametrize(
    ("status", "is_done"),
    [
        ("success", True),
        ("pass", True),
        ("warn", True),
        ("fail", False),
        ("error", False),
        ("skipped", False),
        ("", False),
    ],
)
def test_a_node_is_done_unless_it_failed_or_did_not_run(status: str, is_done: bool) -> None:
    assert NodeResult(1, "n", "n", "test", status, 0.0, "", 0, "").is_done is is_done
