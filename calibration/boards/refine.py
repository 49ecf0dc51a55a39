"""Points of a board to a few hundredths of a pixel: the printed board, blurred as the camera blurs, laid on each.

Around each point the print is drawn as the camera should see it, and moved by Gauss-Newton until it fits, as in
iterative refinement of control points (Datta, Kim and Kanade 2009). Blur and perspective are in what is drawn, so
they pull no circle's middle off its place.
"""

from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from irvis.frame import Pixels
from irvis.geometry import Matrix, warp_points
from irvis.registration.structure import reduced

from .printed import UNKNOWN, Print, printed, scaled
from .target import Target

BLURS_PX = (0.4, 0.63, 1.0, 1.6, 2.5)
"""Sigmas that are tried; what fits best between them is taken."""
TYPICAL_PX = BLURS_PX[1]
"""With which circles of all radii are compared."""
RADII = (0.2, 0.25, 0.3, 0.35, 0.4)
"""Of circles, in steps from one to the next: nobody says how large they are printed."""
FEWEST_PX, MOST_PX = 3, 8
"""A point's window reaches so many pixels each way; a circle has to be whole in it: its picture is reduced."""
TRIED = 8
"""Points at most on which blurs and radii are tried."""
PAD = 3
"""Sigmas drawn around a window, from where blur brings light into it."""
FINENESS = 3
"""Samples drawn across a pixel, or across a sigma of more."""
ROUNDS, ITERATIONS = 2, 3
"""How often the print is drawn anew where its points are by now, and steps to take on each drawing."""
KNOWN = 0.95
"""Part of what blur brings to a pixel that has to come from what is known of the print."""
ALIKE = 0.8
"""Correlation from which the print counts as seen."""
ASTRAY_PX, ASTRAY_FACTOR = 1.0, 6.0
"""A point is put back where the others say from so many pixels on, and so many times what is usual."""
FAR_SHARE = 0.5
"""Of a window: a point that moves farther was never there."""


Stack: TypeAlias = NDArray[np.float64]


class Laid(NamedTuple):
    """Prints laid on points: where those are now, (N, 2) [px], and (N,) how well they fit, 0 to 1."""

    points: Matrix
    alike: NDArray[np.float64]


