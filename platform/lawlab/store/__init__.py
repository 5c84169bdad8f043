"""Tables, migrations and queries. Sessions are passed in; nothing here commits."""
