"""A client that does not idle: jupyter_client's waits for 0.2 s of silence before it is ready."""

from __future__ import annotations

import asyncio
import time
from queue import Empty

from jupyter_client.asynchronous.client import AsyncKernelClient

_AGAIN = 1.0
"""Seconds after which the kernel is asked once more."""


class PromptClient(AsyncKernelClient):
    """Ready as soon as the kernel has answered and its publications arrive: nothing that it says
    afterwards can be missed."""

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
        """Raises RuntimeError when the kernel has died, or not answered in `timeout` seconds."""
        deadline = time.monotonic() + (timeout or float("inf"))
        while True:
            self.kernel_info()
            try:
                async with asyncio.timeout(_AGAIN):
                    reply = await self._answer()
                    # Whatever is published shows that the subscription has arrived there.
                    await self.iopub_channel.get_msg()
            except (TimeoutError, Empty):
                pass
            else:
                self._handle_kernel_info_reply(reply)
                return
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > deadline:
                raise RuntimeError(f"Kernel didn't respond in {timeout:g} seconds")

    async def _answer(self) -> dict[str, object]:
        while True:
            reply: dict[str, object] = await self.shell_channel.get_msg()
            if reply["msg_type"] == "kernel_info_reply":
                return reply

    wait_for_ready = _async_wait_for_ready
