"""Key pairs as files: NAME.key may be given away, NAME.key_secret stays; `allowed/` holds who may connect."""

import os
import shutil
from pathlib import Path

import zmq.auth

from irvis.errors import ConfigError

ALLOWED = "allowed"


def make_key(folder: Path, name: str) -> Path:
    """Make a key pair that may connect to its own deployment; returns the public file.

    Raises:
        ConfigError: There is one of this name, or the folder can't be written to.
    """
    if not name or name != Path(name).name:
        raise ConfigError(f"key name {name!r}: expected a plain name, for example the host's")
    public = folder / f"{name}.key"
    if public.exists():
        raise ConfigError(f"{public}: there is a key of this name; choose another, or remove it and its secret")
    umask = os.umask(0o077)
    try:
        (folder / ALLOWED).mkdir(parents=True, exist_ok=True)
        zmq.auth.create_certificates(folder, name)
        shutil.copy(public, folder / ALLOWED)
    except OSError as exc:
        raise ConfigError(f"{folder}: no key can be made there ({exc.strerror}); choose another --folder") from exc
    finally:
        os.umask(umask)
    return public


def allow_key(folder: Path, public: Path) -> bytes:
    """Let another host's key in; returns the key.

    Raises:
        ConfigError: The file is no public key, or the folder can't be written to.
    """
    key = load_public(public)
    try:
        (folder / ALLOWED).mkdir(parents=True, exist_ok=True)
        shutil.copy(public, folder / ALLOWED / public.name)
    except (OSError, shutil.SameFileError) as exc:
        raise ConfigError(f"{folder / ALLOWED}: {public.name} can't be put there ({exc})") from exc
    return key


def list_keys(folder: Path) -> list[tuple[str, bytes, bool, bool]]:
    """Every key of a folder: its name, the key, whether its secret is here, and whether it may connect."""
    own = {path.stem: path for path in folder.glob("*.key")}
    allowed = {path.stem: path for path in (folder / ALLOWED).glob("*.key")}
    return [
        (name, load_public({**own, **allowed}[name]), (folder / f"{name}.key_secret").exists(), name in allowed)
        for name in sorted(own | allowed)
    ]


def load_key(folder: Path, name: str) -> tuple[bytes, bytes]:
    """The public and secret half of a key.

    Raises:
        ConfigError: It is not there, or not readable.
    """
    path = folder / f"{name}.key_secret"
    public, secret = _load(path, f"make it with `irvis keys new {name} --folder {folder}`, or set security.name")
    if secret is None:
        raise ConfigError(f"{path}: has no secret key; make another with `irvis keys new`")
    return public, secret


def load_public(path: Path) -> bytes:
    """A public key.

    Raises:
        ConfigError: It is not there, or no key.
    """
    return _load(path, "copy the .key file of that host there, or set security.publishers")[0]


def _load(path: Path, remedy: str) -> tuple[bytes, bytes | None]:
    try:
        return zmq.auth.load_certificate(path)
    except (OSError, ValueError) as exc:
        raise ConfigError(f"{path}: no key can be read there ({exc}); {remedy}") from exc
