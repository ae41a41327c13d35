"""The voice peer: a real WebRTC interviewer that speaks OpenAI's realtime protocol.

It answers SDP offers (`peer`), speaks with espeak-ng or a tone (`speech`, `track`), hears
where turns begin and end (`ears`) and keeps the conversation in the events of the dialect
(`conversation`, `reply`, `vocabulary`). What it says comes from a script (`interviewer`).

It hears speech but recognises no words: where the session asks for transcription, a spoken
turn is transcribed as a truthful sentence about its length and pauses. Typed turns are read.
``GREENROOM_VOICE_SPEED`` (default 1.0) shortens every clip and pause, for tests.
"""

from local.standins.voice.peer import Calls, OfferRefused, TooManyCalls
from local.standins.voice.session import Dialect, Session
from local.standins.voice.shapes import BadParameter

__all__ = ["BadParameter", "Calls", "Dialect", "OfferRefused", "Session", "TooManyCalls"]
