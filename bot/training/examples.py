"""Examples for training; read where the training desk reads them too."""

from bot.content.examples import (
    FOLDERS,
    Example,
    intents_of,
    language_of,
    load_files,
    load_project,
)

__all__ = ["FOLDERS", "Example", "intents_of", "language_of", "load_files", "load_project"]
