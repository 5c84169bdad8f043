"""Kernels that start in a fraction of a second: forked from a parent that has imported already.

README.md says what it is for, what it costs, and what to keep in mind. Nothing is imported here:
the parent is a module of this package, and what it has not imported it cannot give on.
"""
