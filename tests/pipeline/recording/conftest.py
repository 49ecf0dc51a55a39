import math

import pytest


@pytest.fixture
def chunks_as_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks end only where a test ends them, however slow it is."""
    monkeypatch.setattr("pipeline.recording.file.FLUSH_S", math.inf)
