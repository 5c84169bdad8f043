"""The trainers' JupyterLab: where it stands, what it may see, and its generated configuration.

Trainers' servers share the account of the platform's processes; their environment is an allow-list,
but the manual says plainly that a trainer is trusted like an administrator of this machine. When
the platform is started as root and has an account for them, they run under that one and reach only
what is theirs.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyterhub.spawner import SimpleLocalProcessSpawner
from traitlets import Instance

from lawlab import linux
from lawlab.accounts import Account, prepare, share, trainers_account
from lawlab.config import REPOSITORY, Settings
from lawlab.services.draft_files import lay_out

LAB_SETTINGS: dict[str, dict[str, Any]] = {
    "@jupyterlab/translation-extension:plugin": {"locale": "zh_CN"},
    # The way back: previews and publishing are on the desk, which is no part of Lab.
    "@jupyterlab/mainmenu-extension:plugin": {
        "menus": [
            {
                "id": "jp-mainmenu-lawlab",
                "label": "教员工作台",
                "rank": 1000,
                "items": [
                    {
                        "command": "help:open",
                        "args": {
                            "text": "打开工作台：预览、检查、发布",
                            "url": "/services/learn/desk",
                            "newBrowserTab": True,
                        },
                    }
                ],
            }
        ]
    },
    # No internet at run time: Lab would ask for news and for newer versions.
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
}

SERVER_CONFIG = '''"""Generated at each start of the Hub; changes here are lost."""

c = get_config()  # noqa: F821
# Formgrader's tab is a frame of this same server, which by default forbids frames altogether. The
# rest keeps every page from asking a foreign host; Lab itself needs inline scripts, eval and blobs.
c.ServerApp.tornado_settings = {{"headers": {{"Content-Security-Policy": {policy!r}}}}}
# A login shell would forget where `lawlab` lies and which installation is meant.
c.ServerApp.terminado_settings = {{"shell_command": ["/bin/bash"]}}
# Kernels are forked from a warm parent of this server's own; see lawlab/kernels/README.md.
c.ForkProvisioner.modules = ["pandas", "ipywidgets"]
c.LabApp.news_url = None
c.LabApp.extension_manager = "readonly"
'''

POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self' ws: wss:;"
    " object-src 'none'; frame-ancestors 'self'"
)

NO_MATHJAX = """{#- Formgrader's page would load MathJax from a foreign host; no question needs it.
    The page only waits for its word that everything is typeset. #}
{%- macro mathjax(url="") -%}
<script>
  window.MathJax = {Hub: {Startup: {signal: {Interest: (tell) => setTimeout(() => tell("End"))}}}};
</script>
{%- endmacro %}
"""

NBGRADER_CONFIG = '''"""Generated at each start of the Hub; changes here are lost."""

from pathlib import Path

from lawlab.config import Settings
from lawlab.grading.config import configure

settings = Settings(
    data=Path({data!r}),
    program_year={program_year!r},
    timezone={timezone!r},
    database_url={database_url!r},
)
configure(get_config(), settings)  # noqa: F821
'''


class TrainersSpawner(SimpleLocalProcessSpawner):
    """Local processes; with an account of their own when there is one."""

    account = Instance(Account, allow_none=True).tag(config=True)

    def make_preexec_fn(self, name: str) -> Callable[[], None]:
        """In the child: the home, then for good the other account, with no way to more rights."""
        account, home = self.account, self.home_dir
        ordinary = super().make_preexec_fn(name)

        def become() -> None:
            if account is None:
                ordinary()
                return
            if not Path(home).exists():
                Path(home).mkdir(mode=0o700)
                os.chown(home, account.uid, account.gid)
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
            linux.no_new_rights()
            os.umask(0o077)
            os.chdir(home)

        return become

    async def poll_and_notify(self) -> Any:
        """A server goes on no longer than its person is a trainer who may have a session."""
        if not await self.authenticator.may_have_server(self.user.name):
            self.log.info("%s may have no server any more: it ends", self.user.name)
            await self.stop(now=True)
        return await super().poll_and_notify()

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """What Jupyter keeps for a person lies in his home: its configuration is not his."""
        env = super().user_env(env)
        if self.account is not None:
            lab = Path(self.home_dir) / ".jupyter" / "lab"
            env["JUPYTERLAB_SETTINGS_DIR"] = str(lab / "user-settings")
            env["JUPYTERLAB_WORKSPACES_DIR"] = str(lab / "workspaces")
        return env


def config_folder(settings: Settings) -> Path:
    """The Jupyter configuration that trainers' servers and stock nbgrader commands read."""
    return settings.data / "jupyter"


def write_config(settings: Settings) -> Path:
    """Write that configuration; a repeat writes the same."""
    folder = config_folder(settings)
    (folder / "labconfig").mkdir(parents=True, exist_ok=True)
    settings.trainers_root.mkdir(parents=True, exist_ok=True)
    overrides = json.dumps(LAB_SETTINGS, indent=2)
    (folder / "labconfig" / "default_setting_overrides.json").write_text(overrides, "utf-8")
    server = SERVER_CONFIG.format(policy=POLICY)
    (folder / "jupyter_server_config.py").write_text(server, "utf-8")
    (folder / "migrated").touch()  # nothing to bring over from IPython 3, and no right to try
    formgrade = folder / "share" / "nbconvert" / "templates" / "formgrade"
    formgrade.mkdir(parents=True, exist_ok=True)
    (formgrade / "mathjax.html.j2").write_text(NO_MATHJAX, "utf-8")
    # Only where the gradebook is there: whoever has an account of his own shall not have it.
    in_file = (settings.nbgrader_course / "gradebook.db").exists()
    needs_database = not (settings.trainers_account or in_file)
    nbgrader = NBGRADER_CONFIG.format(
        data=str(settings.data),
        program_year=settings.program_year,
        timezone=settings.timezone,
        database_url=settings.database_url if needs_database else "",
    )
    target = folder / "nbgrader_config.py"
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    target.write_text(nbgrader, "utf-8")
    _lay_out_notebooks(settings)
    lay_out(settings)
    if account := trainers_account(settings):
        share(folder, account)
        prepare(settings)
    return folder


def _lay_out_notebooks(settings: Settings) -> None:
    """Put the notebooks that come with lawlab beside the course; a trainer's own changes stay."""
    shelf = settings.trainers_root / "看数据"
    shelf.mkdir(exist_ok=True)
    for notebook in sorted((REPOSITORY / "notebooks").glob("*.ipynb")):
        target = shelf / notebook.name
        if not (shelf.is_symlink() or target.is_symlink() or target.exists()):
            shutil.copyfile(notebook, shelf / notebook.name)


def configure_spawner(c: Any, settings: Settings) -> None:
    """Trainers' servers: local processes in the course folder, in Chinese, without our secrets."""
    account = trainers_account(settings)
    c.JupyterHub.spawner_class = TrainersSpawner
    c.JupyterHub.allow_named_servers = False
    c.TrainersSpawner.home_dir_template = str(settings.data / "homes" / "{username}")
    if account:
        c.TrainersSpawner.account = account
    c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
    c.Spawner.args = ["--allow-root"] if os.geteuid() == 0 and account is None else []
    c.Spawner.notebook_dir = str(settings.trainers_root)
    c.Spawner.default_url = "/lab"
    c.Spawner.env_keep = []
    c.Spawner.environment = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin:/usr/bin:/bin"]),
        "LANG": "C.UTF-8",
        "JUPYTER_CONFIG_DIR": str(config_folder(settings)),
        "JUPYTER_PATH": str(config_folder(settings) / "share"),
        "JUPYTER_DEFAULT_PROVISIONER_NAME": "lawlab-fork",  # Lab's and stock nbgrader's kernels
        "LAWLAB_API": settings.api_url,
        "LAWLAB_DATA": str(settings.data),
        # What nbgrader's configuration must agree on with the grader.
        "LAWLAB_PROGRAM_YEAR": str(settings.program_year),
        "LAWLAB_TIMEZONE": settings.timezone,
    }
    c.Spawner.poll_interval = 2  # one that died is said, and started again, that soon
    c.Spawner.start_timeout = 90
    c.Spawner.http_timeout = 60
