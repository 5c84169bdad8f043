"""Runs a module as `python -m` does, without an import that costs a second of every start.

jsonschema's check of the format "iri" compiles a grammar when it is imported. It is optional there,
nobody here uses it, and hub, learn and grader would each pay for it. This can go when
`python -X importtime -c "import jupyter_events"` no longer names rfc3987_syntax.
"""

from __future__ import annotations

import runpy
import sys


def main() -> None:
    # None makes `import` raise ImportError, which jsonschema expects of a machine without it.
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
