"""Looks a whole deployment over, part by part, and says how to mend what is wrong."""

from bot.doctor.report import run

__all__ = ["run"]
