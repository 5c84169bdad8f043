"""The trainer's desk: importing statutes and seeing what changed."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
