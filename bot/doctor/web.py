"""Knocks at every process that speaks HTTP, as the carrier, Rasa and the worker do."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.doctor.findings import Finding, State, Surroundings, is_loopback, shown

_PARTS = {"database": "the database", "dialogue": "Rasa", "worker": "the worker"}
_EVERY_INTERFACE = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}
INBOUND_PATH = "/sms/inbound"


def gateway(around: Surroundings) -> Iterator[Finding]:
    """Is the gateway of this machine ready?"""
    settings = around.settings
    url = _here(settings.gateway_host, settings.gateway_port)
    answer = _get(around.http, f"{url}/health/ready")
    if isinstance(answer, str):
        yield _not_here(around, "gateway", url, answer, "Start `tend gateway`, or `tend up`.")
    else:
        yield _ready("gateway", url, answer)


def public_address(around: Surroundings) -> Iterator[Finding]:
    """Does the carrier's way lead to the gateway, and is an unsigned text turned away there?"""
    url = around.settings.public_url.rstrip("/")
    if urlsplit(url).scheme != "https":
        if not is_loopback(url):
            sentence = "TEND_PUBLIC_URL is not https: texts would cross the net in the open."
            yield Finding("public address", State.WRONG, sentence)
        return
    answer = _get(around.http, f"{url}/health/ready")
    if isinstance(answer, str):
        sentence = (
            f"{shown(url)}: {answer} Mend DNS, certificate or proxy; see docs/how-to/deploy.md."
        )
        yield Finding("public address", State.WRONG, sentence)
        return
    yield _ready("public address", shown(url), answer)
    yield _turns_away(around.http, url)


def _turns_away(http: httpx.Client, url: str) -> Finding:
    name, where = "unsigned texts", f"{shown(url)}{INBOUND_PATH}"
    try:
        status = http.post(url + INBOUND_PATH, data={"Body": ""}).status_code
    except httpx.HTTPError as error:
        return Finding(name, State.WRONG, f"{where}: {_why(error)} Mend the proxy.")
    if status == 403:
        return Finding(name, State.OK, "They are refused, as they should be.")
    if status < 300:
        sentence = f"{where} took a text without a signature. Take it off the net until mended."
        return Finding(name, State.WRONG, sentence)
    sentence = f"{where} answered {status} where 403 was due. Let the proxy pass /sms/ unchanged."
    return Finding(name, State.WRONG, sentence)


def actions(around: Surroundings) -> Iterator[Finding]:
    """Does the action server answer?"""
    settings = around.settings
    url = _here(settings.actions_host, settings.actions_port)
    answer = _get(around.http, f"{url}/health")
    cure = "Start `tend actions`, or `tend up`: without it Rasa says nothing."
    if isinstance(answer, str):
        yield _not_here(around, "action server", url, answer, cure)
    elif answer.status_code == 200:
        yield Finding("action server", State.OK, f"{url} answers.")
    else:
        sentence = f"{url} answered {answer.status_code}. {cure}"
        yield Finding("action server", State.WRONG, sentence)


def rasa(around: Surroundings) -> Iterator[Finding]:
    """Does Rasa answer with a model, to our token and to no other?"""
    settings = around.settings
    url = settings.rasa_url.rstrip("/")
    where = shown(url)
    token = settings.rasa_token.get_secret_value()
    answer = _get(around.http, f"{url}/status", token=token)
    if isinstance(answer, str):
        sentence = (
            f"{where}: {answer} Start `tend rasa`, or `tend up`; mothers get holding replies."
        )
        yield Finding("Rasa", State.WRONG, sentence)
        return
    yield _status(where, answer)
    without = _get(around.http, f"{url}/status")
    if not isinstance(without, str) and without.status_code not in (401, 403):
        sentence = f"{where} answers without a token. Start it with `tend rasa`, which sets one."
        yield Finding("Rasa's token", State.WRONG, sentence)


def rasa_of_a_demo(around: Surroundings) -> Iterator[Finding]:
    """Does the demo's Rasa answer? Its token was made for that one run, so no more is asked."""
    url = around.settings.rasa_url.rstrip("/")
    answer = _get(around.http, f"{url}/status")
    if isinstance(answer, str):
        sentence = (
            f"{shown(url)}: {answer} Give it some 40 s after the start of the demo; then stop the "
            "demo, and start it again."
        )
        yield Finding("Rasa", State.WRONG, sentence)
    elif answer.status_code in (401, 403):
        yield Finding("Rasa", State.OK, f"{shown(url)} answers; only the demo has its token.")
    else:
        yield _status(shown(url), answer)


def _status(where: str, answer: httpx.Response) -> Finding:
    cures = {
        401: "does not take our token. TEND_RASA_TOKEN must be the same on both sides.",
        403: "does not take our token. TEND_RASA_TOKEN must be the same on both sides.",
        409: "has no model. Run `tend train`, then restart it.",
    }
    if answer.status_code != 200:
        said = cures.get(answer.status_code, f"answered {answer.status_code}. Restart it.")
        return Finding("Rasa", State.WRONG, f"{where} {said}")
    loaded = _json(answer).get("model_file")
    if not isinstance(loaded, str) or not loaded:
        return Finding("Rasa", State.WRONG, f"{where} {cures[409]}")
    name = loaded.replace("\\", "/").rpartition("/")[2]
    return Finding("Rasa", State.OK, f"{where} answers with the model {name}.")


def _ready(name: str, url: str, answer: httpx.Response) -> Finding:
    """What the gateway says of itself."""
    parts = _json(answer)
    if answer.status_code not in (200, 503) or not parts.keys() >= _PARTS.keys():
        sentence = f"{url} answered {answer.status_code}, which is not our gateway. Mend the proxy."
        return Finding(name, State.WRONG, sentence)
    missing = [word for part, word in _PARTS.items() if not parts.get(part)]
    if not missing:
        return Finding(name, State.OK, f"{url} is ready.")
    lost = answer.status_code == 503
    sentence = f"{url} answers, but does not see {', '.join(missing)}. Look at that part's line."
    return Finding(name, State.WRONG if lost else State.WARNING, sentence)


def _not_here(around: Surroundings, name: str, url: str, why: str, cure: str) -> Finding:
    """A process that does not answer here; right when this clinic runs on several hosts."""
    if around.rasa_is_here:
        return Finding(name, State.WRONG, f"{url}: {why} {cure}")
    sentence = f"{url}: {why} All is well if it runs on another host; else: {cure}"
    return Finding(name, State.WARNING, sentence)


def _here(host: str, port: int) -> str:
    return f"http://{_EVERY_INTERFACE.get(host, f'[{host}]' if ':' in host else host)}:{port}"


def _get(http: httpx.Client, url: str, *, token: str | None = None) -> httpx.Response | str:
    """The answer, or in one sentence why there is none; the address may hold a token: not shown."""
    try:
        return http.get(url, params={"token": token} if token else None)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return _why(error)


def _why(error: Exception) -> str:
    if "CERTIFICATE" in str(error).upper():
        return "its certificate is not accepted."
    return "no answer in time." if isinstance(error, httpx.TimeoutException) else "no answer."


def _json(answer: httpx.Response) -> dict[str, Any]:
    # JSON is whatever the other side says
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
