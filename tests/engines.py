"""On which database a test runs: on both, unless its module says why one is enough."""

import pytest

# For decisions that are taken in Python: what the two engines do differently (locks, races,
# claims, types, triggers, migrations) is tested on both in tests/storage, test_races.py and
# test_a_day.py, and a second engine here would only cost minutes.
SQLITE_ONLY = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
