"""Text that may be printed as it stands, as against what people typed."""

from __future__ import annotations


class Safe(str):
    """Text that Handshake made itself and that a sink may print as it stands.

    Every other text is treated as typed by somebody, and is encoded when it is printed.
    """

    __slots__ = ()
