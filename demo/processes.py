"""The portal's processes: started together, ended together, none left behind."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

PR_SET_PDEATHSIG = 1


class ProcessEnded(Exception):
    """A process that everything else relies on is gone."""


class Processes:
    def __init__(self, *, folder: Path, logs: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.logs = logs
        self.environment = environment
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def run(self, *command: str, **environment: str) -> None:
        """One command to its end, its words on the terminal."""
        process = self._start(command, environment, output=None)
        self.running[command[0]] = process
        while process.poll() is None:
            self.stop_with_make()
            time.sleep(0.1)
        del self.running[command[0]]
        if process.returncode:
            raise ProcessEnded(f"“{' '.join(command)}” failed (exit code {process.returncode}).")

    def start(self, name: str, *command: str) -> None:
        """A command that stays, its words in var/log/<name>.log."""
        with self.log(name).open("wb") as output:
            self.running[name] = self._start(command, {}, output=output)

    def check(self) -> None:
        """Raises if one has ended, with the last words from its log."""
        self.stop_with_make()
        for name, process in self.running.items():
            if process.poll() is not None:
                words = self.log(name).read_text(errors="replace").splitlines()[-15:]
                raise ProcessEnded(
                    "\n".join([f"{name} ended by itself (exit code {process.returncode}).", *words])
                    + f"\nThe rest is in {self.log(name)}"
                )

    def stop(self) -> None:
        """Asks all to end, and ends those that have not after ten seconds."""
        for process in self.running.values():
            process.terminate()
        deadline = time.monotonic() + 10
        for process in self.running.values():
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            _kill_the_rest_of(process)
        self.running.clear()

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def stop_with_make(self) -> None:
        """`kill -INT` of make reaches make alone, which then waits for us in silence: end as if asked."""
        if _make_was_interrupted():
            raise KeyboardInterrupt

    def _start(
        self, command: tuple[str, ...], environment: dict[str, str], output: BinaryIO | None
    ) -> subprocess.Popen[bytes]:
        # A session of its own keeps Ctrl-C from it: it is asked to end by us, after what depends on it.
        return subprocess.Popen(
            [sys.executable, "-u", *command],
            cwd=self.folder,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
            preexec_fn=_end_with_parent(),
        )


def _kill_the_rest_of(process: subprocess.Popen[bytes]) -> None:
    """Children of a process that outlived it; usually there are none."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _end_with_parent() -> Callable[[], None] | None:
    """On Linux a child can ask to be ended when its parent is killed outright."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


# --- make, the terminal and Ctrl-C ----------------------------------------------------------------

_MAKE = os.getppid() if "MAKELEVEL" in os.environ else None


def _make_catches_interrupts() -> bool:
    """Whether our make still catches SIGINT: it resets the signal once it was interrupted (Linux)."""
    try:
        status = Path(f"/proc/{_MAKE}/status").read_text()
    except OSError:
        return False
    caught = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt")), "0")
    return bool(int(caught, 16) >> (signal.SIGINT - 1) & 1)


_MAKE_CAUGHT_INTERRUPTS = _MAKE is not None and _make_catches_interrupts()


def _make_was_interrupted() -> bool:
    if _MAKE is None:
        return False
    return os.getppid() != _MAKE or (_MAKE_CAUGHT_INTERRUPTS and not _make_catches_interrupts())


class Keyboard:
    """Ctrl-C on the terminal comes to us alone, so that make sees a clean end and no interrupt."""

    def __enter__(self) -> None:
        self.owner: int | None = None
        if _MAKE is None or sys.stdin is None or not sys.stdin.isatty():
            return
        terminal = sys.stdin.fileno()
        if os.tcgetpgrp(terminal) != os.getpgrp():
            return  # in the background
        self.owner = os.getpgrp()
        # Ctrl-Z would stop us but not make, and leave the terminal to nobody.
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        os.setpgid(0, 0)
        os.tcsetpgrp(terminal, os.getpgrp())

    def __exit__(self, *_: object) -> None:
        if self.owner is not None:
            os.tcsetpgrp(sys.stdin.fileno(), self.owner)
