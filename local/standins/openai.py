"""The stand-in for OpenAI: realtime secrets and calls, models, chat completions.

``python -m local.standins.openai --port N --data-dir D``. It keeps nothing on the disk: a
secret lives ten minutes, a call an hour. ``GREENROOM_VOICE_SPEED`` runs calls faster.
"""

import argparse
import math
import os
import sys

from aiohttp import web

from local.standins.common import StandIn, main
from local.standins.openai_chat import complete
from local.standins.openai_errors import openai_errors
from local.standins.openai_models import list_models, show_model
from local.standins.openai_realtime import RealtimeRoutes
from local.standins.voice import Calls

SPEED_MIN, SPEED_MAX = 0.1, 100.0


def make_openai(*, voice_speed: float = 1.0, calls: Calls | None = None) -> StandIn:
    """The stand-in, ready to serve.

    Args:
        voice_speed: 1.0 is life; 20 shortens every clip and pause of a call to a twentieth.
        calls: the voice peers, for a test that wants to look at them; has its own speed.
    """
    standin = StandIn("OpenAI")
    standin.app.middlewares.append(openai_errors)
    realtime = RealtimeRoutes(Calls(speed=voice_speed) if calls is None else calls)
    realtime.add_to(standin.app.router)
    standin.app.router.add_get("/v1/models", list_models)
    standin.app.router.add_get("/v1/models/{model}", show_model)
    standin.app.router.add_post("/v1/chat/completions", complete)
    standin.on_reset.append(realtime.reset)

    async def end_calls(_app: web.Application) -> None:
        await realtime.reset()

    standin.app.on_shutdown.append(end_calls)
    return standin


def voice_speed_of(value: str) -> float:
    """The setting ``GREENROOM_VOICE_SPEED``, from 0.1 to 100.

    Raises:
        ValueError: it is not such a number.
    """
    speed = float(value or "1")
    if not math.isfinite(speed) or not SPEED_MIN <= speed <= SPEED_MAX:
        raise ValueError(f"GREENROOM_VOICE_SPEED must be from {SPEED_MIN} to {SPEED_MAX}")
    return speed


def _make(_options: argparse.Namespace) -> StandIn:
    return make_openai(voice_speed=voice_speed_of(os.environ.get("GREENROOM_VOICE_SPEED", "")))


if __name__ == "__main__":
    sys.exit(main(_make))
