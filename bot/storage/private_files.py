"""Files and folders with patients' data are made for their owner alone, whatever the umask says.

What is there already stays as it is: an operator may have let a backup read it.
"""

import os
from contextlib import suppress
from pathlib import Path


def make_folder(folder: Path) -> None:
    """Make sure that there is such a folder; one that is made now is nobody else's."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)


def make_file(file: Path) -> None:
    """Make sure that there is such a file; one that is made now can be read by nobody else.

    SQLite gives the files beside its database the database's own mode. What cannot be made is left
    for SQLite to say.
    """
    with suppress(OSError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
