"""How the laptop cloud is asked to stop."""

import asyncio
import os
import signal


class Signals:
    """The first Ctrl-C (or SIGTERM) asks to stop, the second one ends at once."""

    def __init__(self) -> None:
        """Takes over both signals."""
        self._asked = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self.stop: asyncio.Event | None = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)

    async def wait(self) -> None:
        """Wait until somebody asks to stop."""
        self.stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        await self.stop.wait()

    def _handle(self, number: int, _frame: object) -> None:
        if self._asked:
            # Every child is on the leash, so it ends with us.
            os._exit(128 + number)
        self._asked = True
        if self._loop is not None and self.stop is not None:
            self._loop.call_soon_threadsafe(self.stop.set)
        else:
            raise KeyboardInterrupt
