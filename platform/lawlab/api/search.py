"""One search over lessons, articles and explanations."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
