"""bin/bench: measures the running server on backlogs of several sizes, the list in a browser, nights, or the decision
core."""

import argparse
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from launcher.postgres import APP, OWNER, Postgres
from launcher.valkey import Valkey

SIZES = {"1k": 1_000, "10k": 10_000, "100k": 100_000}


def main() -> None:
    arguments = _arguments()
    if "planning" in arguments.what:
        from bench import planning

        planning.main(Path(os.environ.get("UNDERPIN_DATA", Path(__file__).parents[2] / "shared" / "data")))
        return
    with _servers():
        if "browser" in arguments.what:
            from bench import browser

            browser.measure()
            return
        if "night" in arguments.what:
            from bench import nights

            nights.measure(arguments.products, arguments.items, arguments.large)
            return
        from bench import backlogs

        backlogs.measure([SIZES[size] for size in arguments.what or SIZES], arguments.requests)


def _arguments():
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument(
        "what",
        nargs="*",
        choices=[*SIZES, "planning", "browser", "night"],
        help="sizes of backlog; all three by default",
    )
    parser.add_argument("--requests", type=int, default=60, help="requests per job")
    parser.add_argument("--products", type=int, default=1_000, help="night: products (1,000 are the bar)")
    parser.add_argument("--items", type=int, default=500, help="night: items of each (500 are the bar)")
    parser.add_argument("--large", type=int, default=100_000, help="night: items of the one large product; 0: none")
    return parser.parse_args()


@contextmanager
def _servers():
    """PostgreSQL and Valkey as bin/run starts them, durable, in a folder that goes afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="underpin-bench-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        with Postgres(folder) as postgres, Valkey(folder) as valkey:
            os.environ |= {
                "DATABASE_URL": postgres.url(APP),
                "DATABASE_OWNER_URL": postgres.url(OWNER),
                "REDIS_URL": valkey.url,
                "UNDERPIN_VAR": str(folder / "var"),
                "UNDERPIN_PRODUCTION": "1",
                "SECRET_KEY": "bench",
                "ALLOWED_HOSTS": "127.0.0.1,testserver",
                # The limits protect people from each other; here one client asks as fast as it can.
                "API_REQUESTS_PER_MINUTE": "10000000",
                "MOVES_PER_MINUTE": "10000000",
                "MOVES_PER_MINUTE_AND_LIST": "10000000",
                "LOG_LEVEL": "WARNING",
                "DJANGO_SETTINGS_MODULE": "config.settings",
            }
            yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
