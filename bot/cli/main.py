"""Where the command `tend` begins: every module of commands."""

from bot.cli import alerts, evaluation, models, operation, people, processes, sessions
from bot.cli.program import cli, plain_errors

__all__ = ["alerts", "evaluation", "models", "operation", "people", "processes", "sessions"]


def main() -> None:
    """Entry point of the command."""
    with plain_errors():
        cli()


if __name__ == "__main__":
    main()
