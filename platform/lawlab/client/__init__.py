"""What notebooks, live pages and trainers' scripts use to read the API.

    from lawlab.client import connect
    api = connect()
    api.board("staff")        # a pandas DataFrame

In a `live` page and in a trainer's JupyterLab `connect()` finds address and token in the
environment; both name one person, and show exactly what that person may see.
"""

from lawlab.client.api import Api, ApiError, Me, connect

__all__ = ["Api", "ApiError", "Me", "connect"]
