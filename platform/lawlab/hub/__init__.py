"""JupyterHub's side: `configure.configure(c, settings)`, the authenticator, Chinese pages."""
