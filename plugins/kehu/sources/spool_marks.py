"""Columns that a spool adds to what the system has."""

from __future__ import annotations

IS_DELETED = "Is_Deleted"
"""``true`` in a row that stands for a record which the system has deleted; its key and the time of its change are filled."""
