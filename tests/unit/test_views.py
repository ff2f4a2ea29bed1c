"""Views are everybody's, one person's, or one person's for everybody; only their owner changes them."""

from datetime import UTC, datetime

import pytest
from unit.office import Office

from signoff import views
from signoff.errors import NotAllowed
from signoff.reviews import ME, Priority, Query, Sort
from signoff.views import BUILT_IN, ViewNameInvalid, ViewNotFound


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    for number, priority in enumerate(["low", "urgent", "urgent"]):
        office.pause(
            f"t{number}", {"question": f"Pay {number}?", "priority": priority, "assignees": ["Ada"] * (number == 0)}
        )
    office.desk.scan()
    yield office
    office.desk.close()


@pytest.fixture
def desk(office):
    return office.desk


def names(desk, viewer):
    return [view.name for view in views.visible(desk, viewer)[len(BUILT_IN) :]]


URGENT = Query(priority=Priority.URGENT, sort=Sort.DUE)


def test_a_view_that_is_saved_is_its_owners_until_it_is_shared(desk):
    view = views.save(desk, "  Urgent\n ones ", URGENT, owner="Ada")
    assert (names(desk, "Ada"), names(desk, "Bo")) == (["Urgent ones"], [])
    with pytest.raises(ViewNotFound, match="deleted, or its owner keeps it private"):
        views.find(desk, view.id, "Bo")

    views.share(desk, view.id, True, viewer="Ada")

    assert names(desk, "Bo") == ["Urgent ones"]
    assert views.find(desk, view.id, "Bo").query == URGENT


def test_views_come_in_the_order_of_saving_behind_those_that_everybody_has(desk):
    for name in ("Zebra", "Ape", "Mole"):
        views.save(desk, name, URGENT, owner="Ada")

    assert [view.name for view in views.visible(desk, "Ada")][:6] == [
        "All open",
        "Mine",
        "Unassigned",
        "Due today",
        "In trouble",
        "Snoozed",
    ]
    assert names(desk, "Ada") == ["Zebra", "Ape", "Mole"]


def test_only_its_owner_changes_a_view(desk):
    view = views.save(desk, "Urgent", URGENT, owner="Ada", shared=True)

    for act in (
        lambda: views.rename(desk, view.id, "Mine now", viewer="Bo"),
        lambda: views.share(desk, view.id, False, viewer="Bo"),
        lambda: views.update(desk, view.id, Query(), viewer="Bo"),
        lambda: views.delete(desk, view.id, viewer="Bo"),
    ):
        with pytest.raises(NotAllowed, match="belongs to Ada"):
            act()
    with pytest.raises(NotAllowed, match="belongs to everybody"):
        views.delete(desk, "all", viewer="Ada")

    assert views.find(desk, view.id, "Bo") == view


def test_its_owner_renames_changes_and_deletes_a_view(desk):
    view = views.save(desk, "Urgent", URGENT, owner="Ada")

    views.rename(desk, view.id, "Low", viewer="Ada")
    views.update(desk, view.id, Query(priority=Priority.LOW), viewer="Ada")
    assert views.find(desk, view.id, "Ada").query == Query(priority=Priority.LOW)
    assert names(desk, "Ada") == ["Low"]

    views.delete(desk, view.id, viewer="Ada")
    assert names(desk, "Ada") == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_view_needs_a_name(desk, name):
    with pytest.raises(ViewNameInvalid, match="a name of at most 60 characters"):
        views.save(desk, name, URGENT, owner="Ada")


def test_counts_are_those_of_whoever_looks(desk):
    shared = views.save(desk, "To me", Query(assignee=ME), owner="Ada", shared=True)
    today = datetime.now(UTC).replace(hour=0, minute=0)

    ada, bo = (views.counts(desk, views.visible(desk, name), name, today=today) for name in ("Ada", "Bo"))

    assert (ada["all"], ada["mine"], ada["unassigned"], ada["trouble"], ada[shared.id]) == (3, 1, 2, 0, 1)
    assert (bo["mine"], bo[shared.id]) == (0, 0)


def test_every_change_of_a_view_is_shown_by_open_pages(desk):
    versions = [desk.version()]
    view = views.save(desk, "Urgent", URGENT, owner="Ada")
    versions.append(desk.version())
    views.rename(desk, view.id, "Other", viewer="Ada")
    versions.append(desk.version())
    views.delete(desk, view.id, viewer="Ada")

    assert sorted({*versions, desk.version()}) == [*versions, desk.version()]


def test_views_outlive_a_rebuild_of_the_queue(desk):
    views.save(desk, "Urgent", URGENT, owner="Ada")

    desk.scanner.rebuild()

    assert names(desk, "Ada") == ["Urgent"]
