"""The error tree: every error a user can meet, with the exit code that its kind gives.

IrvisError
  ConfigError           bad YAML, unknown key, bad value                  exit 2
  RigError              a rig that is missing, singular or the wrong size exit 2
  DataError             a training or evaluation file that can't be used  exit 2
  SourceError           a camera or file gave no frame                    exit 3
    SourceTimeout       no frame within the time allowed
  EngineError           an artifact will not load or run                  exit 4
    EngineUnavailable   its runtime is not installed (names the extra)
    ParityError         an artifact disagrees with the network it came from
  WireError             an undecodable message: counted and dropped
  RecordingError        a recording that can't be written or read         exit 3
  NodeError             a node that kept dying                            exit 3

A message says what was expected, what came, and the next step.
"""


class IrvisError(Exception):
    """Base of every error that irvis raises on purpose."""

    exit_code = 1


class ConfigError(IrvisError):
    """The configuration can't be used."""

    exit_code = 2


class RigError(IrvisError):
    """The rig is missing, singular or of another size."""

    exit_code = 2


class DataError(IrvisError):
    """A training or evaluation file can't be used."""

    exit_code = 2


class SourceError(IrvisError):
    """A camera or file gave no frame."""

    exit_code = 3


class SourceTimeout(SourceError):
    """No frame came within the time allowed."""


class EngineError(IrvisError):
    """An artifact will not load or run."""

    exit_code = 4


class EngineUnavailable(EngineError):
    """The runtime of an engine is not installed here."""


class ParityError(EngineError):
    """An artifact disagrees with the network it was made from."""


class WireError(IrvisError):
    """A message can't be decoded."""


class RecordingError(IrvisError):
    """A recording can't be written or read."""

    exit_code = 3


class NodeError(IrvisError):
    """A node kept dying, or never came up."""

    exit_code = 3
