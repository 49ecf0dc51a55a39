"""The installed names are this checkout's: two of them are generic enough to belong to someone else."""

from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType

import pytest

import export
import irvis
import pipeline

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("module", [irvis, pipeline, export], ids=lambda module: module.__name__)
def test_name_is_ours(module: ModuleType) -> None:
    assert module.__file__ is not None
    assert Path(module.__file__).is_relative_to(ROOT)
    assert set(packages_distributions().get(module.__name__, [])) <= {"irvis"}


@pytest.mark.parametrize("package", ["irvis", "cmdfc", "pipeline", "export"])
def test_package_says_that_it_is_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").exists()
