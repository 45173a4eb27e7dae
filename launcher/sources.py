"""What a start depends on: the code, the static files and the pinned libraries."""

import hashlib
from pathlib import Path

NOT_OURS = (".venv", "var", "tests")


def fingerprint(checkout: Path, database: str) -> str:
    """Return a digest of the database's address and of all files of the code, the static files and the lock."""
    digest = hashlib.sha256(database.encode() + b"\n")
    for path in sorted(_files(checkout)):
        digest.update(f"{path.relative_to(checkout)} {path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(checkout: Path):
    yield checkout / "requirements.txt"
    for folder in checkout.iterdir():
        if not folder.is_dir() or folder.name.startswith(".") or folder.name in NOT_OURS:
            continue
        for path in folder.rglob("*"):
            is_static = "static" in path.relative_to(checkout).parts
            if path.is_file() and (path.suffix == ".py" or is_static):
                yield path
