"""Whether processes grow: their memory and open files over their lives."""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

import psutil

MEASURED_FROM_S = 60.0
"""A process is followed from this age on: until then it loads what it needs, and the pools of its threads fill."""
LONG_LIFE_S = 60.0
BYTES_PER_MIB = 1 << 20


class Sample(NamedTuple):
    """Of a process: its age [s], the memory that it has resident [bytes], and how many files it has open."""

    age_s: float
    resident_bytes: int
    files: int


class Growth:
    """Follows processes."""

    def __init__(self) -> None:
        self._lives: dict[tuple[str, int], list[Sample]] = {}

    def look(self, processes: Mapping[str, psutil.Process]) -> None:
        """Take a sample of each, by name."""
        for name, process in processes.items():
            with suppress(psutil.Error):
                age_s = time.time() - process.create_time()
                if age_s > MEASURED_FROM_S:
                    sample = Sample(age_s, process.memory_info().rss, process.num_fds())
                    self._lives.setdefault((name, process.pid), []).append(sample)

    def mib_per_min(self) -> dict[str, float]:
        """How fast each grew in the longest of its lives, by name [MiB per minute]."""
        return {name: round(_slope(life), 3) for name, life in self._long_lives()}

    def more_files(self) -> dict[str, int]:
        """How many more files each had open at the end of its longest life, by name."""
        return {name: life[-1].files - life[0].files for name, life in self._long_lives()}

    def _long_lives(self) -> Iterator[tuple[str, list[Sample]]]:
        lives = sorted(self._lives.items(), key=lambda item: item[1][-1].age_s - item[1][0].age_s)
        for (name, _), life in lives:
            if life[-1].age_s - life[0].age_s > LONG_LIFE_S:
                yield name, life


def _slope(life: list[Sample]) -> float:
    """From the mean of its first quarter to that of its last, so that single peaks don't count."""
    quarter = max(1, len(life) // 4)
    first, last = life[:quarter], life[-quarter:]
    grown_bytes = _mean_bytes(last) - _mean_bytes(first)
    passed_s = last[len(last) // 2].age_s - first[len(first) // 2].age_s
    return grown_bytes / BYTES_PER_MIB / passed_s * 60


def _mean_bytes(samples: list[Sample]) -> float:
    return sum(sample.resident_bytes for sample in samples) / len(samples)
