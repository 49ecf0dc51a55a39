"""The PyTorch engine: the network itself behind the contract that every artifact keeps; the reference."""

import hashlib

import numpy as np
import torch

from irvis.engine import Engine, Manifest
from irvis.frame import Pixels

from .model import FusionSegmentation
from .segmentation import CLASSES


class TorchEngine(Engine):
    """Runs the uint8 graph eagerly on the processor, in fp32.

    Args:
        model: Trained.
        name: What to call it.
    """

    kind = "torch"
    device = "CPU"
    precision = "fp32"

    def __init__(self, model: FusionSegmentation, name: str) -> None:
        self._model = model.eval()
        self.runtime = f"torch-{torch.__version__}"
        digest = weights_sha256(model)
        self.manifest = Manifest(
            name=name,
            kind="torch",
            network="CMDFC",
            artifact_sha256=digest,
            weights_sha256=digest,
            classes=list(CLASSES),
            size_multiple=model.size_multiple,
            precision="fp32",
            opset=0,
        )

    @torch.inference_mode()
    def infer(self, visible: Pixels, infrared: Pixels) -> tuple[Pixels, Pixels]:
        """Run the network; see `Engine.infer`."""
        given = (torch.from_numpy(np.ascontiguousarray(image)) for image in (visible, infrared))
        fused, labels = self._model(*given)
        return np.asarray(fused.numpy()), np.asarray(labels.numpy())


def weights_sha256(model: FusionSegmentation) -> str:
    """Of all weights and buffers, in the order of their names."""
    digest = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.contiguous().numpy().tobytes())
    return digest.hexdigest()
