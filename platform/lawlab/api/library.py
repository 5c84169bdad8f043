"""What learners browse: courses with their maps, and whole statutes."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
