"""What Voila, Jupyter and nbconvert are told, and which of their files a live page may load."""

from __future__ import annotations

from pathlib import Path

from traitlets.config import Config
from voila.paths import STATIC_ROOT
from voila.utils import get_voila_labextensions_path

from lawlab.config import Settings
from lawlab.kernels.forks import WarmParent, parent_with
from lawlab.learn.kernels import OwnedKernels
from lawlab.learn.render import CELL_FAILED, LIVE_TEMPLATE, static_paths
from lawlab.learn.stamps import STATIC

EXTENSIONS = [
    "anywidget",
    "@voila-dashboards/widgets-manager8",
    # Without the third no ipywidget works, though Voila switches its main plugin off itself.
    "@jupyter-widgets/jupyterlab-manager",
]

WARM = ("ipywidgets", "lawlab.ui.warm")
"""What the parent of the kernels imports for them."""


def warm_parent() -> WarmParent:
    """The parent of the kernels."""
    return parent_with(WARM, debugger=False)


def configuration(settings: Settings, kernel_home: Path) -> Config:
    """Every setting of Voila, Jupyter and nbconvert that matters here; no file adds to it."""
    c = Config()
    c.VoilaConfiguration.template = LIVE_TEMPLATE
    c.VoilaConfiguration.allow_template_override = "NO"
    c.VoilaConfiguration.allow_theme_override = "NO"
    c.VoilaConfiguration.extension_allowlist = EXTENSIONS
    c.VoilaConfiguration.file_allowlist = []
    c.VoilaConfiguration.preheat_kernel = False
    c.VoilaConfiguration.progressive_rendering = False
    c.VoilaConfiguration.show_tracebacks = False
    c.VoilaConfiguration.strip_sources = True
    c.VoilaConfiguration.multi_kernel_manager_class = OwnedKernels
    c.VoilaExecutor.timeout = c.VoilaExecutor.iopub_timeout = 60
    c.VoilaExporter.language_code = "zh"
    c.VoilaExporter.markdown_renderer_class = "lawlab.learn.render.PlainMarkdown"
    # Colours for code, which no page shows.
    c.CSSHTMLHeaderPreprocessor.enabled = False
    c.KernelSpecManager.allowed_kernelspecs = {"python3"}
    # A kernel costs a tenth of the time and a third of the memory when it is forked from a parent
    # that has imported what live pages use.
    c.KernelProvisionerFactory.default_provisioner_name = "lawlab-fork"
    c.ForkProvisioner.modules = list(WARM)
    c.ForkProvisioner.debugger = False
    c.AsyncKernelManager.client_class = "lawlab.kernels.client.PromptClient"
    # Sockets in a private folder: no port can collide, and nobody else on the machine can connect.
    c.KernelManager.transport = "ipc"
    # A crashed kernel is reported as dead at once; a restarted one would be empty and look alive.
    c.KernelRestarter.restart_limit = 0
    c.MappingKernelManager.root_dir = str(kernel_home)
    c.MappingKernelManager.allow_tracebacks = False
    c.MappingKernelManager.traceback_replacement_message = CELL_FAILED
    c.MappingKernelManager.buffer_offline_messages = False
    c.MappingKernelManager.cull_idle_timeout = settings.cull_idle_s
    c.MappingKernelManager.cull_interval = max(1, min(30, settings.cull_disconnected_s // 3))
    c.MappingKernelManager.cull_connected = True
    c.OwnedKernels.cap_person = settings.kernel_cap_person
    c.OwnedKernels.cap_total = -(-settings.kernel_cap_total // settings.learn_shards)
    c.OwnedKernels.cull_disconnected = settings.cull_disconnected_s
    return c


def stock_folders() -> dict[str, list[Path]]:
    """Where Voila's bundle, the three extensions and our files for live pages lie."""
    folders = {"static/": [*static_paths(LIVE_TEMPLATE), Path(STATIC_ROOT)], "learn/": [STATIC]}
    for name in EXTENSIONS:
        roots = [Path(path) / name for path in get_voila_labextensions_path()]
        folders[f"labextensions/{name}/"] = [root for root in roots if root.is_dir()]
    return folders
