"""The files of exports: where they are kept, under names that nobody can guess."""

import secrets

PREFIX = "exports/"
MEDIA_TYPE = "application/zip"
_HASH_LENGTH = 32


def prefix_of(subject_hash: str) -> str:
    """Below it lies all that was ever written for a subject, also what a crash left behind."""
    return f"{PREFIX}{subject_hash[:_HASH_LENGTH]}/"


def new_key(subject_hash: str) -> str:
    """A bucket must not let anyone read below `PREFIX` all the same."""
    return f"{prefix_of(subject_hash)}{secrets.token_urlsafe(32)}.zip"
