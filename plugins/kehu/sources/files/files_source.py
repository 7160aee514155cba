"""A folder of files: one extract a file where the mode is append, one an entity else."""

from __future__ import annotations

from collections.abc import Sequence

from kehu.landing.extract import Extract
from kehu.sources.files.files_config import EntityConfig, FilesSourceConfig
from kehu.sources.files.located import SourceFile, find_default, find_files
from kehu.sources.files.mapped_files import MappedFiles
from kehu.sources.files.queried_files import QueriedFiles
from kehu.sources.files.ready_files import TABLE, ReadyFiles
from kehu.sources.files.ready_mapping import ready_mapping


class FilesSource:
    """The source of kind ``files``."""

    def __init__(self, config: FilesSourceConfig) -> None:
        self.config = config
        self.name = config.name
        self.entities = config.entity_names

    def extracts(self) -> Sequence[Extract]:
        """Find the files of every entity.

        Raises:
            SourceFileMissing: a file is not there; names the nearest.
        """
        found: list[Extract] = []
        for entity in self.entities:
            options = self.config.entities[entity]
            if options.mapping is not None:
                found.append(self._ready(entity, options, options.mapping))
                continue
            if options.query is not None:
                found.append(self._query(entity, options))
                continue
            files = self._files(entity, options.file)
            groups = [[file] for file in files] if options.mode == "append" else [files]
            found += [
                MappedFiles(self.name, entity, options, self.config.timezone, tuple(group), options.mode == "append")
                for group in groups
            ]
        return found

    def _query(self, entity: str, options: EntityConfig) -> QueriedFiles:
        tables = {name: self._files(entity, pattern) for name, pattern in sorted((options.files or {}).items())}
        files = tuple(file for name in tables for file in tables[name])
        owners = tuple(name for name in tables for _ in tables[name])
        return QueriedFiles(self.name, entity, options, self.config.timezone, files, False, owners)

    def _ready(self, entity: str, options: EntityConfig, mapping: str) -> ReadyFiles:
        ready = ready_mapping(mapping)
        files = tuple(self._files(entity, options.file))
        owners = (TABLE,) * len(files)
        return ReadyFiles(self.name, entity, options, self.config.timezone, files, False, owners, ready)

    def _files(self, entity: str, pattern: str | None) -> list[SourceFile]:
        folder = self.config.path
        if pattern is None:
            return find_default(folder, self.name, entity)
        return find_files(folder, pattern, self.name, entity)
