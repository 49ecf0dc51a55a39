"""Messages between processes over ZeroMQ; no other package knows it.

A topic has two links, each with its own socket. The latest link drops what a slow subscriber can't take; the
lossless link makes the publisher wait. Messages are multipart [topic, header, pixels...] in short queues. CONFLATE
is not used: it silently loses parts of multipart messages.
"""

from .clock import ClockClient, ClockServer
from .health import HealthReceiver, HealthSender
from .outlet import Stop
from .publisher import Publisher
from .security import secured
from .subscriber import Subscriber, poll

__all__ = [
    "ClockClient",
    "ClockServer",
    "HealthReceiver",
    "HealthSender",
    "Publisher",
    "Stop",
    "Subscriber",
    "poll",
    "secured",
]
