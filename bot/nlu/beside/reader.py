"""Reads texts with a model, one after the other: ``python -m bot.nlu.beside.reader MODEL``.

A line of JSON in, ``{"text": …}``; a line of JSON out, ``{intent, confidence, ranking}``. For
trying a candidate, and for a candidate that reads along. It ends when its parent ends, and
whatever Rasa itself prints goes nowhere: it may hold words.
"""

import asyncio
import json
import os
import sys
from typing import Any

from bot.nlu import quicker  # before Rasa

# isort: split
from rasa.core.agent import Agent

RANKS = 5


async def reading(agent: Agent, text: str) -> dict[str, Any]:
    """What the model makes of one text."""
    result = await agent.parse_message(text)
    return {
        "intent": result["intent"]["name"],
        "confidence": float(result["intent"]["confidence"]),
        "ranking": [
            [entry["name"], float(entry["confidence"])]
            for entry in result["intent_ranking"][:RANKS]
        ],
    }


async def answer_all(model: str, answers: Any) -> None:
    """Answer every line until there are no more."""
    agent = Agent.load(model)
    quicker.load_encoder()
    answers.write('{"ready": true}\n')
    answers.flush()
    for line in sys.stdin:
        try:
            found: dict[str, Any] = await reading(agent, str(json.loads(line)["text"]))
        except Exception as error:  # one text must not end it; only the kind is told
            found = {"error": type(error).__name__}
        answers.write(json.dumps(found) + "\n")
        answers.flush()


def main() -> None:
    """Answer on standard output, and send everything else that is printed nowhere."""
    answers = os.fdopen(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    asyncio.run(answer_all(sys.argv[1], answers))


if __name__ == "__main__":
    main()
