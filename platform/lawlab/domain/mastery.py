"""How well something is known: from the chance to know each question today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def article_mastery(recalls: Iterable[float]) -> float | None:
    """Of an article: the mean chance over its questions that the person has met; None when he has
    met none."""
    values = list(recalls)
    return sum(values) / len(values) if values else None


def mastery_over(articles: Mapping[str, float | None]) -> float:
    """Of a chapter, a course or everything: the mean over all its articles. What was never asked
    counts as not known, so that knowing two articles well is not knowing the law."""
    if not articles:
        return 0.0
    return sum(value or 0.0 for value in articles.values()) / len(articles)
