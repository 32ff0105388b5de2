"""A training desk for each test."""

from pathlib import Path

import pytest

from tests.teaching.desk import Desk, small_project
from tests.world import World


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return small_project(tmp_path / "project")


@pytest.fixture
def desk(world: World, project: Path) -> Desk:
    return Desk(world, project)
