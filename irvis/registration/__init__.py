"""How an infrared picture lies on a visible one, from the pictures themselves.

The two cameras agree on where things have edges and in which direction they run, not on which side is bright:
`structure` is what they have in common, `search` finds it within a coarse grid of shifts, turns and scales, `fit`
follows it to a fraction of a pixel, and `register` does both from coarse to fine and says how sure it is.
"""

from .model import Model
from .register import Registration, register
from .residual import Residual, as_estimated, estimate_residual

__all__ = ["Model", "Registration", "Residual", "as_estimated", "estimate_residual", "register"]
