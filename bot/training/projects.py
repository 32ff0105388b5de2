"""The folder that a training or a check reads: the program's own, with the data of the settings.

Rasa, and our own trainings, look for ``data/``, ``domain.yml`` and ``config.yml`` in one folder.
A clinic that keeps its data elsewhere (``TEND_DATA_DIR``) gets such a folder for the time of the
work, in which its data stands in place of ours and the domain says what its texts say.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.content import domain
from bot.content.texts import load_catalogue
from bot.errors import ConfigError
from bot.settings import PROJECT, Settings

# Code, settings of Rasa, its environment, and the texts on which a model is measured.
_OURS = ("bot", "config.yml", "credentials.yml", "deploy", "endpoints.yml", "tests")


@contextmanager
def project_of(settings: Settings) -> Iterator[Path]:
    """The folder to train from, or to check.

    :raises ConfigError: the data's folder is not there, or its texts cannot be read.
    """
    data = settings.data_dir.resolve()
    if data == (PROJECT / "data").resolve():
        yield PROJECT
        return
    if not data.is_dir():
        raise ConfigError(f"{data}: there is no such folder. Check TEND_DATA_DIR.")
    with tempfile.TemporaryDirectory(prefix="tend-project-") as folder:
        project = Path(folder)
        for name in _OURS:
            if (PROJECT / name).exists():
                (project / name).symlink_to(PROJECT / name)
        (project / "data").symlink_to(data)
        (project / "models").symlink_to(settings.models_dir.resolve())
        shutil.copy(PROJECT / "domain.yml", project / "domain.yml")
        domain.write_domain(project / "domain.yml", load_catalogue(data))
        yield project
