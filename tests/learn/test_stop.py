"""Orderly and disorderly ends of the server."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from learn_harness import Site, kernels_of, wait_for, write_notebook

LEARN = "/services/learn"


@pytest.fixture(autouse=True)
def started(own_site: Site) -> None:
    """Whatever the last test did to the server, this one finds it up."""
    if own_site.process("learn").poll() is not None:
        own_site.start_learn()
    wait_for(lambda: own_site.answers(f"{own_site.url}{LEARN}/health"))


def gone(kernels: list[psutil.Process]) -> bool:
    return not any(kernel.is_running() for kernel in kernels)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_takes_less_than_three_seconds_and_leaves_no_kernel(
    own_site: Site, number: signal.Signals
) -> None:
    clients = [own_site.sign_in(f"s00{n}") for n in range(3)]
    for client in clients:
        assert client.get(f"{LEARN}/environment").status_code == 200
    # A page for everyone is being rendered too.
    slow = own_site.apps / "slow.ipynb"
    write_notebook(slow, "import time\ntime.sleep(30)", page="once")
    with pytest.raises(Exception, match="timed out"):
        clients[0].get(f"{LEARN}/slow", timeout=1.5)
    slow.unlink()
    kernels = kernels_of(own_site)
    assert len(kernels) == 4
    server = own_site.process("learn")
    start = time.monotonic()
    server.send_signal(number)
    assert server.wait(10) == 0
    assert time.monotonic() - start < 3
    wait_for(lambda: gone(kernels), 1)


def test_an_ignored_interrupt_is_obeyed_all_the_same(tmp_path: Path) -> None:
    """A shell starts background jobs with SIGINT ignored, and children inherit that."""
    settings = Site(tmp_path).settings
    env = {
        "LAWLAB_DATA": str(settings.data),
        "LAWLAB_PORT": str(settings.port),
        "PATH": "/usr/bin:/bin",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "lawlab.learn"],
        env=env,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    try:
        wait_for(lambda: Site.answers(f"http://127.0.0.1:{settings.learn_port}{LEARN}/health"))
        server.send_signal(signal.SIGINT)
        assert server.wait(5) == 0
    finally:
        server.kill()
        server.wait()


def test_a_taken_port_is_one_clear_sentence(own_site: Site) -> None:
    env = {
        "LAWLAB_DATA": str(own_site.settings.data),
        "LAWLAB_PORT": str(own_site.settings.port),
        "PATH": "/usr/bin:/bin",
    }
    second = subprocess.run(
        [sys.executable, "-m", "lawlab.learn"], env=env, capture_output=True, text=True, timeout=30
    )
    assert second.returncode == 2
    assert f"端口 {own_site.settings.learn_port} 已被别的程序占用" in second.stderr
    assert "Traceback" not in second.stderr


def test_kernels_do_not_outlive_a_killed_server(own_site: Site) -> None:
    client = own_site.sign_in("s001")
    client.get(f"{LEARN}/environment")
    kernels = kernels_of(own_site)
    assert len(kernels) == 1
    own_site.process("learn").kill()
    own_site.process("learn").wait()
    wait_for(lambda: gone(kernels), 15)


def test_people_stay_signed_in_over_a_restart(own_site: Site) -> None:
    client = own_site.sign_in("s001")
    own_site.process("learn").terminate()
    own_site.process("learn").wait()
    own_site.start_learn()
    wait_for(lambda: own_site.answers(f"{own_site.url}{LEARN}/health"))
    page = client.get(f"{LEARN}/home", follow_redirects=False)
    assert page.status_code == 200


def test_a_silent_api_is_said_once_and_pages_go_on(own_site: Site) -> None:
    client = own_site.sign_in("s001")
    wait_for(lambda: "s001" in own_site.api.asked)
    own_site.api.stop()
    wait_for(lambda: "the API does not answer" in own_site.log.read_text(), 10)
    assert client.get(f"{LEARN}/home").status_code == 200
    assert client.get(f"{LEARN}/environment").status_code == 200
    own_site.start_api()
    wait_for(lambda: "the API answers again" in own_site.log.read_text(), 10)
    assert own_site.log.read_text().count("the API does not answer") == 1
