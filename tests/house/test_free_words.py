"""A person's own words go to her through one place, which asks what must be asked."""

from tests.conftest import ROOT


def test_free_words_to_her_leave_through_one_place():
    callers = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "bot").rglob("*.py")
        if "queue_written(" in path.read_text(encoding="utf-8")
    }
    assert callers == {"bot/services/outbox.py", "bot/services/patient_care.py"}
