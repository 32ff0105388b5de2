"""The table of paging's branches names goldens and tests that exist."""

import re

import pytest

from tests.conftest import ROOT

TABLE = (ROOT / "docs" / "reference" / "escalation-branches.md").read_text(encoding="utf-8")
SHOWN = sorted(
    {
        name
        for line in TABLE.splitlines()
        if line.startswith("| ")
        for name in re.findall(r"`([\w/.:]+)`", line.rstrip(" |").rpartition(" | ")[2])
    }
)


def test_the_table_is_long_enough_to_mean_something():
    assert len(SHOWN) > 60


@pytest.mark.parametrize("name", SHOWN)
def test_what_shows_a_branch_exists(name):
    path, _, test = name.partition("::")
    if not test:
        assert (ROOT / "tests" / "conversations" / f"{path}.yaml").is_file()
        return
    assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8")
