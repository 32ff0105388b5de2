"""Speaks with Rasa over HTTP: her text in, ids of what to say out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from bot.content import live_model
from bot.errors import DialogueUnavailable
from bot.ports import Reply, Understood

WEBHOOK = "/webhooks/tend/webhook"
# Text that begins with a slash is a command to Rasa. This mark has no width and is no white space,
# so Rasa's strip() keeps it; actions/turns.py and the encoder take it off again.
ESCAPE = "\u2060"


class RasaDialogue:
    """The dialogue engine of ``bot.ports``, over Rasa's HTTP.

    :param base_url: where Rasa listens, such as ``http://127.0.0.1:5005``.
    :param token: shared with Rasa's input channel and HTTP API.
    :param timeout_seconds: how long one turn may take, from asking.
    :param transport: how requests travel; for tests.
    """

    def __init__(
        self,
        base_url: str,
        *,
        token: str,
        timeout_seconds: float,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._token = token
        self._client = httpx.Client(
            base_url=base_url,
            timeout=timeout_seconds,
            transport=transport,
            # Proxies of the environment are for the outside world; Rasa is next door.
            trust_env=False,
            # Whom the world trusts is read from disk only where there is TLS.
            verify=base_url.startswith("https:"),
        )

    def say(
        self, *, conversation_key: str, text: str, inbound_id: str, question_open: bool
    ) -> list[Reply]:
        """Pass her text on and return the replies; none may be deliberate silence.

        :raises DialogueUnavailable: no answer in time, or one that cannot be used.
        """
        body = {
            "sender": conversation_key,
            "message": escaped(text),
            "metadata": {"inbound_id": inbound_id, "question_open": question_open},
        }
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            answer = self._client.post(WEBHOOK, json=body, headers=headers)
        except httpx.HTTPError as error:
            # The error's own words may hold the request; its kind says enough.
            raise DialogueUnavailable(type(error).__name__) from None
        if answer.status_code != httpx.codes.OK:
            raise DialogueUnavailable(f"status {answer.status_code}")
        try:
            return [_reply(entry) for entry in _list(answer.json())]
        except (ValueError, KeyError, TypeError):
            raise DialogueUnavailable("an answer that cannot be read") from None

    def ready(self) -> bool:
        """Is a model loaded and answering?"""
        try:
            answer = self._client.get("/status", params={"token": self._token}, timeout=2.0)
            return answer.status_code == httpx.codes.OK and bool(answer.json().get("model_file"))
        except (httpx.HTTPError, ValueError, AttributeError):
            return False


# A model is loaded in some seconds; on a busy machine in some more.
_LOAD_SECONDS = 45.0


class RasaReplicas:
    """Every Rasa, told over its HTTP API which model to load; see ``bot.ports.ModelHost``.

    :param urls: where each listens. All find the models under the same path.
    """

    def __init__(
        self, urls: Sequence[str], *, token: str, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._clients = [
            httpx.Client(
                base_url=url,
                params={"token": token},
                timeout=_LOAD_SECONDS,
                transport=transport,
                trust_env=False,
            )
            for url in urls
        ]

    def load_everywhere(self, model: Path) -> None:
        """One after the other, so that there is always one that answers if there are several.

        :raises DialogueUnavailable: one cannot be reached, or refuses the model.
        """
        for client in self._clients:
            self._load(client, model)

    def load_where_missing(self, model: Path) -> bool:
        """Let those load it that have another one.

        :raises DialogueUnavailable: one cannot be reached, or refuses the model.
        """
        missing = [client for client in self._clients if self._loaded(client) != model.name]
        for client in missing:
            self._load(client, model)
        return bool(missing)

    def point_to(self, models_dir: Path, name: str) -> None:
        """Write the file by which a Rasa that starts chooses its model; not if it says so."""
        if live_model.live_name(models_dir) != name:
            live_model.point_to(models_dir, name)

    def parse(self, text: str) -> dict[str, Any]:
        """What the first Rasa makes of a text, outside any conversation.

        :raises DialogueUnavailable: it does not answer.
        """
        answer = self._ask(self._clients[0], "POST", "/model/parse", {"text": escaped(text)})
        found: dict[str, Any] = answer.json()
        return found

    def _load(self, client: httpx.Client, model: Path) -> None:
        self._ask(client, "PUT", "/model", {"model_file": str(model.resolve())})
        if self._loaded(client) != model.name:
            raise DialogueUnavailable("it still has another model")

    def _loaded(self, client: httpx.Client) -> str:
        """The file name of the model that it has."""
        answer = self._ask(client, "GET", "/status", None)
        return Path(str(answer.json().get("model_file") or "")).name

    def _ask(
        self, client: httpx.Client, method: str, path: str, body: dict[str, str] | None
    ) -> httpx.Response:
        try:
            answer = client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise DialogueUnavailable(type(error).__name__) from None
        if not answer.is_success:
            raise DialogueUnavailable(f"status {answer.status_code}")
        return answer


def escaped(text: str) -> str:
    """Her words, made harmless if Rasa would take them for a command; never empty."""
    words = text.strip()
    if not words:
        # An empty text (a photo, only spaces) is an error to Rasa.
        return ESCAPE
    return ESCAPE + words if words.startswith("/") else text


def _list(content: Any) -> list[Any]:  # whatever the other side sent
    if not isinstance(content, list):
        raise ValueError("no list")
    return content


def _reply(entry: Any) -> Reply:
    """One reply by its id; words without an id are refused, for nobody has approved them."""
    text_id, values, item = entry["utter_action"], entry.get("values") or {}, entry.get("item")
    administration_id = entry.get("administration_id")
    if not isinstance(text_id, str) or not text_id or not isinstance(values, dict):
        raise ValueError("no id")
    return Reply(
        text_id=text_id,
        values={str(name): str(value) for name, value in values.items()},
        administration_id=str(administration_id) if administration_id is not None else None,
        item=int(item) if item is not None else None,
        understood=_understood(entry.get("understood")),
    )


def _understood(entry: Any) -> Understood | None:
    """What the model made of her text; an answer without it is as good as any."""
    if not isinstance(entry, dict) or not entry.get("intent"):
        return None
    second, how_sure = entry.get("runner_up"), entry.get("runner_up_confidence")
    return Understood(
        intent=str(entry["intent"])[:64],
        confidence=float(entry.get("confidence") or 0.0),
        runner_up=str(second)[:64] if second else None,
        runner_up_confidence=float(how_sure) if how_sure is not None else None,
    )
