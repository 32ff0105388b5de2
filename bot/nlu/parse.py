"""Reads texts with a trained model, without a server: ``python -m bot.nlu.parse MODEL IN OUT``.

IN is a JSON list of texts, OUT becomes a JSON list of ``{intent, confidence, ranking}``. The texts
stay in those two files; nothing of them is printed.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import bot.nlu.quicker  # noqa: F401  # before Rasa

# isort: split
from rasa.core.agent import Agent

RANKS = 3


async def parse(model: Path, texts: list[str]) -> list[dict[str, Any]]:
    """What the model makes of each text."""
    agent = Agent.load(str(model))
    parsed = [await agent.parse_message(text) for text in texts]
    return [
        {
            "intent": result["intent"]["name"],
            "confidence": float(result["intent"]["confidence"]),
            "ranking": [
                [entry["name"], float(entry["confidence"])]
                for entry in result["intent_ranking"][:RANKS]
            ],
        }
        for result in parsed
    ]


def main() -> None:
    """Read IN, write OUT."""
    model, given, wanted = (Path(argument) for argument in sys.argv[1:4])
    texts = json.loads(given.read_text(encoding="utf-8"))
    wanted.write_text(json.dumps(asyncio.run(parse(model, texts))), encoding="utf-8")


if __name__ == "__main__":
    main()
