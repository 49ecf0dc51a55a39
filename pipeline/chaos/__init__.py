"""A system under attack: nodes killed and stopped, cameras and clocks failing, strangers talking; its account."""

from .account import Account as Account
from .account import complaints as complaints
from .actions import ACTIONS as ACTIONS
from .attack import attack as attack
