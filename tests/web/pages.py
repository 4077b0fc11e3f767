"""What tests of several pages share: people at browsers, and a page at every width."""

import html
import re

from studyhub.workflows import visitors
from tests.makers import SLUG
from tests.web.browser import HEIGHT, complaints, sideways, violations
from tests.web.visits import Visit

TEAM = f"/s/{SLUG}/team"
TRAIL = f"/s/{SLUG}/trail"
ANALYSIS = f"/s/{SLUG}/analysis"

SIZES = ("target-size", "scrollable-region-focusable")
COLOURS = "color-contrast"
REMEMBER_SHOWN = """() => {
    const all = [...document.querySelectorAll('*')];
    window.shown = new Set(all.filter((one) => one.checkVisibility()));
}"""
SHOWS_MORE = """() => [...document.querySelectorAll('*')].some(
    (one) => one.checkVisibility() && !window.shown.has(one))"""
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
    """The page at every width, and in the dark."""
    found = list(amiss(page))
    assert not found, "\n".join([page.url, *found])


def amiss(page):
    """What is wrong with a page, at each width and in the dark.

    Everything is asked where most is shown, and again at a narrow width if that shows what the
    wide one did not; else, of the narrow widths, sizes. Colours are looked at in both lights.
    """
    yield from too_wide(page, 1280)
    yield from (f"1280 px: {each}" for each in violations(page))
    page.evaluate(REMEMBER_SHOWN)
    for width in (390, 320):
        yield from too_wide(page, width)
        asked = () if page.evaluate(SHOWS_MORE) else SIZES
        yield from (f"{width} px: {each}" for each in violations(page, *asked))
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    yield from (f"dark: {each}" for each in violations(page, COLOURS))
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    yield from complaints(page)


def too_wide(page, width):
    """Sets the width of the window, and says by how much the page is wider."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
    if (more := sideways(page)) > 0:
        yield f"{width} px: {more} px too wide"
