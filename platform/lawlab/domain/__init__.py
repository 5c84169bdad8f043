"""Pure rules. Standard library only; time is an argument; no database, no web, no environment."""
