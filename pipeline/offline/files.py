"""`irvis fuse`: two videos, two image folders or two images, offline, every pair once at its own size."""

import time
from contextlib import closing
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from irvis.console import progress
from irvis.engine import Engine
from irvis.errors import ConfigError
from irvis.settings import EngineSettings, FileSource, FolderSource, PipelineConfig

from ..fusion.fuser import Fuser
from ..plan import check
from ..sources.folder import is_image
from ..storage.writers import PictureWriter, PngFile, PngFolder, VideoWriter
from .pairs import FilePairs


def fuse(
    *,
    visible: Path,
    infrared: Path,
    out: Path,
    labels: Path | None = None,
    artifact: str = "cmdfc-nano",
    engine: Literal["auto", "onnx", "openvino", "average"] = "auto",
    rig: Path | None = None,
) -> None:
    """Fuse two videos, two image folders or two images: every visible picture once, at its own size.

    Videos are matched by time, the nearest infrared frame to each visible one; the result has the visible video's
    times. Images are matched by their names without suffix and become PNG files of the same names; those without
    a counterpart are counted. Two single images make a pair whatever their names. The infrared is brought to the
    visible's size and view by the rig.

    Args:
        visible: A video file, a folder of images or an image.
        infrared: The same kind.
        out: The fused video (.mp4), the folder for the fused images, or the fused image (.png).
        labels: A folder for label maps: 8-bit PNG files of class ids, named like the images or by frame number; of
            two single images the file (.png).
        artifact: A shipped artifact's name or a path; `irvis engines` lists them.
        engine: auto, onnx, openvino or average.
        rig: rig.yaml; without, the infrared is scaled onto the visible.
    """
    vis, ir = _source(visible), _source(infrared)
    settings = EngineSettings(artifact=artifact, kind=engine)
    config = PipelineConfig(visible=vis, infrared=ir, engine=settings, rig=rig)
    check(config)
    _check_places([visible, infrared, out, *([labels] if labels else [])])
    fuser = Fuser(config)
    pairs = FilePairs(vis, ir)
    stills = PngFile if pairs.are_images else PngFolder
    pictures: PictureWriter = VideoWriter(out) if pairs.are_videos else stills(out)
    label_maps = stills(labels) if labels else None
    loaded: Engine | None = None
    frames, start_s = 0, time.monotonic()
    with closing(pictures), _progress() as bar:
        task = bar.add_task("fusing", total=pairs.length)
        for name, pair in pairs:
            height, width = pair.visible.pixels.shape[:2]
            loaded = fuser.open((width, height))
            result = fuser.fuse(pair)
            pictures.write(result.fused, name, pair.visible.stamp_ns)
            if label_maps:
                label_maps.write(result.labels, name, pair.visible.stamp_ns)
            frames += 1
            bar.advance(task)
    elapsed_s = time.monotonic() - start_s
    unused = ", ".join(f"{reason} {count}" for reason, count in sorted(pairs.dropped.items()) if count)
    console = Console(highlight=False, markup=False)
    console.print(f"{frames} fused into {out} in {elapsed_s:.1f} s ({frames / elapsed_s:.1f} fps)")
    console.print(f"pictures not used: {unused or 'none'}")
    if loaded:
        console.print(f"engine: {loaded.fingerprint}: {loaded.choice}")


def _source(path: Path) -> FileSource | FolderSource:
    return FolderSource(path=path) if path.is_dir() or is_image(path) else FileSource(path=path)


def _check_places(paths: list[Path]) -> None:
    places = [path.resolve() for path in paths]
    for place, path in zip(places, paths, strict=True):
        if places.count(place) > 1:
            raise ConfigError(f"{path} is given twice; inputs are never overwritten: choose a place for each")


def _progress() -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return progress(*columns)
