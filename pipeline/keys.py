"""`irvis keys`: who may connect to a system that spans several hosts."""

from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

from irvis.errors import ConfigError

from .transport.keys import ALLOWED, allow_key, list_keys, make_key


def keys(action: Literal["new", "list", "allow"], what: str | None = None, *, folder: Path = Path("keys")) -> None:
    """Make, list and allow the keys with which the hosts of a system know each other.

    One key for all hosts is the simplest: `irvis keys new rig`, copy the folder to every host, and write
    `security: {keys: keys, name: rig}` into the configuration. With a key for each host, give every other host its
    .key file (never the .key_secret) and run `irvis keys allow FILE` there.

    Args:
        action: new makes a key pair, list shows what is there, allow lets another host's key in.
        what: Of new, the key's name; of allow, the .key file.
        folder: Where the keys are.
    """
    console = Console(highlight=False)
    if action == "list":
        table = Table("name", "public key", "secret", "may connect", box=None, pad_edge=False)
        known = list_keys(folder)
        if not known:
            raise ConfigError(f"{folder}: no keys in it; make one with `irvis keys new NAME`, or say --folder")
        for name, key, has_secret, may_connect in known:
            table.add_row(name, key.decode(), "here" if has_secret else "", "yes" if may_connect else "no")
        console.print(table)
        return
    if what is None:
        wanted = "a name, for example `irvis keys new rig`" if action == "new" else "a .key file of another host"
        raise ConfigError(f"irvis keys {action}: expected {wanted}")
    if action == "new":
        public = make_key(folder, what)
        console.print(
            f"{public} may be given away; {public}_secret must stay on the hosts that it is for", soft_wrap=True
        )
    else:
        allow_key(folder, Path(what))
        console.print(f"{Path(what).name} may connect: it lies in {folder / ALLOWED}", soft_wrap=True)
