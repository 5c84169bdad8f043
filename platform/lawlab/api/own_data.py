"""我的数据: what the platform holds of the caller, and a file with all of it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lawlab.api.caller import CallerOf, Database, Now, state_of
from lawlab.api.downloads import download
from lawlab.api.routing import Route
from lawlab.domain.personal import mask_phone, rules
from lawlab.services import own_data
from lawlab.store.people import person_by_login

router = APIRouter(route_class=Route, prefix="/me")


@router.get("/data")
def data(request: Request, session: Database, caller: CallerOf, now: Now) -> dict[str, Any]:
    """How much there is of each kind, and how long it stays."""
    settings = state_of(request).settings
    person = person_by_login(session, caller.login)
    return {
        "login": caller.login,
        "full_name": caller.full_name,
        "phone": mask_phone(person.phone if person else None),
        "kinds": [
            {"title": title, "count": count}
            for title, count in own_data.counts(session, caller, now).items()
        ],
        "rules": [
            {"what": rule.what, "kept": rule.kept} for rule in rules(settings.keep_signins_days)
        ],
    }


@router.get("/data.zip")
def data_file(request: Request, session: Database, caller: CallerOf, now: Now) -> Response:
    """Everything, for the person alone; his own phone number is whole."""
    content = own_data.own_file(session, caller, now, state_of(request).settings.zone)
    return download(content, f"my-data-{caller.login}.zip", f"我的数据-{caller.login}.zip")
