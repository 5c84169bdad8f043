"""Question files of other systems: text or rows in, items and everything wrong with them out.

Pure and total: whatever the bytes, the readers return an `ImportResult` and never raise.
"""
