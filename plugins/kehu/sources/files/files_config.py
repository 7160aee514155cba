"""What ``sources.yml`` says about a source of kind ``files``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from kehu.sources.config_errors import ConfigProblem
from kehu.sources.config_models import MappedEntity, MappedSource
from kehu.sources.files.ready_mapping import ready_mapping

_TABLE_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")

_DELIMITERS = {
    "tab": '"\\t" in double quotes',
    "\\t": '"\\t" in double quotes, not in single ones or without any',
    "comma": '","',
    "semicolon": '";"',
    "pipe": '"|"',
    "space": '" "',
}


class EntityConfig(MappedEntity):
    """How one canonical entity comes out of files."""

    mapping: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    file: str | None = None
    files: dict[str, str] | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    skip: int = Field(default=0, ge=0, le=10_000)
    header_row: int | None = Field(default=None, ge=1, le=10_000)
    comment: str | None = Field(default=None, min_length=1, max_length=8)
    on_change: Literal["increment", "replace"] = "increment"
    """What a file of the same name and other content does: add to what it held before, or take its place."""

    @model_validator(mode="after")
    def _consistent(self) -> EntityConfig:
        if self.mapping is not None and (self.query or self.files or self.columns or self.where or self.ignore):
            raise ConfigProblem(
                "a ready mapping is the whole mapping",
                fix="remove columns, where, ignore, files and query, or copy the mapping and change the copy",
                key="mapping",
            )
        if self.headers and self.mapping is None:
            raise ConfigProblem("headers belong to a ready mapping", fix="name it: mapping:", key="headers")
        if (self.query is None) != (self.files is None):
            raise ConfigProblem("query and files belong together", fix="give both, or neither", key="query")
        if self.query is not None and (self.file or self.columns or self.where or self.ignore):
            raise ConfigProblem(
                "a query is the whole mapping",
                fix="remove file, columns, where and ignore, or remove query",
                key="query",
            )
        if self.on_change == "replace" and self.mode != "append":
            raise ConfigProblem(
                f"on_change says what becomes of a file's earlier content, and mode {self.mode} says it already",
                fix="remove one of the two",
                key="on_change",
            )
        if self.skip and self.header_row is not None:
            raise ConfigProblem(
                "skip and header_row say the same in two ways", fix="remove one of them", key="header_row"
            )
        for name in self.files or {}:
            if not _TABLE_NAME.fullmatch(name):
                raise ConfigProblem("the name of a table in files must be a plain SQL name", key="files", table=name)
        return self

    def check(self, entity_name: str) -> None:
        """Hold the mapping against the canonical entity; a ready one has to be there, and to make this entity.

        Raises:
            ConfigProblem: what does not fit.
        """
        super().check(entity_name)
        if self.mapping is not None:
            ready_mapping(self.mapping).check(entity_name, self.headers)

    @field_validator("mapping")
    @classmethod
    def _path_or_name(cls, given: str | None, info: ValidationInfo) -> str | None:
        """A mapping of one's own is a file, whose path counts from the folder of ``sources.yml``."""
        if given is None or not given.endswith((".yml", ".yaml")):
            return given
        folder = (info.context or {}).get("folder", Path())
        return str((folder / Path(given).expanduser()).absolute())

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, given: str | None) -> str | None:
        if given is None or len(given) == 1:
            return given
        meant = _DELIMITERS.get(given.strip().lower())
        raise ConfigProblem(
            f"delimiter is one character, not {given!r}",
            fix=f"write {meant}" if meant else "write the character itself in double quotes",
            key="delimiter",
        )

    @property
    def lines_before_header(self) -> int:
        """How many lines of a text file, or rows of a sheet, stand before the header."""
        return self.skip if self.header_row is None else self.header_row - 1

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                "".encode(name)
            except LookupError:
                raise ConfigProblem(
                    "there is no such encoding", fix="use one such as utf-8, gbk, gb18030, latin-1", encoding=name
                ) from None
        return name


class FilesSourceConfig(MappedSource[EntityConfig]):
    """A folder of files; a relative path counts from the folder of ``sources.yml``."""

    kind: Literal["files"]
    path: Path

    @field_validator("path")
    @classmethod
    def _absolute(cls, path: Path, info: ValidationInfo) -> Path:
        folder = (info.context or {}).get("folder", Path())
        return (folder / path.expanduser()).absolute()
