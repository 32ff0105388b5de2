"""Does she only cry? Signs without a word say that the night is hard, and nothing else."""

_CRYING = frozenset(
    "\U0001f622\U0001f62d\U0001f625\U0001f63f\U0001f97a\U0001f494"
    "\U0001f61e\U0001f614\U0001f629\U0001f62b\u2639"
)


def only(text: str) -> bool:
    """Is there a sign that cries or is sad, and no letter or digit beside it?

    :param text: her words, in any language.
    """
    return any(sign in _CRYING for sign in text) and not any(sign.isalnum() for sign in text)
