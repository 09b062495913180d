"""The demo's processes end together, and none outlives the demo."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from demo.processes import ProcessEnded, Processes


@pytest.fixture
def processes(tmp_path: Path):
    processes = Processes(folder=tmp_path, logs=tmp_path / "log", environment=dict(os.environ))
    yield processes
    processes.stop()


def until(condition, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether it runs; a zombie that init has not collected yet does not."""
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip() != "" and not shown.stdout.startswith("Z")


def test_stopping_ends_a_process_and_its_children(processes: Processes, tmp_path: Path) -> None:
    (tmp_path / "parent.py").write_text(
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open('child', 'w').write(str(child.pid))\n"
        "time.sleep(60)\n"
    )
    processes.start("web", "parent.py")
    until(lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text())
    processes.stop()
    until(lambda: not alive(int((tmp_path / "child").read_text())))


def test_one_that_ends_by_itself_is_named_with_its_last_words(processes: Processes) -> None:
    processes.start("beat", "-c", "raise SystemExit('no database')")
    until(lambda: processes.running["beat"].poll() is not None)
    with pytest.raises(ProcessEnded, match=r"beat ended by itself \(exit code 1\).\nno database"):
        processes.check()


def test_a_failing_preparation_is_named(processes: Processes) -> None:
    with pytest.raises(ProcessEnded, match="failed"):
        processes.run("-c", "raise SystemExit(3)")


def test_words_go_to_a_log_of_its_own(processes: Processes) -> None:
    processes.start("web", "-c", "print('listening')")
    until(lambda: processes.running["web"].poll() is not None)
    assert processes.log("web").read_text() == "listening\n"
