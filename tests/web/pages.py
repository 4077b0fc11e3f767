"""What tests of several pages share: people at browsers, and a page at every width."""

import html
import re

from studyhub.workflows import visitors
from tests.makers import SLUG
from tests.web.browser import HEIGHT, assert_fit, assert_legible
from tests.web.visits import Visit

TEAM = f"/s/{SLUG}/team"
TRAIL = f"/s/{SLUG}/trail"
ANALYSIS = f"/s/{SLUG}/analysis"

HOSTILE = {
    "script": '"><script>alert(1)</script>',
    "template": "{{ 7 * 7 }}{% raw %}",
    "foreign script": "نسرين Ωmega 林 🎈",
    "two lines": "Grace\r\nBcc: all@team.test",
    "turned round": "Grace\u202ecod.exe",
    "huge": "x" * 70_000,
    "blank": "   ",
}


def at_browser(app, study, login):
    """A browser at which somebody is signed in, quickly."""
    visit = Visit(app)
    visit.cookie = study.cookie(login)
    return visit


def keep_desk(study, visit, login):
    """Let a test act as who is signed in at a browser: a person has three sessions at most."""
    who = visitors.visitor(study.hub, visit.cookie)
    setattr(study, login, visitors.study_desk(study.hub, who, SLUG))


def words(page):
    """The text of a page as it is read, blanks drawn together."""
    main = page.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", "<main" + main)).split())


def fits_everywhere(page):
    """The page at every width; and in the dark, where only the colours differ."""
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        assert_fit(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert_legible(page)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
