"""A training desk for tests: a small project of its own, a fake encoder, a fake Rasa."""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from bot.content.texts import Catalogue
from bot.core.rights import rights_of
from bot.core.rota import StaffRole
from bot.crisis.encoder import WIDTH, Vectors
from bot.errors import ConfigError
from bot.services.logins import Visitor
from bot.services.patient_directory import PatientDirectory
from bot.storage import people, sealing
from bot.teaching.words import words_of
from bot.teaching.workshop import Workshop
from tests.conftest import DATA
from tests.world import World

_WHOLE = ("texts", "identifiers", "teaching", "rules")
_SOME = ("nlu/smalltalk.yml", "nlu/safety.yml", "nlu/requests.yml", "faq/food.yml", "faq/hours.yml")


def fake_vectors(texts: Sequence[str]) -> Vectors:
    """Texts with the same words point the same way: enough to tell like from unlike."""
    rows = np.zeros((len(texts), WIDTH), np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word in words_of(text) or words_of("nothing"):
            row[int(hashlib.md5(word.folded.encode()).hexdigest(), 16) % WIDTH] += 1
        row /= np.linalg.norm(row)
    return rows


class FakeRasa:
    """Rasa's checks: content with everything, or not; remembers what it was shown."""

    def __init__(self) -> None:
        self.refuses_with = ""
        self.seen: list[dict[str, str]] = []

    def __call__(self, project: Path) -> None:
        files = sorted((project / "data").rglob("*.yml"))
        self.seen.append({str(path.relative_to(project)): path.read_text() for path in files})
        if self.refuses_with:
            raise ConfigError(self.refuses_with)


def small_project(folder: Path) -> Path:
    """A copy of some of the data: what is written there is nobody's."""
    for name in _WHOLE:
        shutil.copytree(DATA / name, folder / "data" / name)
    for name in _SOME:
        target = folder / "data" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("\n".join(_fewer((DATA / name).read_text().splitlines())) + "\n")
    return folder


def _fewer(lines: list[str], most: int = 30) -> Iterator[str]:
    """The same file with fewer examples: reading them all takes longer than what is tested."""
    count = 0
    for line in lines:
        is_example = line.startswith("    - ")
        count = count + 1 if is_example else 0
        if count <= most or line.startswith("    - type"):
            yield line


class Desk:
    """The desk in a world: who teaches what."""

    def __init__(self, world: World, project: Path) -> None:
        self.world = world
        self.rasa = FakeRasa()
        self.workshop = workshop(project, world.clinic.texts, self.rasa)
        self.directory = PatientDirectory(world.clinic)

    @property
    def project(self) -> Path:
        return self.workshop.project

    def visitor(self, name: str, role: StaffRole | None = None) -> Visitor:
        """One of the cast, as logged in."""
        with self.world.clinic.db.reading() as db:
            found = {sealing.get(db, one, "name"): one for one in people.list_staff(db)}[name]
        its = StaffRole(found.role)
        rights = rights_of(role or its, leads=found.leads, support_sees_scores=False)
        return Visitor("login", found.id, name, role or its, found.leads, rights)

    def read(self, path: str) -> str:
        return (self.project / path).read_text(encoding="utf-8")


def workshop(project: Path, texts: Catalogue, rasa: FakeRasa) -> Workshop:
    return Workshop(project=project, validate=rasa, texts=texts, encode=fake_vectors)
