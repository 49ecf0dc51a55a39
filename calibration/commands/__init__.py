"""`irvis calibrate` and its commands."""

from cyclopts import App

from .capture import capture
from .register import register
from .report import report
from .solve import solve
from .temporal import temporal

calibrate = App(name="calibrate", help="Find how the two cameras lie on each other: pictures in, rig.yaml out.")
for _command in (capture, solve, register, temporal, report):
    calibrate.command(_command)
