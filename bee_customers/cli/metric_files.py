"""Directories of metrics that several processes share: held while they run, and removed where nobody does.

A supervisor that is killed leaves its own behind. Whose they are no name can tell, for process ids come again and
differ between containers; a lock ends with whoever holds it.
"""

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

PREFIX = "bee-customers-metrics-"
_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
# A supervisor waits half a minute at most until it replaces a process, and meanwhile nobody may hold the lock.
_FORSAKEN_SECONDS = 120.0
# Not through a link, which anybody may lay into /tmp.
_OPENING = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def hold() -> None:
    """For a process among several, before all else: the directory is in use until it ends."""
    directory = os.environ.get(_DIRECTORY)
    if not directory:
        return
    # one that is not there is told of later, with its name
    with contextlib.suppress(OSError):
        held = os.open(directory, _OPENING)
        fcntl.flock(held, fcntl.LOCK_SH)
        os.utime(held)


def remove_forsaken() -> None:
    """Those of this user that nobody holds and that were not touched for two minutes; what fails is left."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            _remove_if_forsaken(path)


def _remove_if_forsaken(path: Path) -> None:
    opened = os.open(path, _OPENING)
    try:
        found = os.fstat(opened)
        is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
        if is_ours and time.time() - found.st_mtime > _FORSAKEN_SECONDS:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(opened)
