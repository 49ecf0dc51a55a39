"""`irvis fuse`: each picture once, at its own size, under its own name and time."""

import logging
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import yaml

from irvis.clock import NS_PER_S
from irvis.errors import ConfigError, EngineError, RigError
from irvis.geometry import scaling
from pipeline.offline.files import fuse
from pipeline.storage.video import VideoRecorder

SIZES = {"one": (48, 32), "two": (33, 21)}


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """vi/ with images of two sizes and 40 everywhere, ir/ with half the size and 80 everywhere."""
    for name, (width, height) in SIZES.items():
        for modality, size, value in (("vi", (height, width), 40), ("ir", (height // 2, width // 2), 80)):
            (tmp_path / modality).mkdir(exist_ok=True)
            cv2.imwrite(str(tmp_path / modality / f"{name}.png"), np.full(size, value, np.uint8))
    return tmp_path


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    """vi.mp4 with uneven times, ir.mp4 with others."""
    for name, times_s in (("vi", [0, 0.04, 0.1, 0.12]), ("ir", [0, 0.06, 0.12])):
        with VideoRecorder(tmp_path / f"{name}.mp4", crf=1) as recorder:
            for time_s in times_s:
                recorder.write(np.full((32, 48, 3), 100, np.uint8), round(time_s * NS_PER_S))
    return tmp_path


def test_images_are_fused_at_their_own_size_under_their_stems(folders: Path) -> None:
    fuse(visible=folders / "vi", infrared=folders / "ir", out=folders / "out", engine="average")
    for name, (width, height) in SIZES.items():
        image = cv2.imread(str(folders / "out" / f"{name}.png"))
        assert image is not None
        assert image.shape == (height, width, 3)
        assert np.unique(image).tolist() == [60]


def test_two_images_become_one_whatever_their_names(folders: Path) -> None:
    infrared = (folders / "ir" / "one.png").rename(folders / "ir" / "heat.png")
    places = folders / "new" / "fused.png", folders / "labels.png"
    fuse(visible=folders / "vi/one.png", infrared=infrared, out=places[0], labels=places[1], engine="average")
    fused, labels = (cv2.imread(str(place), cv2.IMREAD_UNCHANGED) for place in places)
    assert fused is not None
    assert labels is not None
    assert (fused.shape, labels.shape) == ((32, 48, 3), (32, 48))
    assert np.unique(fused).tolist() == [60]


def test_a_fused_image_needs_a_name_that_says_so(folders: Path) -> None:
    with pytest.raises(ConfigError, match=r"fused\.jpg: expected a file with suffix \.png for a single picture"):
        fuse(
            visible=folders / "vi/one.png",
            infrared=folders / "ir/one.png",
            out=folders / "fused.jpg",
            engine="average",
        )


def test_label_maps_are_8_bit_images_of_class_ids(folders: Path) -> None:
    places = folders / "out", folders / "labels"
    fuse(visible=folders / "vi", infrared=folders / "ir", out=places[0], labels=places[1], engine="average")
    labels = cv2.imread(str(folders / "labels" / "one.png"), cv2.IMREAD_UNCHANGED)
    assert labels is not None
    assert labels.shape == (32, 48)
    assert labels.dtype == np.uint8
    assert not labels.any()


def test_summary_counts_what_was_not_used(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cv2.imwrite(str(folders / "vi" / "three.png"), np.zeros((4, 4), np.uint8))
    fuse(visible=folders / "vi", infrared=folders / "ir", out=folders / "out", engine="average")
    out = capsys.readouterr().out
    assert "2 fused into" in out
    assert "pictures not used: visible_unmatched 1" in out


def test_video_keeps_the_times_of_the_visible(videos: Path) -> None:
    out = videos / "out.mp4"
    fuse(visible=videos / "vi.mp4", infrared=videos / "ir.mp4", out=out, engine="average")
    with av.open(out) as container:
        times_s = [float(frame.time or 0) for frame in container.decode(video=0)]
    assert times_s == pytest.approx([0, 0.04, 0.1, 0.12], abs=1e-4)


def test_label_maps_of_a_video_are_named_by_frame(videos: Path) -> None:
    places = videos / "out.mp4", videos / "labels"
    fuse(visible=videos / "vi.mp4", infrared=videos / "ir.mp4", out=places[0], labels=places[1], engine="average")
    assert sorted(path.name for path in (videos / "labels").iterdir()) == [f"{n:06d}.png" for n in range(4)]


def test_rig_brings_the_infrared_into_place(folders: Path) -> None:
    cv2.imwrite(str(folders / "ir" / "one.png"), np.tile(np.arange(24, dtype=np.uint8) * 10, (16, 1)))
    shift = np.array([[1.0, 0, 8], [0, 1, 0], [0, 0, 1]])
    rig = {
        "visible": {"width": 48, "height": 32},
        "infrared": {"width": 24, "height": 16},
        "vis_from_ir": (shift @ scaling((24, 16), (48, 32))).tolist(),
    }
    (folders / "vi" / "two.png").unlink()
    (folders / "rig.yaml").write_text(yaml.safe_dump(rig))
    out = folders / "out"
    fuse(visible=folders / "vi", infrared=folders / "ir", out=out, engine="average", rig=folders / "rig.yaml")
    row = cv2.imread(str(out / "one.png"), cv2.IMREAD_GRAYSCALE)
    assert row is not None
    assert row[16, 4] == 20  # nothing seen there: half of the visible's 40
    assert row[16, 40] == pytest.approx((40 + (40 - 8 + 0.5) / 2 * 10 - 5) / 2, abs=2)


def test_aspect_ratios_that_disagree_are_warned_about(folders: Path, caplog: pytest.LogCaptureFixture) -> None:
    cv2.imwrite(str(folders / "ir" / "one.png"), np.zeros((30, 20), np.uint8))
    with caplog.at_level(logging.WARNING):
        fuse(visible=folders / "vi", infrared=folders / "ir", out=folders / "out", engine="average")
    assert "another aspect ratio" in caplog.text


@pytest.mark.parametrize("option", ["out", "labels"])
@pytest.mark.parametrize("taken", ["vi", "ir"])
def test_inputs_are_never_overwritten(folders: Path, option: str, taken: str) -> None:
    places = {"out": folders / "out", "labels": folders / "labels", option: folders / "out" / ".." / taken}
    inputs = folders / "vi", folders / "ir"
    with pytest.raises(ConfigError, match="inputs are never overwritten"):
        fuse(visible=inputs[0], infrared=inputs[1], out=places["out"], labels=places["labels"], engine="average")
    assert not (folders / "out").exists()


def test_video_needs_a_name_that_says_so(videos: Path) -> None:
    with pytest.raises(ConfigError, match=r"expected a file with suffix \.mp4"):
        fuse(visible=videos / "vi.mp4", infrared=videos / "ir.mp4", out=videos / "out", engine="average")


def test_missing_input_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"visible\.path: .*none\.mp4: no such file"):
        fuse(visible=tmp_path / "none.mp4", infrared=tmp_path / "none.mp4", out=tmp_path / "o.mp4")


def test_rig_of_another_aspect_ratio_is_told(folders: Path) -> None:
    camera = {"width": 100, "height": 100}
    rig = {"visible": camera, "infrared": camera, "vis_from_ir": np.eye(3).tolist()}
    (folders / "rig.yaml").write_text(yaml.safe_dump(rig))
    inputs, path = (folders / "vi", folders / "ir"), folders / "rig.yaml"
    with pytest.raises(RigError, match="another aspect ratio; calibrate at this mode"):
        fuse(visible=inputs[0], infrared=inputs[1], out=folders / "out", engine="average", rig=path)


def test_broken_artifact_is_told_before_anything_is_written(folders: Path) -> None:
    (folders / "net.onnx").write_bytes(b"graph")
    with pytest.raises(EngineError, match=r"net\.onnx: can't be read"):
        fuse(
            visible=folders / "vi",
            infrared=folders / "ir",
            out=folders / "out",
            artifact=str(folders / "net.onnx"),
        )
    assert not (folders / "out").exists()
