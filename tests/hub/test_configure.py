"""What JupyterHub is told, seen on an empty traitlets Config; no Hub is started."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from traitlets.config import Config

from lawlab.config import REPOSITORY, Settings
from lawlab.hub.authenticator import LawlabAuthenticator
from lawlab.hub.configure import CONTENT_SECURITY_POLICY, TEMPLATES, configure, role_groups
from lawlab.hub.trainers import config_folder, write_config


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, port=8000, database_url="sqlite:///x", program_year=2023)


@pytest.fixture
def c(settings: Settings) -> Config:
    config = Config()
    configure(config, settings)
    return config


def test_only_the_proxy_faces_the_network(c: Config) -> None:
    assert c.JupyterHub.bind_url == "http://127.0.0.1:8000"
    assert c.JupyterHub.hub_bind_url == c.JupyterHub.hub_connect_url == "http://127.0.0.1:8002"
    assert c.ConfigurableHTTPProxy.should_start is False
    assert c.ConfigurableHTTPProxy.api_url == "http://127.0.0.1:8001"


def test_secrets_are_those_of_the_installation(c: Config, settings: Settings) -> None:
    assert len(c.JupyterHub.cookie_secret) == 32
    assert c.ConfigurableHTTPProxy.auth_token == settings.secrets["proxy"]
    tokens = {service["name"]: service["api_token"] for service in c.JupyterHub.services}
    assert tokens == {
        name: settings.secrets[f"service-{name}"] for name in ("learn", "api", "grader")
    }


def test_services_are_external_and_known_by_their_callback(c: Config) -> None:
    services = {service["name"]: service for service in c.JupyterHub.services}
    for name, port in (("learn", 8003), ("api", 8004)):
        assert services[name]["url"] == f"http://127.0.0.1:{port}"
        assert services[name]["oauth_redirect_uri"] == f"/services/{name}/oauth_callback"
        assert services[name]["oauth_no_confirm"] is True
    assert not any("command" in service for service in services.values())
    assert "url" not in services["grader"]


def test_a_learner_has_no_servers_and_no_tokens(c: Config) -> None:
    roles = {role["name"]: role for role in c.JupyterHub.load_roles}
    assert set(roles["user"]["scopes"]) == {
        "read:users:name!user",
        "read:users:groups!user",
        "access:services!service=learn",
        "access:services!service=api",
    }
    assert roles["trainer"]["groups"] == ["trainers"]
    assert set(roles["trainer"]["scopes"]) == {
        "servers!user",
        "access:servers!user",
        "read:users!user",
        "users:activity!user",
    }
    assert roles["offboarding"]["services"] == ["api"]
    assert set(roles) == {"user", "trainer", "offboarding"}


def test_people_come_from_our_table(c: Config, settings: Settings) -> None:
    assert c.JupyterHub.authenticator_class is LawlabAuthenticator
    assert c.LawlabAuthenticator.database_url == "sqlite:///x"
    assert role_groups(settings) == {"trainer": ["trainers", "formgrade-law2023"]}
    authenticator = LawlabAuthenticator(config=c)
    assert authenticator.groups_of(frozenset({"learner"})) == set()
    assert authenticator.groups_of(frozenset({"learner", "trainer"})) == {
        "trainers",
        "formgrade-law2023",
    }


def test_a_session_lasts_a_day_and_is_asked_about_every_five_seconds(c: Config) -> None:
    authenticator = LawlabAuthenticator(config=c)
    assert c.JupyterHub.cookie_max_age_days == 1
    assert authenticator.auth_refresh_age == 5
    assert authenticator.manage_groups
    assert authenticator.refresh_pre_spawn


def test_pages_allow_nothing_inline_and_nothing_foreign(c: Config) -> None:
    assert c.JupyterHub.tornado_settings["headers"]["Content-Security-Policy"] == (
        CONTENT_SECURITY_POLICY
    )
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY


def test_every_page_of_jupyterhub_has_ours_before_it() -> None:
    share = Path(__import__("sys").prefix) / "share" / "jupyterhub" / "templates"
    theirs = {page.name for page in share.glob("*.html")}
    closed = {"admin.html", "token.html", "accept-share.html"}  # their addresses answer 404
    assert theirs - closed <= {page.name for page in TEMPLATES.glob("*.html")}


def test_trainers_servers_get_an_allow_list(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setenv("LAWLAB_DATABASE_URL", "postgresql://secret")
    config = Config()
    configure(config, settings)
    assert config.Spawner.env_keep == []
    assert set(config.Spawner.environment) == {
        "PATH",
        "LANG",
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_PATH",
        "JUPYTER_DEFAULT_PROVISIONER_NAME",
        "LAWLAB_DATA",
        "LAWLAB_API",
        "LAWLAB_PROGRAM_YEAR",
        "LAWLAB_TIMEZONE",
    }
    values = "".join(config.Spawner.environment.values())
    assert not any(secret in values for secret in settings.secrets.values())
    assert "postgresql" not in values


def test_the_generated_configuration_is_written_again_the_same(settings: Settings) -> None:
    folder = write_config(settings)
    assert folder == config_folder(settings)
    first = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    write_config(settings)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == first
    overrides = json.loads((folder / "labconfig" / "default_setting_overrides.json").read_text())
    assert overrides["@jupyterlab/translation-extension:plugin"]["locale"] == "zh_CN"
    assert overrides["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"
    (menu,) = overrides["@jupyterlab/mainmenu-extension:plugin"]["menus"]
    assert menu["items"][0]["args"]["url"] == "/services/learn/desk"
    assert (settings.trainers_root / "备课" / "courses").is_dir()
    for name in ("jupyter_server_config.py", "nbgrader_config.py"):
        compile((folder / name).read_text("utf-8"), name, "exec")


def test_the_configuration_file_itself_stays_short() -> None:
    file = REPOSITORY / "platform" / "deploy" / "jupyterhub_config.py"
    assert len(file.read_text("utf-8").splitlines()) < 40
