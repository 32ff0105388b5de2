"""Speaks with Rasa over HTTP: her text in, ids of what to say out."""

from typing import Any

import httpx

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
