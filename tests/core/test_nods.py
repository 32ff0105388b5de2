"""What is a nod, and what may be more."""

import pytest

from bot.core.nods import only


@pytest.mark.parametrize(
    "text", ["👍", "👍🏽", "❤️", "❤️❤️", "ok", "OK!", "okay 👍", "k", "vale", "😊 "]
)
def test_a_thumb_a_heart_or_ok_alone_is_a_nod(text: str) -> None:
    assert only(text)


@pytest.mark.parametrize(
    "text",
    ["", "ok?", "💔", "🖤", "🙏", "ok but i cant sleep", "kill", "yes", "no", "😭", "c", "🔫"],
)
def test_anything_else_is_read_by_the_dialogue(text: str) -> None:
    assert not only(text)
