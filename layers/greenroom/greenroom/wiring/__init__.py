"""The composition root: settings, adapters and services of one function, made when needed.

Nobody else builds an adapter. What a request does not need is not imported for it. A file here is
a room; its class inherits those of the rooms that it builds on, so they form no cycle.
"""

from greenroom.wiring.admin import AdminWiring
from greenroom.wiring.ai import AiWiring
from greenroom.wiring.diagnostics import DiagnosticsWiring
from greenroom.wiring.interviews import InterviewsWiring
from greenroom.wiring.logbook import LogbookWiring
from greenroom.wiring.migrations import MigrationsWiring
from greenroom.wiring.realtime import RealtimeWiring
from greenroom.wiring.reports import ReportsWiring
from greenroom.wiring.settings import FUNCTION_SETTINGS, OPERATOR
from greenroom.wiring.widget import WidgetWiring

__all__ = ["FUNCTION_SETTINGS", "OPERATOR", "Wiring"]


class Wiring(
    RealtimeWiring,
    DiagnosticsWiring,
    InterviewsWiring,
    AdminWiring,
    MigrationsWiring,
    WidgetWiring,
    AiWiring,
    ReportsWiring,
    LogbookWiring,
):
    """What one function is made of. Everything is made once, on first use."""
