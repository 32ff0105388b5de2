"""The action server: rasa-sdk's executor behind a token, on a server of ours.

rasa-sdk's own server listens on every interface and answers a failure with the whole request,
tracker and her words included. This one says only which action failed, and with what kind of error.
"""

import asyncio
import hmac
import json
import logging
from collections.abc import Callable
from typing import Any

from litestar import Litestar, Request, Response, get, post
from rasa_sdk.executor import ActionExecutor  # type: ignore[import-untyped]

from actions import check_in, conversations, reports, requests
from actions.turns import Run, TendAction
from bot.bootstrap import App
from bot.services import turns
from bot.services.results import TurnResult
from bot.services.turns import Turn

log = logging.getLogger(__name__)

AREAS = (check_in, conversations, reports, requests)
# A session's tracker is some 100 kB; this is far above.
LARGEST_REQUEST = 8_000_000

type Body = dict[str, Any]


def build(app_factory: Callable[[], App], token: str) -> Litestar:
    """The action server as an application; nothing is built or opened until a request comes.

    :param app_factory: gives the process's parts; asked for every request.
    :param token: Rasa sends it as ``?token=``.
    """

    def run(verb: str, turn: Turn) -> TurnResult:
        app = app_factory()
        return turns.run(app.clinic, verb, turn, now=app.clock.now())

    return serve(run, token)


def serve(run: Run, token: str) -> Litestar:
    """The same, over anything that carries out verbs."""
    executor = ActionExecutor()
    for action in every_action(run):
        executor.register_action(action)

    @get("/health", sync_to_thread=False)
    def health() -> Body:
        return {"status": "ok"}

    @post("/webhook")
    async def webhook(request: Request[Any, Any, Any]) -> Response[Body]:
        given = request.query_params.get("token", "")
        if not hmac.compare_digest(given.encode(), token.encode()):
            return refusal(401, "token")
        try:
            call = json.loads(await request.body())
        except ValueError:
            call = None
        # Not 400: to Rasa that would mean that the action rejects to run.
        if not isinstance(call, dict) or not has_shape(call):
            return refusal(422, "body")
        return await execute(executor, call)

    return Litestar(
        [health, webhook],
        request_max_body_size=LARGEST_REQUEST,
        openapi_config=None,
        logging_config=None,
    )


def has_shape(call: Body) -> bool:
    """Is this a call as Rasa makes it? Anything else is refused before an action trips over it."""
    tracker = call.get("tracker")
    if not isinstance(call.get("next_action"), str) or not isinstance(tracker, dict):
        return False
    latest, events = tracker.get("latest_message") or {}, tracker.get("events") or []
    if not isinstance(latest, dict) or not isinstance(events, list):
        return False
    intent = latest.get("intent") or {}
    said = [one for one in events if isinstance(one, dict) and one.get("event") == "user"]
    return (
        isinstance(tracker.get("sender_id"), str)
        and isinstance(call.get("domain") or {}, dict)
        and isinstance(tracker.get("slots") or {}, dict)
        and isinstance(tracker.get("active_loop") or {}, dict)
        and isinstance(intent, dict)
        and isinstance(intent.get("confidence") or 0.0, int | float)
        and all(isinstance(one, dict) for one in events)
        and all(isinstance(one.get("metadata") or {}, dict) for one in said)
    )


def every_action(run: Run) -> list[TendAction]:
    """All actions of all areas."""
    return [action for area in AREAS for action in area.actions(run)]


async def execute(executor: ActionExecutor, call: Body) -> Response[Body]:
    """Run one action in a thread, because services wait for the database."""
    name = call.get("next_action")
    if name not in executor.actions:
        return refusal(404, "unknown action")
    # Rasa sends no domain (endpoints.yml), and the executor insists on one; what is null is empty.
    call["domain"] = call.get("domain") or {}
    tracker = call["tracker"]
    tracker |= {name: tracker.get(name) or {} for name in ("slots", "latest_message")}
    tracker["events"] = tracker.get("events") or []
    try:
        result = await asyncio.to_thread(lambda: asyncio.run(executor.run(call)))
    except Exception as error:  # a process's edge: Rasa must get an answer, without her words
        log.error("action %s failed: %s", name, type(error).__name__)
        return refusal(500, f"{name} failed")
    return Response(result.model_dump(mode="json") if result else {}, status_code=200)


def refusal(status: int, why: str) -> Response[Body]:
    """An error that repeats nothing of the request."""
    return Response({"error": why}, status_code=status)
