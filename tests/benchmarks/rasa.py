"""Is Rasa here, with a model, so that it can be measured?"""

from pathlib import Path

from bot.settings import PROJECT


def why_no_rasa(project: Path = PROJECT) -> str | None:
    """The reason why nothing can be measured with the real Rasa; none when it can."""
    if not (project / "deploy" / "rasa" / ".venv" / "bin" / "rasa").exists():
        return "Rasa's environment is not installed: run `make setup`"
    if not any((project / "models").glob("*.tar.gz")):
        return "there is no trained model: run `make train`"
    return None
