"""What `db check` and `doctor` tell of a database."""

import dataclasses
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.services import migrations


@dataclasses.dataclass(frozen=True)
class Report:
    server_version: str
    revision: str | None
    expected_revision: str | None
    is_newer: bool
    has_trigram_index: bool
    drift: list[str]

    @property
    def findings(self) -> list[str]:
        """What is wrong, a line each; empty when all is well. A newer schema is no fault of anybody."""
        if self.is_newer:
            return []
        if self.revision != self.expected_revision:
            return [
                f"schema is at {self.revision or 'nothing'}, expected {self.expected_revision}: run db upgrade"
            ]
        return [f"table differs from model: {difference}" for difference in self.drift]

    @property
    def warning(self) -> str:
        """What is worth knowing and no fault; empty where there is nothing."""
        expected = f"newer than this version, which expects {self.expected_revision}"
        return f"schema is at {self.revision}, {expected}" if self.is_newer else ""

    def lines(self) -> list[str]:
        missing = "without an index (no pg_trgm here, or no right to create it; db upgrade tries again)"
        search = "by trigram index" if self.has_trigram_index else missing
        facts = [f"server  PostgreSQL {self.server_version}", f"schema  {self.revision}", f"search  {search}"]
        warning = [f"warning: {self.warning}"] if self.is_newer else []
        return facts + warning + (self.findings or ["no findings"])

    def as_dict(self) -> dict[str, Any]:
        return {**dataclasses.asdict(self), "warning": self.warning, "findings": self.findings}


def inspect(database: Database, scripts: Path) -> Report:
    revision, expected = migrations.current_revision(database.writer), migrations.head_revision(scripts)
    has_index = text("SELECT to_regclass('ix_customer_search_text') IS NOT NULL")
    return Report(
        server_version=str(database.read(text("SHOW server_version"))[0][0]),
        revision=revision,
        expected_revision=expected,
        is_newer=migrations.is_newer(revision, scripts),
        has_trigram_index=bool(database.read(has_index)[0][0]),
        drift=migrations.drift(database.writer) if revision == expected else [],
    )
