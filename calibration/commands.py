"""`irvis calibrate` and its commands."""

from cyclopts import App

from .capture_command import capture
from .register_command import register
from .report_command import report
from .solve_command import solve
from .temporal_command import temporal

calibrate = App(name="calibrate", help="Find how the two cameras lie on each other: pictures in, rig.yaml out.")
for _command in (capture, solve, register, temporal, report):
    calibrate.command(_command)
