"""Features of the two cameras' pictures that match."""

import cv2
import numpy as np

from irvis.frame import Pixels
from irvis.geometry import Matrix
from irvis.registration.structure import edge_strength

RATIO = 0.85
"""Largest distance of a match, as a share of the next best one's (Lowe 2004)."""


def match_features(
    vis: Pixels, ir: Pixels, ir_size: tuple[int, int], vis_size: tuple[int, int]
) -> tuple[Matrix, Matrix]:
    """SIFT features of both pictures' edges, matched both ways: (N, 2) in the visible, (N, 2) in the infrared."""
    sift = cv2.SIFT.create(2000, contrastThreshold=0.02)
    grow = vis_size[0] / ir_size[0]
    ir_large = np.asarray(cv2.resize(ir, vis_size), np.uint8)
    (vis_keys, vis_words), (ir_keys, ir_words) = (
        sift.detectAndCompute(edge_strength(picture), None) for picture in (vis, ir_large)
    )
    if vis_words is None or ir_words is None or len(vis_words) < 2 or len(ir_words) < 2:
        return np.zeros((0, 2)), np.zeros((0, 2))
    forth = cv2.BFMatcher(cv2.NORM_L2).knnMatch(ir_words, vis_words, k=2)
    back = {match.queryIdx: match.trainIdx for match in cv2.BFMatcher(cv2.NORM_L2).match(vis_words, ir_words)}
    good = [a for a, b in forth if a.distance < RATIO * b.distance and back.get(a.trainIdx) == a.queryIdx]
    there = np.array([vis_keys[match.trainIdx].pt for match in good], np.float64).reshape(-1, 2)
    here = np.array([ir_keys[match.queryIdx].pt for match in good], np.float64).reshape(-1, 2)
    return there, (here + 0.5) / [grow, vis_size[1] / ir_size[1]] - 0.5
