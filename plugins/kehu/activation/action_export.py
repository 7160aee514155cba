"""The folder of a release that other tools read: its listed actions as CSV without personal columns, and what they are."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import pyarrow as pa

from kehu.activation.action_formats import as_csv
from kehu.files.durable import write_durably
from kehu.settings import Settings

FILE, MANIFEST = "actions.csv", "manifest.json"


def write_action_folder(settings: Settings, release_id: str, as_of: date, actions: pa.Table) -> Path:
    """Write the folder of a release; the manifest comes last, so that a folder with one is whole. Twice gives the same bytes."""
    folder = settings.actions_dir / release_id
    text = as_csv(actions, for_people=False)
    write_durably(folder / FILE, text)
    manifest = {
        "release_id": release_id,
        "as_of_date": as_of.isoformat(),
        "rows": actions.num_rows,
        "sha256": hashlib.sha256(text.encode("utf-8")).hexdigest(),
        "columns": actions.column_names,
    }
    write_durably(folder / MANIFEST, json.dumps(manifest, indent=2) + "\n")
    return folder
