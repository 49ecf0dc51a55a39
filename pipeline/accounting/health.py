"""What a node says about itself: its state, what it has done, what it dropped and why."""

import logging
import os
import threading
import time
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from irvis.clock import NS_PER_MS, now_ns
from irvis.errors import WireError
from irvis.timing import DropCounter, Percentiles, RateMeter

from ..transport import HealthSender

log = logging.getLogger(__name__)

State: TypeAlias = Literal["starting", "running", "draining", "ended", "failed"]
VERSION = 4
REPORT_S = 0.25
LOG_S = 5.0


class Span(NamedTuple):
    """What a node knows of a stream: its first number, the one behind its newest, and whether its End was said."""

    start: int
    end: int
    is_over: bool = False


class NodeStatus(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One node's report.

    Attributes:
        version: Of this message.
        node: The node's name, for example fuse.
        pid: Its process.
        state: starting, running, draining (finishing what it holds), ended or failed.
        counts: Frames by what was done with them, since the node started.
        dropped: Frames not used since the node started, by reason.
        fps: Frames per second over the last seconds.
        mean_fps: Frames per second from the first frame to the last.
        latency_ms: p50, p95 and p99 [ms] of what the node measures; empty before the first frame.
        detail: What else a reader may want to know, for example engine and why it was chosen.
        sent_ns: When it was sent [ns], Unix epoch, on the node's host.
        streams: What capture has published of the visible stream, and what others have seen of it, by stream id.
        unsaved: How many of the frames that a recorder took a crash would cost now.
    """

    version: int
    node: str
    pid: int
    state: State
    counts: dict[str, int]
    dropped: dict[str, int]
    fps: float
    mean_fps: float
    latency_ms: dict[str, float]
    detail: dict[str, str]
    sent_ns: int
    streams: dict[int, Span] = {}
    unsaved: int = 0


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(NodeStatus)


def encode(status: NodeStatus) -> bytes:
    """Turn a status into what travels."""
    return _encoder.encode(status)


def decode(payload: bytes) -> NodeStatus:
    """Turn what travelled back into a status.

    Raises:
        WireError: It is not a status of this version.
    """
    try:
        status = _decoder.decode(payload)
    except (msgspec.DecodeError, ValueError, RecursionError) as exc:
        raise WireError(f"unreadable node status: {exc}") from exc
    if status.version != VERSION:
        raise WireError(
            f"node status of version {status.version}: this side speaks {VERSION}; update the older one"
        )
    return status


class HealthReporter:
    """Collects what a node has to report and sends it; without a supervisor, logs a line now and then.

    Args:
        node: The node's name.
        endpoint: Where the supervisor listens; None to log instead.

    Attributes:
        counts: For the node to count in.
        dropped: For the node to count in by reason, or to replace as a whole.
        detail: For the node to fill; an empty one is not told.
        streams: For the node to fill, by `saw` and `saw_end`.
        unsaved: For a recorder to set, before it counts the frame.
    """

    def __init__(self, node: str, endpoint: str | None = None) -> None:
        self.node = node
        self.counts: dict[str, int] = {}
        self.dropped = DropCounter()
        self.detail: dict[str, str] = {}
        self.streams: dict[int, Span] = {}
        self.unsaved = 0
        self._state: State = "starting"
        self._rate = RateMeter()
        self._latency = Percentiles()
        self._sender = None if endpoint is None else HealthSender(endpoint)
        self._interval_s = LOG_S if endpoint is None else REPORT_S
        self._last_s = time.monotonic()
        self._lock = threading.RLock()

    @property
    def state(self) -> State:
        """What the node is at."""
        return self._state

    def enter(self, state: State, message: str = "") -> None:
        """Change the state and say so at once; the message is kept in the details."""
        with self._lock:
            self._state = state
            if message:
                self.detail["message"] = message
            self._report()

    def count(self, name: str) -> None:
        """Count one frame under a name."""
        with self._lock:
            self.counts[name] = self.counts.get(name, 0) + 1

    def saw(self, stream_id: int, seq: int) -> None:
        """Take note of a frame's number."""
        with self._lock:
            start, end, is_over = self.streams.get(stream_id, Span(seq, seq))
            self.streams[stream_id] = Span(start, max(end, seq + 1), is_over)

    def saw_end(self, stream_id: int, frames: int) -> None:
        """Take note of a stream's End, which tells how many frames there were."""
        with self._lock:
            start, end, _ = self.streams.get(stream_id, Span(frames, frames))
            self.streams[stream_id] = Span(start, max(end, frames), is_over=True)

    def frame_done(self, name: str, latency_ns: int | None = None) -> None:
        """Count one frame that is finished: its name, the rate, and how long it took [ns]."""
        with self._lock:
            self.count(name)
            self._rate.tick()
            if latency_ns is not None:
                self._latency.add(latency_ns / NS_PER_MS)

    def tick(self) -> None:
        """Report if it is time; cheap to call often, from any thread."""
        if time.monotonic() - self._last_s >= self._interval_s:
            with self._lock:
                self._report()

    def status(self) -> NodeStatus:
        """What is reported now."""
        with self._lock:
            return NodeStatus(
                version=VERSION,
                node=self.node,
                pid=os.getpid(),
                state=self._state,
                counts=dict(self.counts),
                dropped={reason: count for reason, count in dict(self.dropped).items() if count},
                fps=round(self._rate.recent_fps(), 2),
                mean_fps=round(self._rate.mean_fps(), 2),
                latency_ms=self._latency.summary(),
                detail={name: words for name, words in dict(self.detail).items() if words},
                sent_ns=now_ns(),
                streams=dict(self.streams),
                unsaved=self.unsaved,
            )

    def close(self) -> None:
        """Send what is still on its way."""
        if self._sender:
            self._sender.close()

    def _report(self) -> None:
        self._last_s = time.monotonic()
        status = self.status()
        if self._sender:
            self._sender.send(encode(status))
        else:
            log.info("%s", summary(status))


def summary(status: NodeStatus) -> str:
    """One line for people.

    Example:
        >>> summary(NodeStatus(VERSION, "fuse", 7, "running", {"fused": 9}, {}, 25.0, 24.9, {"p50": 31.0}, {}, 0))
        'fuse running: fused 9, 25.0 fps, p50 31.0 ms, nothing dropped'
    """
    parts = [f"{name} {count}" for name, count in status.counts.items()]
    parts.append(f"{status.fps:.1f} fps")
    parts += [f"{name} {status.latency_ms[name]:.1f} ms" for name in ("p50", "p95") if name in status.latency_ms]
    dropped = ", ".join(f"{reason} {count}" for reason, count in status.dropped.items())
    parts.append(f"dropped: {dropped}" if dropped else "nothing dropped")
    message = status.detail.get("message")
    return f"{status.node} {status.state}: {', '.join(parts)}" + (f" ({message})" if message else "")
