"""Whom a server runs as, and what that account can reach: PostgreSQL refuses to run as root."""

import hashlib
import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path

from launcher.errors import LauncherError

UNPRIVILEGED = "nobody"

# The kernel takes 107 bytes; PostgreSQL adds "/.s.PGSQL.5432" to the folder.
LONGEST_SOCKET_FOLDER = 90


def server_account() -> pwd.struct_passwd:
    """Return the account that PostgreSQL runs as: one's own, or nobody in place of root."""
    if os.geteuid() == 0:
        return pwd.getpwnam(UNPRIVILEGED)
    try:
        return pwd.getpwuid(os.geteuid())
    except KeyError:
        raise LauncherError(
            f"PostgreSQL needs a named account, and user id {os.geteuid()} has no line in /etc/passwd."
        ) from None


def run_as_server() -> dict:
    """Return the options of subprocess.Popen that start a process as the server's account."""
    account = server_account()
    if account.pw_uid == os.geteuid():
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def can_reach(path: Path) -> bool:
    """Tell whether the server's account may read the file, or enter the folder, at path."""
    wanted = "-x" if path.is_dir() else "-r"
    return subprocess.run(["test", wanted, path], cwd="/", **run_as_server()).returncode == 0


def reachable_home(folder: Path) -> Path:
    """Return folder if the server's account can enter it, else a place of its own under /var/lib.

    Root's home and temporary folders are closed to others, and are not ours to open.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if can_reach(folder):
        return folder
    home = Path("/var/lib/underpin") / _short_name(folder)
    home.mkdir(parents=True, exist_ok=True)
    for closed_by_umask in (home.parent, home):
        closed_by_umask.chmod(0o711)
    if not can_reach(home):
        raise LauncherError(f"The account {UNPRIVILEGED} can enter neither {folder} nor {home}.")
    return home


def owned_folder(path: Path) -> Path:
    """Make a folder that only the server's account (and root) may enter."""
    account = server_account()
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid not in (os.geteuid(), account.pw_uid):
        raise LauncherError(f"{path} belongs to somebody else; remove it, or choose another UNDERPIN_VAR.")
    path.chmod(0o700)
    if path.stat().st_uid != account.pw_uid:
        os.chown(path, account.pw_uid, account.pw_gid)
    return path


def socket_folder(folder: Path) -> Path:
    """Make the folder of the servers' sockets: inside `folder`, or under /tmp where its path fits no address."""
    folder.mkdir(parents=True, exist_ok=True)
    sockets = folder / "run"
    is_plain = re.fullmatch(r"[A-Za-z0-9/._+-]+", str(sockets))
    if not is_plain or len(os.fsencode(sockets)) > LONGEST_SOCKET_FOLDER:
        sockets = Path("/tmp") / f"underpin-{os.geteuid()}-{_short_name(folder)}"  # noqa: S108 checked by owned_folder
    return owned_folder(sockets)


def copy_readable(tree: Path, target: Path) -> Path:
    """Copy a tree so that every account can read it; a copy that was cut short is made again."""
    if target.exists():
        return target
    unfinished = target.with_name(target.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(tree, unfinished, symlinks=True)
    for path in [unfinished, *unfinished.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    unfinished.rename(target)
    return target


def _short_name(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:12]
