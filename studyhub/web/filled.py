"""What staff forms share: checks of what was typed, and how a form becomes an act."""

from collections.abc import Callable
from datetime import date, datetime, time

from email_validator import EmailNotValidError, validate_email
from flask import request
from wtforms import Field, ValidationError

from studyhub.domain.errors import Invalid
from studyhub.domain.recruitment import PHONE
from studyhub.web import guard
from studyhub.web.forms import StudyForm

LAST_MOMENT = time(23, 59, 59)
LAST_YEAR = 2100


def one_line(_form: StudyForm, field: Field) -> None:
    if any(not sign.isprintable() for sign in field.data or ""):
        raise ValidationError("Write this on one line, in letters that can be seen")


def plain_text(_form: StudyForm, field: Field) -> None:
    if any(not sign.isprintable() and sign not in "\r\n\t" for sign in field.data or ""):
        raise ValidationError("Use letters that can be seen")


def whole_address(_form: StudyForm, field: Field) -> None:
    """An e-mail address as it is sent to. Nobody is asked whether it exists."""
    try:
        # Addresses under .test are for tests and demonstrations; nothing is looked up.
        validate_email(field.data or "", check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise ValidationError("Write a whole e-mail address, like name@example.org") from None


def phone_number(_form: StudyForm, field: Field) -> None:
    """A telephone number as people write it. Nobody is asked whether it exists."""
    if not PHONE.fullmatch(field.data or ""):
        raise ValidationError("Write a whole telephone number, like 01632 960 144")


def near(_form: StudyForm, field: Field) -> None:
    today = guard.hub().now().astimezone(guard.zone()).date()
    if field.data is not None and not today <= field.data < date(LAST_YEAR, 1, 1):
        raise ValidationError("Choose a day from today on, like 2027-06-30")


def taken(form: StudyForm, act: Callable[[], object]) -> bool:
    """Whether a form was sent and its act done; what was found wrong stands at its field."""
    if request.method != "POST" or not form.validate():
        return False
    try:
        act()
    except Invalid as found:
        form.refuse(found.problems)
        return False
    return True


def end_of(day: date) -> datetime:
    """The last moment of a day where the study is."""
    return datetime.combine(day, LAST_MOMENT, guard.zone())
