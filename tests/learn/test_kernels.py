from __future__ import annotations

from pathlib import Path

from lawlab import tokens
from lawlab.config import Settings
from lawlab.learn.kernels import PASSED_ON, kernel_env, person_env


def test_a_kernel_inherits_only_what_is_allowed(tmp_path: Path) -> None:
    env = kernel_env(tmp_path, {"PATH": "/bin", "JUPYTERHUB_API_TOKEN": "x", "LAWLAB_DATA": "y"})
    assert env == {
        "PATH": "/bin",
        "HOME": str(tmp_path),
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }
    assert not {name for name in PASSED_ON if "TOKEN" in name or "LAWLAB" in name}


def test_a_persons_token_names_him(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    env = person_env(settings, "s001")
    assert set(env) == {"LAWLAB_PERSON", "LAWLAB_API", "LAWLAB_TOKEN"}
    assert tokens.kernel_token_person(settings.secrets["kernel"], env["LAWLAB_TOKEN"]) == "s001"
    assert not set(env.values()) & set(settings.secrets.values())
