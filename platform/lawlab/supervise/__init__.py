"""Keeps hub, proxy, learn, api and grader alive as siblings: start, restart, stop without remains.

Why this is not a library: docs/decisions/0001-supervision.md. When something dies is decided here;
what the programs do is none of its business.
"""
