"""Classes and forms as the pages of observation show them, made from the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.http.language import Language
from services.library.audiences import bureaus
from services.web.views.observation import ClassNamed, FormShown, NotesOnly, RubricItem
from tongke.classes.models import LiveClass
from tongke.observation.forms import FormState
from tongke.observation.models import Observation
from tongke.observation.noted import Noted
from tongke.observation.rubrics import DEFAULT_NAME
from tongke.people.models import Account, Region, School


def named(live: LiveClass, resource_id: int | None = None) -> ClassNamed:
    """A class; `resource_id` is its recording, for who may watch that."""
    return ClassNamed(
        live.id,
        live.title,
        live.teacher.name,
        live.school.name,
        live.begins_at,
        live.ends_at,
        resource_id,
    )


def items(rubric: Iterable[Mapping[str, Any]], stars: Mapping[str, int]) -> tuple[RubricItem, ...]:
    return tuple(
        RubricItem(item["name"], item["help"], stars.get(item["name"], 0)) for item in rubric
    )


def rubric_named(name: str) -> str:
    """What a rubric is called where somebody has named it; else pages say what a form is called."""
    return "" if name == DEFAULT_NAME else name


def form_shown(session: Session, form: Observation, language: Language) -> FormShown:
    given = list(form.stars.values())
    return FormShown(
        id=form.id,
        author=form.account.name,
        organisation=_organisation(session, form.account, language),
        sent_at=form.sent_at,
        items=items(form.rubric, form.stars),
        strengths=form.strengths,
        advice=form.advice,
        reply=form.reply,
        replied_at=form.replied_at,
        mean=sum(given) / len(given) if given else None,
        live=named(form.live_class),
        is_draft=form.state == FormState.DRAFT,
        rubric=rubric_named(form.rubric_name),
    )


def in_time(
    session: Session, forms: Iterable[Observation], noted: Iterable[Noted], language: Language
) -> tuple[FormShown | NotesOnly, ...]:
    """Forms, and lessons that have notes alone, the newest first."""
    rows: list[tuple[datetime, FormShown | NotesOnly]] = [
        (form.updated_at, form_shown(session, form, language)) for form in forms
    ]
    rows += [(each.live.begins_at, NotesOnly(named(each.live), each.notes)) for each in noted]
    return tuple(row for _, row in sorted(rows, key=lambda row: row[0], reverse=True))


def _organisation(session: Session, account: Account, language: Language) -> str:
    """Where an observer comes from: a school, else the bureau of a region."""
    for role in account.roles:
        if role.school_id is not None:
            return session.get_one(School, role.school_id).name
        if role.region_code is not None:
            office = bureaus(session, [role.region_code], language)[role.region_code]
            # A bureau that signs in under its own name needs not be said twice.
            named = office == account.name
            return session.get_one(Region, role.region_code).name if named else office
    return ""
