"""Storage is tested with the same few crisis phrases as the services."""

from tests.services.conftest import signed

__all__ = ["signed"]
