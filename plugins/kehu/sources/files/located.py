"""Finds the files of an entity, and tells what format each claims to be."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from kehu.errors import ConfigurationError, SourceFileMissing, SourceUnreadable, nearest
from kehu.printable import printable

FORMATS = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".tsv": "tsv",
    ".tsv.gz": "tsv",
    ".parquet": "parquet",
    ".jsonl": "jsonl",
    ".jsonl.gz": "jsonl",
    ".xlsx": "xlsx",
}
"""Endings of file names, and the format that each stands for."""

_GLOB_CHARACTERS = set("*?[")


@dataclass(frozen=True)
class SourceFile:
    """A file of a source."""

    path: Path
    name: str
    """Relative to the source's folder, as it lands in ``_file``."""
    format: str

    def stamp(self) -> tuple[int, int, int]:
        """What changes when somebody writes to the file."""
        status = self.path.stat()
        return status.st_size, status.st_mtime_ns, status.st_ino

    def content_hash(self) -> str:
        """SHA-256 of the bytes.

        Raises:
            SourceUnreadable: the file cannot be opened.
        """
        try:
            with self.path.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise SourceUnreadable(
                "the file cannot be opened", fix="check its permissions", file=self.name, cause=error.strerror
            ) from None


def is_gzipped(path: Path) -> bool:
    """Whether the bytes of a file are compressed, going by its name."""
    return path.name.lower().endswith(".gz")


def find_files(folder: Path, pattern: str, source: str, entity: str) -> list[SourceFile]:
    """The files that a name or glob stands for, sorted by name.

    Raises:
        SourceFileMissing: there is none; names the nearest.
        ConfigurationError: the ending of a file is none of the known formats.
    """
    _check_folder(folder, source)
    if _GLOB_CHARACTERS.isdisjoint(pattern):
        paths = [folder / pattern] if (folder / pattern).is_file() else []
    else:
        base = Path(pattern).anchor
        paths = list(Path(base).glob(str(Path(pattern).relative_to(base)))) if base else list(folder.glob(pattern))
    files = [_source_file(folder, path, source, entity) for path in sorted(paths) if path.is_file()]
    if not files:
        raise _missing(folder, pattern, source, entity)
    return files


def find_default(folder: Path, source: str, entity: str) -> list[SourceFile]:
    """The one file that is named like the entity.

    Raises:
        SourceFileMissing: there is none.
        ConfigurationError: there are several.
    """
    _check_folder(folder, source)
    candidates = [folder / f"{entity}{ending}" for ending in FORMATS]
    found = [path for path in candidates if path.is_file()]
    if not found:
        raise _missing(folder, f"{entity}.csv", source, entity, tried=[path.name for path in candidates])
    if len(found) > 1:
        raise ConfigurationError(
            "several files could be meant",
            fix=f"name one with file: under {entity}",
            source=source,
            entity=entity,
            files=[path.name for path in found],
        )
    return [_source_file(folder, found[0], source, entity)]


def _check_folder(folder: Path, source: str) -> None:
    if not folder.is_dir():
        raise SourceFileMissing(
            "the folder of the source does not exist", fix="correct path", source=source, path=str(folder)
        )


def _missing(folder: Path, pattern: str, source: str, entity: str, tried: list[str] | None = None) -> SourceFileMissing:
    present = [path.name for path in folder.iterdir() if path.is_file()]
    return SourceFileMissing(
        "no file is there",
        fix="deliver it, or correct file",
        source=source,
        entity=entity,
        file=pattern,
        tried=tried,
        nearest=nearest(Path(pattern).name, present) or sorted(present)[:5],
    )


def _check_name(path: Path, source: str, entity: str) -> None:
    """DuckDB opens no file whose name is not UTF-8: an old zip holds names in the letters of its own country."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise SourceUnreadable(
            "the name of the file is not UTF-8",
            fix="rename it, or unpack the archive that it comes from with the encoding of its names",
            source=source,
            entity=entity,
            file=printable(path.name),
        ) from None


def _source_file(folder: Path, path: Path, source: str, entity: str) -> SourceFile:
    _check_name(path, source, entity)
    lower = path.name.lower()
    endings = [ending for ending in FORMATS if lower.endswith(ending)]
    if not endings:
        raise ConfigurationError(
            "the ending of the file is none of the known formats",
            fix=f"use one of {', '.join(FORMATS)}",
            source=source,
            entity=entity,
            file=path.name,
        )
    name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
    return SourceFile(path, name, FORMATS[endings[0]])
