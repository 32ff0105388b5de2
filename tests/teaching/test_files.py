"""What the desk writes into the files, and the small rules beside it."""

import pytest

from bot.content.intents import check_intents_lead_somewhere
from bot.core.languages import Language
from bot.core.reading_grade import grade
from bot.core.reviews import protests
from bot.errors import ConfigError
from bot.teaching import files
from tests.conftest import DATA


def test_the_whole_of_the_repositorys_files_can_be_added_to():
    """Every intent in data/ can be taught: one line more, everything else to the letter."""
    root = DATA.parent
    for path in [*sorted((DATA / "nlu").glob("*.yml")), *sorted((DATA / "faq").glob("*.yml"))]:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("- intent: ") and "faq" not in path.stem:
                intent = line.removeprefix("- intent: ")
                (edit,) = files.add_examples(root, intent, ["zzz qqq"])
                assert edit.after.replace("    - zzz qqq\n", "") == path.read_text("utf-8")
                break


@pytest.mark.parametrize("words", ["that's not what I meant", "eso no es", "you don't understand"])
def test_protests_are_heard_in_both_languages(words):
    assert protests(words)
    assert not protests("is it ok to eat that")


def test_a_comment_below_the_examples_stays(project):
    path = project / "data/nlu/smalltalk.yml"
    path.write_text(path.read_text().replace("- intent: thank", "# thanks\n- intent: thank"))
    before = path.read_text()
    (edit,) = files.add_examples(project, "greet", ["a new hello"])
    assert edit.after.replace("    - a new hello\n", "") == before


def test_every_intent_of_the_repository_leads_somewhere():
    check_intents_lead_somewhere(DATA.parent)


def test_a_mistyped_intent_leads_nowhere(project):
    path = project / "data/nlu/smalltalk.yml"
    path.write_text(path.read_text().replace("- intent: greet\n", "- intent: geret\n"))
    with pytest.raises(ConfigError, match="geret"):
        check_intents_lead_somewhere(project)


def test_long_words_read_harder_than_short_ones():
    easy = "You can eat at six. Then have water."
    hard = "Administration of nourishment is contraindicated preceding anaesthesia procedures."
    assert grade(easy, Language.ENGLISH) < 4 < 12 < grade(hard, Language.ENGLISH)
    assert grade("Puede comer a las seis. Luego agua.", Language.SPANISH) <= 5
    assert grade("", Language.ENGLISH) == 0
