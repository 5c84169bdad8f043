"""The shared Voila server: identity, owned kernels, `once` and `live` pages; knows no database."""
