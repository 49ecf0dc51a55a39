"""The fusion loss: a weighted sum of the terms in this folder, each logged by its name."""

from pydantic import Field
from torch import Tensor

from irvis.config import Section

from .darkening import darkening_loss
from .difference import difference_loss
from .fidelity import fidelity_loss, infrared_fidelity_loss
from .gradient import gradient_loss
from .information import information_loss
from .intensity import intensity_loss
from .structural import structural_loss

TERMS = {
    "intensity": intensity_loss,
    "gradient": gradient_loss,
    "fidelity": fidelity_loss,
    "infrared_fidelity": infrared_fidelity_loss,
    "structural": structural_loss,
    "difference": difference_loss,
    "information": information_loss,
    "darkening": darkening_loss,
}


class FusionLossWeights(Section):
    """Weight of each term; a term with weight 0 is not computed."""

    intensity: float = Field(default=5.0, ge=0)
    """Mean absolute difference from the brighter source, on which bright marks of the visible stay bright."""
    gradient: float = Field(default=10.0, ge=0)
    """Mean absolute difference from the stronger source's signed gradient."""
    fidelity: float = Field(default=0.5, ge=0)
    """Visual information fidelity to both sources."""
    infrared_fidelity: float = Field(default=0.0, ge=0)
    """Visual information fidelity to the infrared, on top."""
    structural: float = Field(default=0.0, ge=0)
    """Structural similarity to both sources."""
    difference: float = Field(default=0.0, ge=0)
    """Correlation of what is added with the other source."""
    information: float = Field(default=0.0, ge=0)
    """Mutual information of the gray levels with both sources."""
    darkening: float = Field(default=0.0, ge=0)
    """What light shows comes out no darker."""


def fusion_losses(weights: FusionLossWeights, fused: Tensor, luma: Tensor, infrared: Tensor) -> dict[str, Tensor]:
    """The weighted terms, by name; their sum is the loss."""
    chosen = {name: getattr(weights, name) for name in TERMS if getattr(weights, name) > 0}
    return {name: weight * TERMS[name](fused, luma, infrared) for name, weight in chosen.items()}
