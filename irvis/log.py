"""One line per event on standard error, and a limiter for events that come with every frame."""

import json
import logging
import os
import sys
import time

FORMAT = "%(asctime)s %(levelname).1s %(name)s: %(message)s"


def setup(level: str | None = None) -> None:
    """Send log lines to standard error: for people, or with $IRVIS_LOG_FORMAT=json one JSON object each.

    Args:
        level: DEBUG, INFO, WARNING or ERROR; $IRVIS_LOG_LEVEL or INFO without.
    """
    name = (level or os.environ.get("IRVIS_LOG_LEVEL") or "INFO").upper()
    known = logging.getLevelNamesMapping()
    logging.basicConfig(
        level=known.get(name, logging.INFO), format=FORMAT, datefmt="%H:%M:%S", stream=sys.stderr, force=True
    )
    if os.environ.get("IRVIS_LOG_FORMAT") == "json":
        for handler in logging.getLogger().handlers:
            handler.setFormatter(JsonFormatter())
    if name not in known:
        logging.getLogger(__name__).warning("log level %s: expected DEBUG, INFO, WARNING or ERROR", name)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time [s, Unix epoch], level, logger, process, message, and the exception if any."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of one record."""
        line = {
            "time": round(record.created, 6),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class Limiter:
    """Lets an event be logged at most once in a while, however often it happens.

    Args:
        interval_s: Least time between two lines [s].
    """

    def __init__(self, interval_s: float = 1.0) -> None:
        self._interval_s = interval_s
        self._last_s: dict[str, float] = {}

    def allows(self, event: str) -> bool:
        """Whether this event may be logged now; saying yes starts its wait."""
        now_s = time.monotonic()
        if now_s - self._last_s.get(event, -self._interval_s) < self._interval_s:
            return False
        self._last_s[event] = now_s
        return True
