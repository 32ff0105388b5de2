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
        if not isinstance(call, dict) or not isinstance(call.get("tracker"), dict):
            return refusal(422, "body")
        return await execute(executor, call)

    return Litestar(
        [health, webhook],
        request_max_body_size=LARGEST_REQUEST,
        openapi_config=None,
        logging_config=None,
    )


def every_action(run: Run) -> list[TendAction]:
    """All actions of all areas."""
    return [action for area in AREAS for action in area.actions(run)]


async def execute(executor: ActionExecutor, call: Body) -> Response[Body]:
    """Run one action in a thread, because services wait for the database."""
    name = call.get("next_action")
    if name not in executor.actions:
        return refusal(404, "unknown action")
    # Rasa sends no domain (endpoints.yml), and the executor insists on one.
    call.setdefault("domain", {})
    try:
        result = await asyncio.to_thread(lambda: asyncio.run(executor.run(call)))
    except Exception as error:  # a process's edge: Rasa must get an answer, without her words
        log.error("action %s failed: %s", name, type(error).__name__)
        return refusal(500, f"{name} failed")
    return Response(result.model_dump(mode="json") if result else {}, status_code=200)


def refusal(status: int, why: str) -> Response[Body]:
    """An error that repeats nothing of the request."""
    return Response({"error": why}, status_code=status)
