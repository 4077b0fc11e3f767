"""``flow`` counts from the shell what the page shows, on any date."""

from tests.makers import SLUG


def test_a_new_study_has_eight_empty_boxes_that_add_up(small_shell):
    ran = small_shell.json("flow", SLUG)

    assert ran.code == 0
    assert [box["name"] for box in ran.values["boxes"]][:2] == ["approached", "interested"]
    assert all(box == {"name": box["name"], "n": 0, "exits": {}} for box in ran.values["boxes"])
    assert ran.values["balanced"] is True


def test_a_date_or_a_time_with_its_zone_is_understood(small_shell):
    assert small_shell.json("flow", SLUG, "--at", "2026-03-02").code == 0
    assert small_shell.json("flow", SLUG, "--at", "2026-03-02T10:00:00Z").code == 0
    assert small_shell.text("flow", SLUG, "--at", "2026-03-02T10:00:00").code == 2
    assert small_shell.text("flow", SLUG, "--at", "yesterday").code == 2
    assert small_shell.text("flow", "no-such-study").code == 4
