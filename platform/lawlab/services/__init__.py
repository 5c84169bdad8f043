"""Use cases: each loads, asks the domain to decide, saves, and commits once."""
