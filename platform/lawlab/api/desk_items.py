"""The trainer's desk: questions, from draft to publication."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
