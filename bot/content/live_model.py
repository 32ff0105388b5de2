"""Which dialogue model is live, as a file beside the models says; and where its sources lie.

Processes without a database, such as the one that starts Rasa, go by this file.
"""

import json
import os
from pathlib import Path

from bot.errors import ConfigError

POINTER = "live.json"


def newest_model(models_dir: Path) -> Path:
    """The model that was trained last.

    :raises ConfigError: there is none.
    """
    models = sorted(models_dir.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        raise ConfigError(f"{models_dir}: no trained model. Run `make train`.")
    return models[-1]


def live_model(models_dir: Path) -> Path:
    """The model that is to be loaded: the one that was promoted, else the one trained last.

    A candidate that was just trained is the newest; it must not go live by a restart.

    :raises ConfigError: there is none, or the promoted one is gone.
    """
    name = live_name(models_dir)
    if name is None:
        return newest_model(models_dir)
    model = models_dir / f"{name}.tar.gz"
    if not model.exists():
        raise ConfigError(
            f"{model}: the live model is missing. Restore it, or run `tend models rollback`."
        )
    return model


def live_name(models_dir: Path) -> str | None:
    """The name of the model that was promoted; none where nobody ever did."""
    try:
        found = json.loads((models_dir / POINTER).read_text(encoding="utf-8"))
        return str(found["model"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise ConfigError(
            f"{models_dir / POINTER}: not readable. Remove it, or run `tend models rollback`."
        ) from None


def point_to(models_dir: Path, name: str) -> None:
    """Every Rasa that starts from now on loads this model."""
    models_dir.mkdir(parents=True, exist_ok=True)
    part = models_dir / f".{POINTER}.{os.getpid()}"
    part.write_text(json.dumps({"model": name}) + "\n", encoding="utf-8")
    os.replace(part, models_dir / POINTER)


def model_name(model: Path) -> str:
    """What a model is called: its file without the endings."""
    return model.name.removesuffix(".tar.gz")


def sources_of(model: Path) -> Path:
    """The folder beside a model that holds what it was made of."""
    return model.with_name(f"{model_name(model)}.sources")
