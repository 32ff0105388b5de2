"""A run that is spread over processes makes what is dear once: tests of a group stay together."""

import pytest

from tests.conftest import group_of, pytest_xdist_make_scheduler

GOLDENS = "tests/conversations/test_goldens.py"


@pytest.mark.parametrize(
    ("nodeid", "group"),
    [
        ("tests/core/test_rota.py::test_a[1::2]", "tests/core/test_rota.py"),
        ("tests/rasa/test_training.py::test_a", "tests/rasa"),
        ("tests/rasa/test_dialogue.py::test_b[with_rasa]", "tests/rasa"),
        (f"{GOLDENS}::test_it_happens_as_written_with_rasa[stop]", f"{GOLDENS} with Rasa"),
        (f"{GOLDENS}::test_it_happens_as_written_when_rasa_is_down[with_rasa]", GOLDENS),
    ],
)
def test_a_group_is_a_file_and_what_needs_rasa_stands_apart(nodeid, group):
    assert group_of(nodeid) == group


def test_the_scheduler_goes_by_these_groups(pytestconfig):
    scheduler = pytest_xdist_make_scheduler(_Asked(pytestconfig), None)
    assert scheduler._split_scope("tests/rasa/test_vectors.py::test_a") == "tests/rasa"


class _Asked:
    """The options of ``make test``."""

    def __init__(self, config):
        self.config = config

    def getoption(self, name):
        return {"dist": "loadgroup"}.get(name)

    def getvalue(self, name):
        return ["2*popen"] if name == "tx" else None
