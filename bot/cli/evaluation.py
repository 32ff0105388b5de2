"""Commands that measure: data, models, conversations."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.program import cli, console, group, settings_now
from bot.crisis import kinds

evaluate_cli = group("evaluate", "Measure a model on texts it has not seen.")

Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)]


@cli.command()
def validate() -> None:
    """Rasa's own checks of its data."""
    from bot.training.projects import project_of
    from bot.training.train import validate as validate_data

    with project_of(settings_now()) as project:
        validate_data(project, console=console)


@evaluate_cli.command("nlu")
def evaluate_nlu(
    input: Annotated[list[Path], typer.Option(exists=True, help="A file in Rasa's NLU format.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    show_texts: Annotated[
        bool, typer.Option("--show-texts", help="Print the words of what was read wrongly, too.")
    ] = False,
) -> None:
    """Score any file in Rasa's NLU format against the trained model."""
    from bot.training.evaluate import evaluate_nlu as evaluate
    from bot.training.projects import project_of

    with project_of(settings_now()) as project:
        evaluate(project, input, console=console, as_json=as_json, show_texts=show_texts)


_CRISIS_HELP = """\
Screen labelled texts as the gateway would: who is paged, who asked, what is missed.

The columns of the CSV are text and kind; id, sampling and language (en, es) may be there too. \
What is wanted of a text follows from its kind:

{kinds}

A kind that is not among these is taken as harmless, and a warning says so.
"""


@evaluate_cli.command("crisis", help=_CRISIS_HELP.format(kinds="\n\n".join(kinds.listed())))
def evaluate_crisis(
    input: Annotated[
        list[Path], typer.Option(exists=True, help="CSV with columns text, kind (see above).")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    show_texts: Annotated[
        bool, typer.Option("--show-texts", help="Print the words of misses and false alarms, too.")
    ] = False,
) -> None:
    from bot import bootstrap
    from bot.content.classifier import load_lesson
    from bot.training.crisis_evaluation import evaluate_crisis as evaluate

    settings = settings_now()
    screener = bootstrap.load_screener(settings.data_dir, settings.models_dir)
    screener.warm_up()  # or the first texts would be timed with it
    taught = (example.text for example in load_lesson(settings.data_dir / "crisis").examples)
    evaluate(
        screener, input, taught=taught, console=console, as_json=as_json, show_texts=show_texts
    )


@evaluate_cli.command("cross-validate")
def cross_validate(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Cross-validate all examples: macro-F1 in all, English and Spanish."""
    from bot.training.cross_validate import cross_validate as run
    from bot.training.projects import project_of

    with project_of(settings_now()) as project:
        run(project, console=console, as_json=as_json)


@cli.command()
def play(
    files: Files,
    rasa: Annotated[bool, typer.Option(help="With the real Rasa.")] = True,
) -> None:
    """Play golden conversations through the real processes; non-zero on any difference."""
    from bot.sandbox.stage import play as play_files

    raise typer.Exit(play_files(files, rasa=rasa, console=console))
