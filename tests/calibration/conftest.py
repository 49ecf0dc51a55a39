"""Boards drawn through known cameras: the truth that calibration has to find."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

from calibration.boards.target import MM, Kind, Target
from calibration.pairs import list_pairs
from calibration.views import Views, find_views
from irvis.frame import Pixels
from irvis.geometry import Matrix, pixel_grid
from irvis.rig import CameraModel, Pose, Rig

PX_PER_MM = 4
MARGIN_MM = 20.0
TARGETS: dict[Kind, Target] = {
    "aruco": Target("aruco", 5, 4, 40.0, gap_mm=12.0),
    "charuco": Target("charuco", 7, 5, 40.0, marker_mm=30.0),
    "chessboard": Target("chessboard", 7, 5, 40.0),
    "circles": Target("circles", 7, 5, 40.0),
    "acircles": Target("acircles", 4, 7, 25.0),
}


def camera(width: int, height: int, focal_px: float, dist: list[float]) -> CameraModel:
    K = [[focal_px, 0, (width - 1) / 2 + 3], [0, focal_px, (height - 1) / 2 - 2], [0, 0, 1]]
    return CameraModel(width=width, height=height, K=K, dist=dist)


def true_rig(ir_size: tuple[int, int]) -> Rig:
    """A visible camera of 800x600 and an infrared one 60 mm beside it, a little turned."""
    rotation, _ = cv2.Rodrigues(np.array([0.01, -0.02, 0.008]))
    return Rig(
        visible=camera(800, 600, 900.0, [-0.08, 0.03, 0.0, 0.0, 0.0]),
        infrared=camera(*ir_size, 1.15 * ir_size[0], [-0.12, 0.05, 0.0, 0.0, 0.0]),
        vis_from_ir=np.eye(3).tolist(),
        ir_from_vis=Pose(rotation=np.asarray(rotation).tolist(), translation_m=(-0.06, 0.004, 0.002)),
        plane_m=0.8,
    )


def drawn(target: Target) -> tuple[Pixels, Matrix]:
    """The board as printed, dark on white, and the (3, 3) homography from board [m] to its pixels."""
    points = target.points_m() / MM
    extra = MARGIN_MM + (target.square_mm if target.kind in ("chessboard", "charuco") else 0)
    if target.kind in ("circles", "acircles"):
        extra += target.square_mm / 2
    low = points[:, :2].min(axis=0) - extra
    size = np.rint((points[:, :2].max(axis=0) + extra - low) * PX_PER_MM).astype(int)
    page = np.full((size[1], size[0]), 255, np.uint8)

    def at(place_mm: Matrix) -> tuple[int, int]:
        x, y = np.rint((place_mm - low) * PX_PER_MM).astype(int)
        return int(x), int(y)

    side = round(target.square_mm * PX_PER_MM)
    if target.kind == "aruco":
        for k, corner in enumerate(points[::4]):
            x, y = at(corner[:2])
            cells = cv2.aruco.generateImageMarker(
                target.markers(), target.first_id + k, target.markers().markerSize + 2
            )
            # Where a cell is no whole number of pixels, those between two cells are gray.
            large = cells.repeat(side, axis=0).repeat(side, axis=1)
            page[y : y + side, x : x + side] = cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA)
    elif target.kind == "charuco":
        squares = target.columns, target.rows
        board = cv2.aruco.CharucoBoard(squares, target.square_mm, target.marker_mm, target.markers())
        x, y = at(np.zeros(2))
        page[y : y + side * target.rows, x : x + side * target.columns] = board.generateImage(
            (side * target.columns, side * target.rows)
        )
    elif target.kind == "chessboard":
        for row in range(-1, target.rows):
            for column in range(-1, target.columns):
                if (row + column) % 2 == 0:
                    x, y = at(np.array([column, row]) * target.square_mm)
                    page[y : y + side, x : x + side] = 0
    else:
        spacing_mm = target.square_mm * (1 if target.kind == "circles" else 1.4)
        for point in points:
            cv2.circle(page, at(point[:2]), round(0.3 * spacing_mm * PX_PER_MM), 0, -1, cv2.LINE_AA)
    # The middle of a pixel is half a pixel from the edge that the drawing counts from.
    half = 0.0 if target.kind in ("circles", "acircles") else -0.5
    scale = PX_PER_MM / MM
    return page, np.array(
        [[scale, 0, -low[0] * PX_PER_MM + half], [0, scale, -low[1] * PX_PER_MM + half], [0, 0, 1]]
    )


@cache
def rays(width: int, height: int, focal_px: float, dist: tuple[float, ...]) -> Matrix:
    """(H * W, 3) where each pixel of a camera looks."""
    model = camera(width, height, focal_px, list(dist))
    flat = cv2.undistortPoints(pixel_grid(model.size)[:, None], model.intrinsics(), np.array(model.dist))[:, 0]
    return np.column_stack([flat, np.ones(len(flat))])


def seen(page: Pixels, page_from_board: Matrix, model: CameraModel, rotation: Matrix, place_m: Matrix) -> Pixels:
    """A camera's noiseless picture of the board, which has this pose in the camera's axes."""
    assert model.K
    # What falls on one pixel is averaged on the page beforehand.
    page_px = PX_PER_MM / MM * place_m[2] / model.K[0][0]
    soft = cv2.GaussianBlur(page, (0, 0), 0.4 * page_px)
    # Along a ray t * (x, y, 1) the board is met where its plane's homography says.
    board_from_ray = np.linalg.inv(np.column_stack([rotation[:, 0], rotation[:, 1], place_m]))
    looking = rays(model.width, model.height, model.K[0][0], tuple(model.dist))
    on_page = looking @ (page_from_board @ board_from_ray).T
    places = (on_page[:, :2] / on_page[:, 2:]).reshape(model.height, model.width, 2).astype(np.float32)
    return np.asarray(
        cv2.remap(
            soft,
            places[..., 0].copy(),
            places[..., 1].copy(),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=(160,),
        ),
        np.uint8,
    )


@dataclass
class BoardPairs:
    """Pictures of a board through a known rig, in a folder with ir/ and vi/."""

    folder: Path
    target: Target
    rig: Rig
    poses: list[tuple[Matrix, Matrix]] = field(default_factory=list)

    def views(self) -> Views:
        """What is found of the board."""
        return find_views(list_pairs(self.folder), self.target)

    def apart(self, rig: Rig) -> tuple[float, float]:
        """Angle between a rig's rotation and the true one [degrees], and of the translations as a share of it."""
        truth = self.rig.ir_from_vis
        assert truth
        assert rig.ir_from_vis
        turn, _ = cv2.Rodrigues(np.array(rig.ir_from_vis.rotation) @ np.array(truth.rotation).T)
        off = np.linalg.norm(np.array(rig.ir_from_vis.translation_m) - np.array(truth.translation_m))
        return float(np.degrees(np.linalg.norm(turn))), float(off) / truth.baseline_m