def refined(gray: Pixels, target: Target, points: Matrix, ids: NDArray[np.intp]) -> Laid:
    """The points of a board, refined.

    Args:
        gray: (H, W) uint8, as the camera saw it, in either polarity.
        target: The board; of aruco, with its gaps.
        points: (N, 2) x, y [px], right to about a pixel.
        ids: (N,) which of the board's points they are.

    Returns:
        The points; those where the print is not seen are as they came.
    """
    is_round = target.kind in ("circles", "acircles")
    prints = [printed(target, radius) for radius in (RADII if is_round else RADII[:1])]
    board = target.points_m()[ids, :2]
    half = _reach_px(_planes(board, points), board, prints[0].reach_m)
    shrink = -(-half // MOST_PX) if is_round else 1
    whole = gray[: gray.shape[0] // shrink * shrink, : gray.shape[1] // shrink * shrink]
    gray, half = reduced(whole, shrink), int(np.clip(half // shrink, FEWEST_PX, MOST_PX))
    start = (points + 0.5) / shrink - 0.5
    few = np.arange(0, len(points), -(-len(points) // TRIED))

    def lay(way: Print, blur_px: float, there: Matrix, chosen: NDArray[np.intp]) -> Laid:
        onto = way.page_from_board[ids[chosen]] if way.page_from_board.ndim == 3 else way.page_from_board
        page_from_image = onto @ np.linalg.inv(_planes(board, there)[chosen])
        return _lay(gray, way.page, page_from_image, there[chosen], half, blur_px)

    way = max(prints, key=lambda each: lay(each, TYPICAL_PX, start, few).alike.mean()) if is_round else prints[0]
    scores = [float(lay(way, blur_px, start, few).alike.mean()) for blur_px in BLURS_PX]
    blur_px = BLURS_PX[0] * (BLURS_PX[1] / BLURS_PX[0]) ** _peak(scores)
    laid = Laid(start, np.zeros(len(start)))
    for _ in range(ROUNDS):
        laid = lay(way, blur_px, _plausible(board, laid), np.arange(len(points)))
    there = (laid.points + 0.5) * shrink - 0.5
    return Laid(np.where((laid.alike >= ALIKE)[:, None], there, points), laid.alike)


def _plausible(board: Matrix, laid: Laid) -> Matrix:
    """(N, 2) [px] where to begin: what fits nowhere, or far from where the others say, is put there."""
    matrix, _ = cv2.findHomography(board, laid.points, cv2.LMEDS)
    said = warp_points(np.asarray(matrix, np.float64), board)
    off_px = np.linalg.norm(said - laid.points, axis=1)
    is_astray = off_px > max(ASTRAY_PX, ASTRAY_FACTOR * float(np.median(off_px)))
    return np.where(is_astray[:, None], said, laid.points)


def _lay(gray: Pixels, page: Pixels, page_from_image: Stack, points: Matrix, half: int, blur_px: float) -> Laid:
    """Lay the print on every point and let it move to where it fits, within a round window."""
    around = half + int(np.ceil(PAD * blur_px))
    fine = max(1, round(FINENESS / max(1.0, blur_px)))
    drawn = _drawn(page, page_from_image, points, around, fine, blur_px)
    offsets = np.arange(-half, half + 1)
    pixels = np.rint(points)[:, None] + np.stack(np.meshgrid(offsets, offsets), axis=2).reshape(-1, 2)
    rest = pixels - points[:, None]
    last = gray.shape[1] - 1, gray.shape[0] - 1
    columns, rows = np.clip(pixels, 0, last).astype(int).transpose(2, 0, 1)
    seen = gray[rows, columns].astype(np.float64)
    inside = ((pixels >= 0) & (pixels <= last)).all(axis=2)
    window = np.clip(half + 0.5 - np.linalg.norm(rest, axis=2), 0, 1) * inside
    side = (2 * around + 1) * fine
    moved, alike = np.zeros_like(points), np.zeros(len(points))
    for _ in range(ITERATIONS):
        places = (rest - moved[:, None] + around + 0.5) * fine - 0.5
        places[..., 1] = np.clip(places[..., 1], 0, side - 1) + side * np.arange(len(points))[:, None]
        columns_at, rows_at = np.moveaxis(places.astype(np.float32), 2, 0).copy()
        there = np.asarray(cv2.remap(drawn, columns_at, rows_at, cv2.INTER_LINEAR), np.float64)
        step_px, alike = _step(there[..., :3], seen, window * (there[..., 3] >= KNOWN))
        moved += np.clip(step_px, -1, 1)
    is_near = np.linalg.norm(moved, axis=1) <= FAR_SHARE * half
    return Laid(points + moved, np.where(is_near, alike, 0.0))


def _step(drawn: Stack, seen: Matrix, weight: Matrix) -> tuple[Matrix, Matrix]:
    """How far (N, 2) [px] drawn patches should move, each brightened and shifted to suit; (N,) the correlation.

    Args:
        drawn: (N, P, 3) brightness and slopes right and down.
        seen: (N, P).
        weight: (N, P).
    """
    count = weight.sum(axis=1, keepdims=True) + 1e-9
    shown = drawn[..., 0] - (weight * drawn[..., 0]).sum(axis=1, keepdims=True) / count
    light = seen - (weight * seen).sum(axis=1, keepdims=True) / count
    terms = np.stack([shown, np.ones_like(seen), -drawn[..., 1], -drawn[..., 2]], axis=2)
    weighed = (weight[..., None] * terms).transpose(0, 2, 1)
    solved = np.linalg.solve(weighed @ terms + 1e-6 * np.eye(4), weighed @ light[..., None])
    gain, _, right, down = solved[..., 0].T
    gain = np.where(np.abs(gain) < 1e-3, 1e-3, gain)
    shared, own, other = (
        (weight * a * b).sum(axis=1) for a, b in ((shown, light), (shown, shown), (light, light))
    )
    return np.stack([right / gain, down / gain], axis=1), np.abs(shared) / np.sqrt(own * other + 1e-9)


def _drawn(
    page: Pixels, page_from_image: Stack, points: Matrix, around: int, fine: int, blur_px: float
) -> NDArray[np.float32]:
    """Patches around points, one below another, (N * side, side, 4): brightness, its slopes, what is known."""
    offsets = (np.arange((2 * around + 1) * fine) + 0.5) / fine - around - 0.5
    centred = page_from_image.copy()
    centred[..., 2] += np.einsum("nij,nj->ni", page_from_image[..., :2], points)
    of_x, of_y, there = (centred[..., k].T[..., None, None].astype(np.float32) for k in range(3))
    away = offsets.astype(np.float32)
    across, along, scale = of_x * away + of_y * away[:, None] + there
    on_page = np.stack([across / scale, along / scale])
    # Interpolated between samples about as far apart as those that are drawn, edges keep their places.
    middle = on_page[..., len(offsets) // 2, :]
    step = float(np.median(np.hypot(*np.diff(middle, axis=2))))
    apt, grown = scaled(page, step)
    columns, rows = ((on_page + 0.5) * grown - 0.5).reshape(2, -1, len(offsets))
    sharp, inked = (
        cv2.remap(apt, columns, rows, how, borderValue=(UNKNOWN,)) for how in (cv2.INTER_LINEAR, cv2.INTER_NEAREST)
    )
    soft, known = (
        cv2.GaussianBlur(each.astype(np.float32), (0, 0), blur_px * fine) for each in (sharp, inked > UNKNOWN)
    )
    right, down = (cv2.Sobel(soft, cv2.CV_32F, dx, 1 - dx, scale=fine / 8) for dx in (1, 0))
    return np.dstack([soft, right, down, known]).astype(np.float32)


def _planes(board: Matrix, points: Matrix) -> Stack:
    """(N, 3, 3) image_from_board at each point: the whole board's homography, moved onto the very point."""
    matrix, _ = cv2.findHomography(board, points)
    moves = np.tile(np.eye(3), (len(points), 1, 1))
    moves[:, :2, 2] = points - warp_points(np.asarray(matrix, np.float64), board)
    return np.asarray(moves @ matrix, np.float64)


def _reach_px(image_from_board: Stack, board: Matrix, reach_m: float) -> int:
    """How far windows go: as much as the print tells where it looks smallest."""
    steps = reach_m * np.array([[1, 0], [0, 1], [1, 1], [1, -1]]) / [[1], [1], [2**0.5], [2**0.5]]
    there = np.array([warp_points(matrix, at + steps) for matrix, at in zip(image_from_board, board, strict=True)])
    here = np.array([warp_points(matrix, at[None]) for matrix, at in zip(image_from_board, board, strict=True)])
    return max(FEWEST_PX, int(np.median(np.linalg.norm(there - here, axis=2).min(axis=1))))


def _peak(scores: list[float]) -> float:
    """Where a row of scores is highest, between its places, by a parabola."""
    best = int(np.argmax(scores))
    if not 0 < best < len(scores) - 1:
        return float(best)
    before, at, after = scores[best - 1 : best + 2]
    return best + 0.5 * (before - after) / min(before - 2 * at + after, -1e-12)
