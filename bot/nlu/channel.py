"""Tend's way into Rasa: checks a token, hands over one text, gives back what to say by text id.

Rasa's own REST channel has no token, and logs her words when it times out. Here nothing that she
wrote is logged, a failed turn is an error, and a text that begins with a slash is never a command.
"""

import hmac
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.core.constants import ACTION_SESSION_START_NAME, REQUESTED_SLOT
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Restarted,
    SessionStarted,
    SlotSet,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

log = logging.getLogger(__name__)

TOKEN_VARIABLE = "TEND_RASA_TOKEN"
# Has no width and is no white space, so Rasa's strip() keeps it; the encoder drops it again.
# The same mark is in bot/dialogue.py, which escapes first; here is the second line of defence.
ESCAPE = "\u2060"
LONGEST_TEXT = 4000
FORM, ANSWER = "question_form", "answer"


class TendInput(InputChannel):
    """``POST /webhooks/tend/webhook`` with ``Authorization: Bearer TOKEN``.

    In: ``{sender, message, metadata: {inbound_id, question_open}}``. Out: a list of
    ``{text, utter_action, values, administration_id, item, understood}``.
    """

    def __init__(self, token: str) -> None:
        self.token = token

    @classmethod
    def name(cls) -> str:
        return "tend"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "TendInput":
        """The channel with its token from ``credentials.yml`` or the environment."""
        token = str((credentials or {}).get("token") or os.environ.get(TOKEN_VARIABLE) or "")
        if not token or token.startswith("$"):
            raise RasaException(
                f"The input channel 'tend' needs a token: set {TOKEN_VARIABLE} or the line "
                "'token:' under 'bot.nlu.channel.TendInput' in credentials.yml."
            )
        return cls(token)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes that Rasa's server mounts."""
        routes = Blueprint("tend_input", __name__)

        @routes.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return json({"status": "ok"})

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if not self.is_allowed(request.headers.get("authorization", "")):
                return json({"error": "token"}, status=401)
            message = read_message(request, self.name())
            if message is None:
                return json({"error": "body"}, status=400)
            try:
                await tell_of_question(request, message)
                await on_new_message(message)
                if await is_lost(request, message):
                    await forget(request, message.sender_id)
            except Exception as error:
                # A process loop's edge. Only the kind is logged: the message may hold her words.
                log.error("turn failed: %s", type(error).__name__)
                return json({"error": "turn failed"}, status=500)
            return json(await with_understanding(request, message))

        return routes

    def is_allowed(self, header: str) -> bool:
        """Does the request carry our token?"""
        expected = f"Bearer {self.token}"
        return hmac.compare_digest(header.encode(), expected.encode())


class Replies(OutputChannel):
    """Collects what a turn wants said, each with its text id."""

    def __init__(self) -> None:
        self.replies: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        return "tend"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep one reply. ``reply`` is what our actions attach; FAQ answers have none."""
        attached = message.get("reply") or {}
        self.replies.append(
            {
                "text": message.get("text"),
                "utter_action": attached.get("text_id") or message.get("utter_action"),
                "values": attached.get("values") or {},
                "administration_id": attached.get("administration_id"),
                "item": attached.get("item"),
            }
        )


def read_message(request: Request, channel: str) -> UserMessage | None:
    """Her text as Rasa's message, or none when the body is not what it should be."""
    try:
        body = request.json
    except Exception:  # Sanic raises its own kinds for garbage
        return None
    if not isinstance(body, dict):
        return None
    sender, text, metadata = body.get("sender"), body.get("message"), body.get("metadata") or {}
    if not (isinstance(sender, str) and sender and isinstance(text, str) and text.strip()):
        return None
    if not isinstance(metadata, dict):
        return None
    return UserMessage(
        escaped(text)[:LONGEST_TEXT],
        Replies(),
        sender,
        input_channel=channel,
        metadata=metadata,
    )


def escaped(text: str) -> str:
    """The text, made harmless if Rasa would take it for a command."""
    return ESCAPE + text.strip() if text.strip().startswith("/") else text


async def with_understanding(request: Request, message: UserMessage) -> list[dict[str, Any]]:
    """The replies, each with what the model made of her text: names of intents and numbers."""
    replies: list[dict[str, Any]] = message.output_channel.replies
    tracker = await request.app.ctx.agent.tracker_store.retrieve(message.sender_id)
    latest = tracker.latest_message if tracker is not None else None
    if latest is not None and replies:
        understood = understanding(latest.parse_data or {})
        replies = [{**reply, "understood": understood} for reply in replies]
    return replies


def understanding(parsed: Any) -> dict[str, Any] | None:
    """Intent and runner-up of a text that Rasa has read; none when it was not read."""
    intent = parsed.get("intent") or {}
    if not intent.get("name"):
        return None
    others = [
        one for one in parsed.get("intent_ranking") or [] if one.get("name") != intent["name"]
    ]
    second = others[0] if others else {}
    return {
        "intent": str(intent["name"]),
        "confidence": float(intent.get("confidence") or 0.0),
        "runner_up": second.get("name"),
        "runner_up_confidence": second.get("confidence"),
    }


async def tell_of_question(request: Request, message: UserMessage) -> None:
    """Open or close the form of a live conversation, as our tables say.

    A check-in may have been opened, or have run out, since Rasa heard from her. A conversation that
    Rasa does not have in mind is left alone: ``action_session_start`` restores it.
    """
    is_open = (message.metadata or {}).get("question_open")
    if not isinstance(is_open, bool):
        return
    agent = request.app.ctx.agent
    async with agent.lock_store.lock(message.sender_id):
        tracker = await agent.tracker_store.retrieve(message.sender_id)
        if tracker is None or not tracker.applied_events():
            return
        if (tracker.active_loop_name == FORM) == is_open:
            return
        tracker.update_with_events(
            [
                ActiveLoop(FORM if is_open else None),
                SlotSet(REQUESTED_SLOT, ANSWER if is_open else None),
            ],
            agent.domain,
        )
        await agent.tracker_store.save(tracker)


async def is_lost(request: Request, message: UserMessage) -> bool:
    """Did this turn leave Rasa's memory in a state that ours does not know?

    So it is when nothing came out (an action failed: Rasa swallows that) or when the session's
    start failed, so that language and open question were not restored.
    """
    if not message.output_channel.replies:
        return True
    tracker = await request.app.ctx.agent.tracker_store.retrieve(message.sender_id)
    return tracker is not None and session_start_failed(tracker)


def session_start_failed(tracker: DialogueStateTracker) -> bool:
    """Was the newest session begun without the events that beginning it should give?"""
    for event in reversed(tracker.events):
        if isinstance(event, SessionStarted):
            return False
        if isinstance(event, ActionExecuted) and event.action_name == ACTION_SESSION_START_NAME:
            return True
    return False


async def forget(request: Request, sender_id: str) -> None:
    """Make Rasa start her next text with a new session, restored from our tables."""
    agent = request.app.ctx.agent
    async with agent.lock_store.lock(sender_id):
        tracker = await agent.tracker_store.get_or_create_tracker(
            sender_id, append_action_listen=False
        )
        tracker.update(Restarted(), agent.domain)
        await agent.tracker_store.save(tracker)