def poses(count: int, seed: int) -> list[tuple[Matrix, Matrix]]:
    """Rotations and places of the board's middle in the visible camera's axes: tilted, all over the picture."""
    rng = np.random.default_rng(seed)
    found = []
    for k in range(count):
        tilt, turn = rng.uniform(0.25, 0.6), 2 * np.pi * k / count
        rotation, _ = cv2.Rodrigues(np.array([tilt * np.cos(turn), tilt * np.sin(turn), rng.uniform(-0.3, 0.3)]))
        z = rng.uniform(0.62, 1.0)
        x, y = rng.uniform(-0.13, 0.19) * z, rng.uniform(-0.14, 0.14) * z
        found.append((np.asarray(rotation, np.float64), np.array([x, y, z])))
    return found


Making = Callable[..., BoardPairs]


@pytest.fixture
def board_pairs(tmp_path: Path) -> Making:
    """Makes pairs: `board_pairs("aruco", (640, 512), views=12, blur_px=0.8)`."""
    return partial(photographed, tmp_path / "pairs")


@pytest.fixture(scope="session")
def found_circles(tmp_path_factory: pytest.TempPathFactory) -> tuple[BoardPairs, bytes]:
    """Ten pairs of circles, and what is found of them, for many tests."""
    made = photographed(tmp_path_factory.mktemp("circles") / "pairs", "circles", (320, 240), views=10)
    return made, msgspec.json.encode(made.views())


@pytest.fixture
def circles(found_circles: tuple[BoardPairs, bytes]) -> Views:
    """Ten views of a board of circles by cameras of 800x600 and 320x240, to be changed at will."""
    return msgspec.json.decode(found_circles[1], type=Views)


def photographed(
    folder: Path,
    kind: Kind,
    ir_size: tuple[int, int] = (640, 512),
    *,
    views: int = 14,
    blur_px: float = 0.7,
    noise: float = 2.0,
    inverted: bool = True,
    seed: int = 3,
    board: Target | None = None,
) -> BoardPairs:
    """Pairs of a board, in all poses, through cameras that blur and are noisy."""
    target, rig = board or TARGETS[kind], true_rig(ir_size)
    made = BoardPairs(folder, target, rig)
    page, page_from_board = drawn(target)
    middle = target.points_m().mean(axis=0)
    assert rig.ir_from_vis is not None
    turn, shift = np.array(rig.ir_from_vis.rotation), np.array(rig.ir_from_vis.translation_m)
    rng = np.random.default_rng(seed)
    for camera_folder in ("ir", "vi"):
        (folder / camera_folder).mkdir(parents=True)
    for k, (rotation, place) in enumerate(poses(views, seed)):
        origin = place - rotation @ middle
        vis = seen(page, page_from_board, rig.visible, rotation, origin)
        ir = seen(page, page_from_board, rig.infrared, turn @ rotation, turn @ origin + shift)
        if inverted:
            ir = 255 - ir
        for name, picture, blur, grain in (("vi", vis, 0.6, 1.5), ("ir", ir, blur_px, noise)):
            soft = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), blur) * 0.7 + 30
            noisy = soft + grain * rng.standard_normal(soft.shape, np.float32)
            saved = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
            cv2.imwrite(str(folder / name / f"{k:02d}.png"), saved, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        made.poses.append((rotation, place))
    return made
