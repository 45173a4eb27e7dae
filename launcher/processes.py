"""The programs that bin/run starts: their output named, their ends noticed, their stop in order."""

import os
import selectors
import signal
import subprocess
import time

from launcher import children
from launcher.errors import LauncherError, Stopped
from launcher.progress import say

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Seconds that each signal gets before the next one; SIGKILL follows the last.
GENTLE = ((signal.SIGTERM, 15.0), (signal.SIGQUIT, 10.0))
# Some senders deliver one Ctrl-C twice, to the process and to its group.
SECONDS_UNTIL_AGAIN = 1.0
LONGEST_NAME = 8
LINES_OF_A_FAILURE = 30


class Processes:
    """Programs that live and end together; one thread reads what all of them print."""

    def __init__(self, environment: dict):
        self._environment = environment
        self._running = {}
        self._selector = selectors.DefaultSelector()
        self._stop_asked_at = None
        self._is_in_a_hurry = False
        self._wakeup, wakeup_for_signals = os.pipe()
        for end in (self._wakeup, wakeup_for_signals):
            os.set_blocking(end, False)
        # A signal interrupts the wait for output by a byte in this pipe.
        signal.set_wakeup_fd(wakeup_for_signals)
        self._selector.register(self._wakeup, selectors.EVENT_READ)
        for number in STOP_SIGNALS:
            signal.signal(number, self._request_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def start(self, name: str, command) -> None:
        """Start a program that is to run until stop()."""
        self._running[name] = _Output(name, self._launch(command), is_shown=True)
        self._selector.register(self._running[name].pipe, selectors.EVENT_READ, self._running[name])

    def finish(self, commands: dict, *, is_shown: bool = False) -> dict:
        """Run programs side by side to their end; return the text that each printed, by name.

        Raises LauncherError with the output of the first that fails.
        """
        outputs = {name: _Output(name, self._launch(command), is_shown) for name, command in commands.items()}
        for output in outputs.values():
            self._selector.register(output.pipe, selectors.EVENT_READ, output)
        try:
            while any(output.process.poll() is None for output in outputs.values()):
                self.watch(1.0)
        except BaseException:
            for output in outputs.values():
                children.stop(output.process, [(signal.SIGTERM, 10)])
            raise
        finally:
            while self._read(0):
                pass
            for output in outputs.values():
                self._close(output)
        for name, output in outputs.items():
            if output.process.returncode != 0:
                last_lines = "\n".join(output.text.splitlines()[-LINES_OF_A_FAILURE:])
                raise LauncherError(f"{name} failed:\n{last_lines}")
        return {name: output.text for name, output in outputs.items()}

    def watch(self, seconds: float) -> None:
        """Pass output on for at most so many seconds.

        Raises Stopped when a stop was asked for, LauncherError when a started program has ended.
        """
        self._read(seconds)
        if self._stop_asked_at is not None:
            raise Stopped
        for name, output in self._running.items():
            if output.process.poll() is not None:
                while self._read(0):
                    pass
                raise LauncherError(f"{name} ended with exit code {output.process.returncode}.")

    def wait(self, seconds: float) -> None:
        """Pass output on for so many seconds; raises as watch does."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.watch(left)

    def stop(self) -> None:
        """End all started programs side by side; a further Ctrl-C ends them at once."""
        for number, seconds in GENTLE:
            deadline = time.monotonic() + seconds
            waiting = [output for output in self._running.values() if output.process.poll() is None]
            for output in waiting:
                output.process.send_signal(number)
            while any(output.process.poll() is None for output in waiting) and not self._is_in_a_hurry:
                if time.monotonic() > deadline:
                    break
                self._read(0.5)
        for output in self._running.values():
            children.kill_group(output.process)
            self._close(output)
        self._running.clear()

    def _launch(self, command) -> subprocess.Popen:
        return children.start(command, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def _request_stop(self, *_) -> None:
        now = time.monotonic()
        if self._stop_asked_at is None:
            self._stop_asked_at = now
        elif now - self._stop_asked_at > SECONDS_UNTIL_AGAIN:
            self._is_in_a_hurry = True

    def _read(self, seconds: float) -> bool:
        ready = self._selector.select(seconds)
        for key, _ in ready:
            if key.data is None:
                os.read(self._wakeup, 512)
            elif not key.data.read():
                self._selector.unregister(key.data.pipe)
        return bool(ready)

    def _close(self, output) -> None:
        if output.pipe in self._selector.get_map():
            self._selector.unregister(output.pipe)
        output.pipe.close()


class _Output:
    def __init__(self, name, process, is_shown):
        self.process = process
        self.pipe = process.stdout
        self.text = ""
        self._name = name
        self._is_shown = is_shown
        self._rest = b""

    def read(self) -> bool:
        chunk = os.read(self.pipe.fileno(), 65536)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if not chunk and self._rest:
            lines, self._rest = [self._rest], b""
        for line in lines:
            self._take(line.decode(errors="replace"))
        return bool(chunk)

    def _take(self, line: str) -> None:
        # A program that runs for days must not fill our memory.
        if self._is_shown:
            say(f"{self._name:<{LONGEST_NAME}}| {line}")
        else:
            self.text += line + "\n"
