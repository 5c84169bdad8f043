"""JupyterHub's configuration file. Every choice is in `lawlab.hub.configure`, which is tested."""

from lawlab.config import load_settings
from lawlab.hub.configure import configure
from lawlab.hub.trainers import write_config

c = get_config()  # noqa: F821 - JupyterHub puts it here

settings = load_settings()
write_config(settings)
configure(c, settings)

# The way out for one installation: what stands in <data>/hub.d/*.py is applied last, sorted.
for extra in sorted((settings.data / "hub.d").glob("*.py")):
    load_subconfig(str(extra))  # noqa: F821
