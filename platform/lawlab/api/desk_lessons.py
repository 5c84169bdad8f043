"""The trainer's desk: lessons, drafts in JupyterLab, publishing, what waits for a person."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
