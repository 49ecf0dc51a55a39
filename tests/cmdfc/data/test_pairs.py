import shutil
from pathlib import Path

import numpy as np
import pytest

from cmdfc.data.crops import CropSampler, LumaPairs
from cmdfc.data.labelled import LabelledPairs, LabelledSampler
from cmdfc.data.pairs import PairFolder
from cmdfc.settings import DataShare, Schedule, SyntheticShare
from irvis.errors import DataError


def test_pairs_come_by_name_with_labels(pair_folder: Path) -> None:
    folder = PairFolder(pair_folder)
    pair = folder[1]
    assert folder.names == ["00", "01", "02", "03"]
    assert folder.has_labels
    assert pair.visible.shape == (64, 96, 3)
    assert pair.labels is not None
    assert set(np.unique(pair.labels)) <= {0, 2}


def test_the_authors_own_layout_of_msrs_is_read(pair_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(pair_folder / "vi", tmp_path / "vi")
    shutil.copytree(pair_folder / "ir", tmp_path / "ir")
    shutil.copytree(pair_folder / "labels", tmp_path / "Segmentation_labels")
    assert PairFolder(tmp_path).has_labels


def test_a_list_chooses_pairs_and_a_wrong_name_is_told(pair_folder: Path) -> None:
    assert PairFolder(pair_folder, ["02", "00"]).names == ["00", "02"]
    with pytest.raises(DataError, match="no pair named 99"):
        PairFolder(pair_folder, ["99"])


def test_a_file_that_is_no_image_is_named(pair_folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "set"
    shutil.copytree(pair_folder, root)
    (root / "ir" / "01.png").write_bytes(b"not an image")
    with pytest.raises(DataError, match=r"ir/01\.png"):
        PairFolder(root)[1]


def test_an_image_without_its_counterpart_is_named(pair_folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "set"
    shutil.copytree(pair_folder, root)
    (root / "ir" / "03.png").unlink()
    with pytest.raises(DataError, match="without a counterpart, the first is 03"):
        PairFolder(root)


def test_a_missing_folder_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected a folder named ir"):
        PairFolder(tmp_path)


def test_crops_are_a_function_of_seed_and_step(pair_folder: Path) -> None:
    source = LumaPairs.read(PairFolder(pair_folder), 1.0, 32)
    one, other = CropSampler([source], 32, 3, seed=5), CropSampler([source], 32, 3, seed=5)
    luma, infrared = one.batch(7)
    assert luma.shape == infrared.shape == (3, 1, 32, 32)
    assert (other.batch(7)[0] == luma).all()
    assert (one.batch(8)[0] != luma).any()


def test_crops_come_from_the_synthetic_street_too(pair_folder: Path) -> None:
    shares: list[DataShare | SyntheticShare] = [
        DataShare(folder=Path(pair_folder.name)),
        SyntheticShare(synthetic=1, share=1000),
    ]
    schedule = Schedule(steps=1, batch=4, crop=128, rate=1e-3)
    with pytest.raises(DataError, match="smaller than a crop"):
        CropSampler.of(shares, pair_folder.parent, schedule)
    luma, _ = CropSampler.of(shares[1:], pair_folder.parent, schedule).batch(0)
    assert luma.shape == (4, 1, 128, 128)


def test_pictures_smaller_than_a_crop_are_refused(pair_folder: Path) -> None:
    with pytest.raises(DataError, match="smaller than a crop"):
        LumaPairs.read(PairFolder(pair_folder), 1.0, 128)


def test_labelled_crops_keep_picture_and_truth_together(pair_folder: Path) -> None:
    pairs = LabelledPairs.of(PairFolder(pair_folder), "infrared", None)
    pictures, labels = LabelledSampler(pairs, 64, 8, seed=0).batch(3)
    assert pictures.shape == (8, 3, 64, 64)
    assert labels.shape == (8, 64, 64)
    warm = pictures.mean(1)
    # Whatever was done to size and tone, what is labelled as warm is brighter than what is not.
    assert warm[labels == 2].mean() > warm[labels == 0].mean() + 0.1
