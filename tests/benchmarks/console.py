"""How long a page takes in a large clinic: 5,000 patients, 200,000 texts, 500 alerts.

Through a real web server, logged in, every view audited: from the request to the last byte.
"""

import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import httpx
from sqlalchemy import select

from bot.bootstrap import App
from bot.console.app import build
from bot.processes import Server, free_port
from bot.services.patient_directory import PatientDirectory
from bot.storage.tables import Alert, Staff
from tests.benchmarks import large_clinic, seeding
from tests.benchmarks.figures import Figure, Skipped, load_average, spread

TARGET_MS = 300
_ROUNDS = 20


def run(*, quick: bool = False) -> Iterator[Figure | Skipped]:
    """Seed a clinic and open every page of it."""
    size = 0.1 if quick else 1.0
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        app = seeding.open_clinic(Path(folder), console_url=url)
        began = time.perf_counter()
        patients = large_clinic.fill(app, size)
        yield Figure("console.filling", round(time.perf_counter() - began, 1), "s", 1)
        load = load_average()
        web = build(replace(app), one_tap=True)
        server = Server(web, host="127.0.0.1", port=port, name="console").start()
        try:
            yield from _measure(app, url, patients, load, rounds=5 if quick else _ROUNDS)
        finally:
            web.state.desk.closing.set()
            server.stop()
            app.close()


def _measure(
    app: App, url: str, patients: list[str], load: float, *, rounds: int
) -> Iterable[Figure]:
    client = httpx.Client(base_url=url, trust_env=False, timeout=600)
    with app.clinic.db.reading() as db:
        lead = db.scalars(select(Staff.id).where(Staff.leads)).first()
        alerts = list(db.scalars(select(Alert.id)))
        numbers = [entry.number[-7:] for entry in PatientDirectory(app.clinic).search("")]
    client.post(f"/tap/{lead}", data={"_csrf_token": _token(client, "/login"), "next": "/account"})
    token = _token(client, "/account")
    chance = Random(1)

    def search(words: str) -> httpx.Response:
        return client.post("/patients/search", data={"_csrf_token": token, "words": words})

    pages: dict[str, Any] = {
        "now": lambda: client.get("/now"),
        "alert": lambda: client.get(f"/alerts/{chance.choice(alerts)}"),
        "patients": lambda: client.get(f"/patients?at={chance.randint(1, 90)}"),
        "patients_with_alert": lambda: client.get("/patients?show=alert"),
        "patients_with_person": lambda: client.get("/patients?show=human"),
        "search_by_name": lambda: search("bea oak"),
        "search_by_number": lambda: search(chance.choice(numbers)),
        "patient": lambda: client.get(f"/patients/{chance.choice(patients)}"),
        "inbox": lambda: client.get("/inbox"),
        "paper_list": lambda: client.get("/inbox/print"),
        "rota": lambda: client.get("/rota"),
        "staff": lambda: client.get("/staff"),
        "audit": lambda: client.get("/audit"),
        "audit_of_one": lambda: client.get(f"/audit?subject=patient:{chance.choice(patients)}"),
        "audit_of_a_verb": lambda: client.get("/audit?verb=log_in"),
        "health": lambda: client.get("/health"),
        "account": lambda: client.get("/account"),
        "teach": lambda: client.get("/teach"),
        "teach_lesson": lambda: client.get("/teach/lesson"),
        "teach_changes": lambda: client.get("/teach/changes"),
        "teach_week": lambda: client.get("/teach/week"),
        "models": lambda: client.get("/models"),
        "models_try": lambda: client.get("/models/try"),
    }
    # The names are opened once in a process's life: said apart.
    began = time.perf_counter()
    client.get("/patients")
    first = (time.perf_counter() - began) * 1000
    yield Figure("console.first_list", round(first, 1), "ms", 1, load=load)
    for name, ask in pages.items():
        # What a process reads once in its life is not what a page takes.
        began = time.perf_counter()
        ask()
        first = (time.perf_counter() - began) * 1000
        yield Figure(f"console.{name}.first", round(first, 1), "ms", 1, load=load)
        seconds, at_work = [], []
        for _ in range(rounds):
            began, worked = time.perf_counter(), time.process_time()
            answer = ask()
            seconds.append(time.perf_counter() - began)
            at_work.append(time.process_time() - worked)
            if answer.status_code != 200:
                raise RuntimeError(f"{name} answered {answer.status_code}")
        yield from spread(f"console.{name}", seconds, load=load, p95=TARGET_MS)
        # Browser and server are this one process: what it would take on a machine of its own.
        yield from spread(f"console.{name}.cpu", at_work, load=load)


def _token(client: httpx.Client, path: str) -> str:
    return client.get(path).text.split('name="_csrf_token" value="', 1)[1].split('"', 1)[0]
