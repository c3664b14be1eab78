"""The files of exports: where they are kept, under names that nobody can guess."""

import secrets

from bee_customers.storage.protocol import Storage

PREFIX = "exports/"
MEDIA_TYPE = "application/zip"
_HASH_LENGTH = 32


def new_key(subject_hash: str) -> str:
    """A bucket must not let anyone read below `PREFIX` all the same."""
    return f"{_beginning(subject_hash)}{secrets.token_urlsafe(32)}.zip"


def keys_of(storage: Storage, subject_hash: str) -> list[str]:
    """All that was ever written for a subject and is still there, also what a crash left behind."""
    beginning = _beginning(subject_hash)
    directory = beginning.rpartition("/")[0]
    return [file.key for file in storage.list(f"{directory}/") if file.key.startswith(beginning)]


def _beginning(subject_hash: str) -> str:
    """Of a subject's keys. In 256 directories, for one of its own would stay behind empty."""
    return f"{PREFIX}{subject_hash[:2]}/{subject_hash[2:_HASH_LENGTH]}-"
