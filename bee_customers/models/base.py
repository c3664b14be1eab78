"""What all tables share: names of constraints, marks of privacy, column types."""

import datetime
import uuid
from typing import Any

from sqlalchemy import DateTime, MetaData, Text, Uuid
from sqlalchemy.orm import DeclarativeBase

# What privacy does with a column; every column carries one of these as its `info`.
EXPORT: dict[str, Any] = {"privacy": "export"}
ERASE: dict[str, Any] = {"privacy": "erase"}
EXPORT_AND_ERASE: dict[str, Any] = {"privacy": "export+erase"}
KEEP: dict[str, Any] = {"privacy": "keep"}


class Base(DeclarativeBase):
    """The declarative base; constraint names are fixed, so that migrations are stable."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        uuid.UUID: Uuid(),
        datetime.datetime: DateTime(timezone=True),
        str: Text(),
    }
    # Identity values are read where they are needed, not fetched with every insert.
    __mapper_args__ = {"eager_defaults": False}
