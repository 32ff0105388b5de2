"""Keeps Rasa busy with the parsing of our own examples, beside what the worker asks.

Run as ``python -m tests.benchmarks.rasa_load PORT``, until killed.
"""

import sys
import time

import httpx

from bot.settings import load_settings
from tests.benchmarks.corpus import corpus


def run(port: int) -> None:
    """One text after another."""
    token = load_settings().rasa_token.get_secret_value()
    with httpx.Client(timeout=10, trust_env=False, params={"token": token}) as http:
        while True:
            for text in corpus().ordinary:
                try:
                    http.post(f"http://127.0.0.1:{port}/model/parse", json={"text": text})
                except httpx.HTTPError:
                    time.sleep(0.5)


if __name__ == "__main__":
    run(int(sys.argv[1]))
