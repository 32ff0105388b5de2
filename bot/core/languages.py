"""The languages in which Tend can speak to a patient."""

from enum import StrEnum


class Language(StrEnum):
    """A language with a complete catalogue of texts in ``data/texts``."""

    ENGLISH = "en"
    SPANISH = "es"
