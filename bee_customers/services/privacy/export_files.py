"""The files of exports: where they are kept, under names that nobody can guess."""

import secrets

PREFIX = "exports/"
MEDIA_TYPE = "application/zip"


def new_key() -> str:
    """It tells nothing of the subject. A bucket must not let anyone read below `PREFIX` all the same."""
    name = secrets.token_urlsafe(32)
    return f"{PREFIX}{name[:2]}/{name}.zip"
