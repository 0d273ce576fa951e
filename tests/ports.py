"""A port for a program that a test starts: free, and not one that somebody gets by chance meanwhile."""

from __future__ import annotations

import random
import socket

LOW, HIGH = 10_000, 30_000
"""Below the ports that the kernel gives to whoever asks for any, or connects to somebody: one of those
can be taken between our look and the program's start, or while it is being started anew.
https://docs.kernel.org/networking/ip-sysctl.html#ip-variables (ip_local_port_range)"""


def free_port() -> int:
    """Return a port on loopback that nobody listens at."""
    chance = random.SystemRandom()  # tests that run side by side must not draw the same ones
    while True:
        port = chance.randrange(LOW, HIGH)
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
