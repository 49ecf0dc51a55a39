"""Pictures that show at a glance whether two cameras lie on each other."""

import base64

import cv2
import numpy as np

from irvis.colours import Tone
from irvis.frame import Pixels
from irvis.geometry import fixed_point, pixel_grid
from irvis.rig import Rig, Size

TILES = 10
QUALITY = 82


def aligned(rig: Rig, infrared: Pixels, visible_size: Size) -> Pixels:
    """The infrared picture (H, W) as the fusion node warps it onto a visible picture of this size."""
    places = rig.ir_points(pixel_grid(visible_size), visible_size, (infrared.shape[1], infrared.shape[0]))
    return np.asarray(cv2.remap(infrared, *fixed_point(places, visible_size), cv2.INTER_LINEAR), np.uint8)


def checkerboard(visible: Pixels, infrared: Pixels) -> Pixels:
    """Tiles of the visible and of the aligned infrared (both H, W) in turn: edges should run on."""
    height, width = visible.shape
    tile = max(width // TILES, 1)
    takes_infrared = (np.arange(height)[:, None] // tile + np.arange(width)[None] // tile) % 2 == 1
    return np.where(takes_infrared, infrared, visible).astype(np.uint8)


def edge_overlay(visible: Pixels, infrared: Pixels) -> Pixels:
    """The infrared's edges in colour over the visible picture; (H, W, 3) BGR."""
    soft = cv2.GaussianBlur(infrared, (0, 0), 1.5)
    slope = cv2.magnitude(cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1))
    high = max(float(np.percentile(slope, 95)), 10.0)
    edges = cv2.Canny(soft, high / 2, high)
    drawn = cv2.cvtColor(cv2.convertScaleAbs(visible, alpha=0.8), cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)
    drawn[edges > 0] = Tone.SUBJECT.dark
    return drawn


def embedded(picture: Pixels, width: int = 640) -> str:
    """The picture as a data URI, at most this wide, so that a page is one file."""
    if picture.shape[1] > width:
        size = width, round(picture.shape[0] * width / picture.shape[1])
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    _, data = cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
    return "data:image/webp;base64," + base64.b64encode(data.tobytes()).decode()
