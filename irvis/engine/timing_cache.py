"""How fast each kernel was on this GPU: what the data-centre TensorRT measured once, its next builds look up.

TensorRT for RTX measures nothing when it builds; it has the calls still, but they change nothing there.
"""

from pathlib import Path
from typing import Any

from .kept import cache_folder, keep, kept


def timing_cache_path(version: str, device: str) -> Path:
    """The timings of one version of TensorRT on one kind of GPU; no other may use them."""
    return cache_folder() / f"tensorrt-{version}-{device}.timings"


def use_timings(options: Any, path: Path) -> Any:
    """Give a builder's configuration the timings that are kept, or empty ones where they are damaged.

    Returns:
        The cache, which the build then adds to.
    """
    cache = options.create_timing_cache(kept(path))
    if cache is None or not options.set_timing_cache(cache, False):
        cache = options.create_timing_cache(b"")
        options.set_timing_cache(cache, False)
    return cache


def keep_timings(cache: Any, path: Path) -> None:
    """Keep what a build has added."""
    keep(path, bytes(memoryview(cache.serialize())))
