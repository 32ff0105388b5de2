"""Whose death she tells of: only a baby's, or a pregnancy's, is a loss."""

import pytest

from bot.core.grief import is_of_another


@pytest.mark.parametrize(
    "words",
    [
        "my dog died",
        "My dog died today :(",
        "we had to put our cat down",
        "my mom died 3 years ago",
        "I lost my mother last year",
        "my mom had cancer and she died",
        "my grandma passed away",
        "my dad's funeral is friday",
        "i miss my mom so much she died when i was 10",
        "i buried my grandpa",
        "my husband died",
        "se murió mi perro",
        "Perdí a mi mamá",
        "falleció mi abuelita",
        "mi papá murió hace un mes",
        # A child is named, and lives.
        "my grandma passed in march and i wish she met the baby",
        "grandma died last year and shed have loved this baby",
    ],
)
def test_a_grown_up_or_a_pet_is_another(words):
    assert is_of_another(words)


@pytest.mark.parametrize(
    "words",
    [
        "my baby died",
        "she died",
        "i lost her",
        "we buried her yesterday",
        "my son passed away",
        "i lost the pregnancy",
        "no heartbeat",
        "se murió mi niña",
        "perdí a mi bebé",
        # Others are named, and the baby is meant.
        "my dog died and my baby too",
        "my mom died 3 years ago and now he didnt make it",
        "i lost my mom i lost him",
        "my mom held him when he died",
        "my mom died last year and now he is in heaven with her",
        "my husband was there when she passed away",
        "my mom says he is gone",
        "i lost him and my mom blames me",
        "we lost her my husband is a mess",
        "my husband and i lost a child",
        "my mom passed and so did my baby",
        "my mom died and my son with her",
        "grandma died in march and i miscarried in april",
        "my friend says it gets better but she died",
        "mi esposo no sabe que murió",
        "cuando murió mi esposo lloraba",
        "mi mamá me dijo que se fue al cielo",
    ],
)
def test_in_doubt_it_is_the_baby(words):
    assert not is_of_another(words)
