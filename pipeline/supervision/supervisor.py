"""Starts the nodes of a system, watches them, restarts what dies, and stops everything in order."""

import logging
import signal
import time
from collections.abc import Callable
from pathlib import Path

from irvis.errors import IrvisError, NodeError, WireError
from irvis.log import Limiter
from irvis.settings import PipelineConfig
from irvis.topics import Topic, lossless_endpoint

from ..accounting.health import decode
from ..transport import HealthReceiver
from ..transport.endpoints import release
from .nodes import UPSTREAM, nodes_of
from .standby import Standby
from .supervised import SAID_WHY, Supervised

log = logging.getLogger(__name__)

LOOK_S = 0.05
"""How often processes are looked at: a death is noticed within this time."""
UNHEARD_S = 0.5
"""How long a node may say its End when nobody is left to hear it."""
LAST_WORDS_S = 1.0
LAST_STATES = ("ended", "failed")


class Supervisor:
    """Runs a system until its stream ends.

    It ends when all its sinks have ended (without sinks, the fusion node), when `stop` is called, or when a node
    can't go on. In each case capture stops first, the fusion node fuses what is on its way, and the sinks finish
    their files. A sink that ends alone, like a window that is closed, ends nothing else.

    Args:
        config: The system; its endpoints must be free.
        path: The file that its nodes read it from.
        look: Called about twenty times a second, to show how things are.

    Attributes:
        nodes: The system's nodes by name, in the order in which frames pass them.

    Raises:
        ConfigError: The health endpoint can't be bound.
    """

    def __init__(self, config: PipelineConfig, path: Path, look: Callable[[], None]) -> None:
        steady_s = config.supervision.steady_s
        self.nodes = {name: Supervised(name, steady_s) for name in nodes_of(config)}
        self._settings = config.supervision
        self._endpoints = config.endpoints
        self._path = path
        self._standby = Standby(path)
        self._look = look
        self._kills = list(config.faults.kill)
        self._started_s = time.monotonic()
        self._health = HealthReceiver(config.endpoints.health)
        self._unreadable = 0
        self._limiter = Limiter()
        self._asked = 0
        self._failure: IrvisError | None = None

    def stop(self) -> None:
        """Stop in order; asked a second time, tell every node to stop at once; a third time, kill them."""
        self._asked += 1
        if self._asked > 1:
            for node in self.nodes.values():
                node.tell(signal.SIGTERM if self._asked == 2 else signal.SIGKILL)

    def run(self) -> None:
        """Run until the system has ended; no process remains.

        Raises:
            IrvisError: A node said before its first frame what is wrong; with its exit code.
            NodeError: A node kept dying.
        """
        try:
            if self._settings.standby:
                self._standby.open()
            while any(node.over_s is None for node in self.nodes.values()):
                self._take_health(LOOK_S)
                self._kill_as_asked()
                for node in self.nodes.values():
                    if node.over_s is None:
                        self._attend(node)
                self._look()
        finally:
            self._standby.close()
            for node in self.nodes.values():
                node.close()
            self._health.close()
            for endpoint in map(self._endpoints.of, Topic):
                if endpoint.startswith("ipc://"):  # a killed node leaves the files of its sockets
                    release(endpoint)
                    release(lossless_endpoint(endpoint))
        if self._failure:
            raise self._failure

    def _take_health(self, timeout_s: float = 0.0) -> None:
        while (payload := self._health.receive(timeout_s)) is not None:
            timeout_s = 0.0
            try:
                status = decode(payload)
            except WireError as exc:
                self._unreadable += 1
                if self._limiter.allows("unreadable"):
                    log.warning("health: %s; %d such messages so far", exc, self._unreadable)
                continue
            if status.node in self.nodes:
                self.nodes[status.node].take(status)

    def _kill_as_asked(self) -> None:
        elapsed_s = time.monotonic() - self._started_s
        for kill in [each for each in self._kills if each.at_s <= elapsed_s]:
            if self.nodes[kill.node].kill():  # one that is being started is killed when it runs
                self._kills.remove(kill)
                log.warning("faults.kill: %s is killed", kill.node)

    def _attend(self, node: Supervised) -> None:
        code = node.exit_code()
        if code is not None:
            self._hear_out(node, code)
            self._take_end(node, code)
        elif node.pid is None and self._ending(node):
            node.bury(failed=node.tally.restarts > 0, died=node.tally.restarts > 0)
        elif node.told_s is None:
            node.start_if_due(self._path, self._standby)
            if self._turn_has_come(node):
                if not self._stopping and UPSTREAM[node.name] is None:
                    log.info("no sink is left: the system stops")
                node.tell(signal.SIGTERM)
        elif self._is_unheard(node) and time.monotonic() - node.told_s > UNHEARD_S:
            node.tell(signal.SIGTERM)  # the second one does not wait
        elif time.monotonic() - max(node.told_s, node.progress_s) > self._settings.drain_s:
            log.warning("%s did not stop within %g s: killed", node.name, self._settings.drain_s)
            node.tell(signal.SIGKILL)

    def _hear_out(self, node: Supervised, code: int) -> None:
        """Take the last words of a process that is over: they may still be on their way."""
        deadline_s = time.monotonic() + LAST_WORDS_S
        self._take_health()
        while code >= 0 and node.state not in LAST_STATES and time.monotonic() < deadline_s:
            self._take_health(LOOK_S)

    def _take_end(self, node: Supervised, code: int) -> None:
        if code == 0 or (code == -signal.SIGTERM and node.told_s is not None):
            node.bury()
            return
        died, limit = node.explain_exit(code), self._settings.max_restarts
        error: IrvisError | None = node.refused(code)
        if error is None and self._ending(node):
            error = NodeError(f"{node.name} {died}, while the system was ending")
        elif error is None and node.restarts_in_a_row >= limit:
            error = NodeError(f"{node.name} {died}, after {limit} restarts in a row (supervision.max_restarts)")
        if error is None:
            wait_s = self._settings.backoff_s * 2**node.restarts_in_a_row
            node.restart_in(wait_s)
            log.warning(
                "%s %s; restart %d of %d in %.1f s", node.name, died, node.restarts_in_a_row, limit, wait_s
            )
            return
        log.error("%s; the system stops", error)
        node.bury(failed=True, died=code not in SAID_WHY)
        self._failure = self._failure or error

    def _ending(self, node: Supervised) -> bool:
        """Whether a new life of this node would have nothing to do."""
        upstream = UPSTREAM[node.name]
        return self._stopping or (upstream is not None and self.nodes[upstream].over_s is not None)

    @property
    def _stopping(self) -> bool:
        return self._asked > 0 or self._failure is not None

    def _is_unheard(self, node: Supervised) -> bool:
        behind = [other for other in self.nodes.values() if UPSTREAM[other.name] == node.name]
        return bool(behind) and all(other.over_s is not None for other in behind)

    def _turn_has_come(self, node: Supervised) -> bool:
        """Whether to tell this node to stop: capture when the system ends, others when no End can reach them."""
        upstream = UPSTREAM[node.name]
        if upstream is None:
            return self._stopping or self._is_unheard(self.nodes["fuse"])
        source = self.nodes[upstream]
        if source.over_s is None:
            return False
        if source.died or self._is_unheard(node) or (self._stopping and not node.tally.counts()):
            return True
        return time.monotonic() - max(source.over_s, node.progress_s) > self._settings.drain_s
