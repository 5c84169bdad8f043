"""Answers of people who guess."""

from __future__ import annotations

import random
from typing import Any


def respond(question: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Some answer of the right form."""
    kind, options = question["type"], list(question["options"])
    if kind == "fill":
        return {"filled": [chance.choice(["三十日", "十五", "国家"])] * question["blanks"]}
    if kind == "judge":
        return {"chosen": [chance.choice(["对", "错"])]}
    if kind == "order":
        return {"chosen": chance.sample(options, len(options))}
    if kind == "multiple":
        return {"chosen": sorted(chance.sample(options, chance.randint(1, len(options))))}
    if not options:
        return {"text": "应当先报警，再联系银行止付，保留聊天记录。" * chance.randint(1, 5)}
    return {"chosen": [chance.choice(options)]}
