"""Backups: everything that people made in one checked file, and back again onto an empty machine.

What order things are saved in, and why, stands in `lawlab.backup.saving`.
"""
