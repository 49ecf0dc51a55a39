from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

torch.set_num_threads(
    1
)  # nets this small only wait for each other's threads, twenty times as long on a busy machine


@pytest.fixture(scope="session")
def pair_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four labelled pairs of 96 x 64 in this project's layout."""
    root = tmp_path_factory.mktemp("pairs")
    rng = np.random.default_rng(0)
    for folder in ("vi", "ir", "labels"):
        (root / folder).mkdir()
    for index in range(4):
        base = cv2.resize(rng.integers(0, 256, (8, 12, 3), np.uint8), (96, 64), interpolation=cv2.INTER_CUBIC)
        warm = cv2.resize(rng.integers(0, 256, (8, 12), np.uint8), (96, 64), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(root / "vi" / f"{index:02d}.png"), base)
        cv2.imwrite(str(root / "ir" / f"{index:02d}.png"), warm)
        cv2.imwrite(str(root / "labels" / f"{index:02d}.png"), (warm > 128).astype(np.uint8) * 2)
    return root
