"""`irvis calibrate`: its commands, each imported when it is asked for."""

from cyclopts import App

calibrate = App(name="calibrate", help="Find how the two cameras lie on each other: pictures in, rig.yaml out.")
for _name, _function in {
    "capture": "calibration.capture_command:capture",
    "solve": "calibration.solve_command:solve",
    "register": "calibration.register_command:register",
    "temporal": "calibration.temporal_command:temporal",
    "report": "calibration.report_command:report",
}.items():
    calibrate.command(_function, name=_name)
