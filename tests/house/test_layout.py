"""Rules about the code that a machine can keep."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT

BOT = ROOT / "bot"
CODE = [*sorted(BOT.rglob("*.py")), *sorted((ROOT / "actions").rglob("*.py"))]
NAMES = [str(path.relative_to(ROOT)) for path in CODE]

# The words of the glossary's last column that can only be meant wrongly as a name of ours.
FORBIDDEN_WORDS = {
    "patient": r"user|client_record|participant",
    "enrolment": r"registration|signup|subscription",
    "check_in": r"survey|poll",
    "alert": r"incident|ticket",
    "rota": r"roster",
    "suppressed": r"skipped_message|dropped_message",
    "quiet_hours": r"dnd|do_not_disturb",
    "escalation_policy": r"workflow",
    "delivery_receipt": r"dlr",
    "segment": r"sms_part|sms_chunk",
}
# Words of others: Twilio's, Rasa's, the operating system's and the web's own names.
OTHERS = ("user_message", "userid", "user_agent", "get_user", "username", "pwd_user")
# What was asked for, and what a project of this kind needs beside it.
TOP_LEVEL = {
    *("bot", "actions", "data", "models", "tests", "docs", "deploy"),
    *("config.yml", "domain.yml", "endpoints.yml", "credentials.yml"),
    *("README.md", "CHANGELOG.md", "LICENSE", "Makefile", "pyproject.toml", "uv.lock"),
    *(".ci", ".gitignore", ".importlinter"),
}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


# Kept, for many tests ask: to read all of the code takes a second.
@cache
def names_in(path: Path) -> list[str]:
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.append(node.name)
        elif isinstance(node, ast.arg):
            found.append(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(node.id)
    return found


@cache
def imports_of(path: Path) -> list[str]:
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append(node.module)
    return found


@cache
def calls_of(path: Path) -> list[str]:
    return [ast.unparse(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]


def test_no_module_has_a_name_that_says_nothing():
    bad = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base_utils"}
    found = [name for name, path in zip(NAMES, CODE, strict=True) if path.stem in bad]
    assert found == []


def test_the_top_level_holds_what_the_layout_names_and_no_file_is_a_dump():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    files = [name for name in listed.stdout.decode().split("\0") if name]

    assert {name.split("/")[0] for name in files} <= TOP_LEVEL
    large = {name for name in files if (ROOT / name).stat().st_size > 2_000_000}
    assert large == set(), "data that a command can make again does not belong in the repository"


def test_imports_point_inwards():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize("thing", FORBIDDEN_WORDS)
def test_one_word_for_one_thing(thing):
    wrong = re.compile(rf"(^|_)({FORBIDDEN_WORDS[thing]})s?(_|$)", re.IGNORECASE)
    found = {
        f"{name}: {word}"
        for name, path in zip(NAMES, CODE, strict=True)
        # There the words of Rasa and of carriers are translated into ours.
        if not name.startswith(("bot/nlu/", "bot/sms/"))
        for word in names_in(path)
        if wrong.search(word) and word not in OTHERS
    }
    assert found == set(), f"say {thing}"


def test_only_bot_sms_knows_twilio():
    found = [
        name
        for name, path in zip(NAMES, CODE, strict=True)
        if not name.startswith("bot/sms/")
        and any(module.split(".")[0] == "twilio" for module in imports_of(path))
    ]
    assert found == []


def test_only_bot_nlu_knows_rasa_and_only_actions_its_kit():
    for name, path in zip(NAMES, CODE, strict=True):
        heads = {module.split(".")[0] for module in imports_of(path)}
        assert "rasa" not in heads or name.startswith("bot/nlu/"), name
        assert "rasa_sdk" not in heads or name.startswith("actions/"), name


def test_bot_has_no_code_of_its_own():
    assert (BOT / "__init__.py").read_text() == ""


# Where a clock is read: the system's own, and the one of the sandbox that can be moved.
CLOCKS = ("bot/bootstrap.py", "bot/sandbox/clock.py")


def test_nobody_asks_the_clock_but_the_two_clocks():
    asking = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time")
    found = [
        f"{name}: {call}"
        for name, path in zip(NAMES, CODE, strict=True)
        if name not in CLOCKS and not name.startswith("bot/nlu/")
        for call in calls_of(path)
        if call in asking
    ]
    assert found == []


def test_only_the_command_line_prints():
    found = [
        name
        for name, path in zip(NAMES, CODE, strict=True)
        if not name.startswith("bot/cli/") and "print" in set(calls_of(path))
    ]
    assert found == []


def writes(function: ast.FunctionDef) -> bool:
    """Does it record an audit event, open a transaction or queue a text?"""
    writing = {"record", "clinic.db.transaction", "db.transaction", "outbox.queue", "db.add"}
    return any(
        isinstance(node, ast.Call) and ast.unparse(node.func) in writing
        for node in ast.walk(function)
    )


def functions_of_services() -> list[tuple[str, ast.FunctionDef]]:
    found = []
    for path in sorted((BOT / "services").glob("*.py")):
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef):
                found.append((f"{path.stem}.{node.name}", node))
    return found


# The seal has no moment of its own: it covers what was recorded before.
TIMELESS = {"housekeeping.seal_audit"}


def test_every_service_that_writes_is_told_what_time_it_is():
    without = []
    for name, function in functions_of_services():
        given = [arg.arg for arg in (*function.args.args, *function.args.kwonlyargs)]
        # Verbs carry ``now`` in what they were asked; a case does too.
        knows = "now" in given or "asked" in given or "case" in given
        if writes(function) and not knows and name not in TIMELESS:
            without.append(name)
    assert without == []


def test_no_service_opens_a_transaction_inside_one_it_was_given():
    both = [
        name
        for name, function in functions_of_services()
        if "db" in [arg.arg for arg in function.args.args]
        and any(
            isinstance(node, ast.Call) and ast.unparse(node.func).endswith("db.transaction")
            for node in ast.walk(function)
            if name != "keys.reseal_all"
        )
    ]
    assert both == []
