"""Room for work that nobody has clicked for: little is drawn, and half of a core was free for a second."""

import pytest

from signoff.room import Room


class Machine:
    """A process whose clocks and drawings a test moves."""

    def __init__(self):
        self.now, self.spent, self.drawn = 1_000.0, 50.0, 0
        self.room = Room(lambda: self.drawn, lambda: self.spent, lambda: self.now)

    def works(self, share, seconds):
        """Let time pass, asking every 20 ms; returns the last answer."""
        for _ in range(round(seconds / 0.02)):
            self.now, self.spent = self.now + 0.02, self.spent + 0.02 * share
            answer = self.room()
        return answer


@pytest.mark.parametrize(("drawn", "room"), [(0, True), (1, True), (2, False), (9, False)])
def test_while_more_than_one_thing_is_drawn_there_is_none(drawn, room):
    machine = Machine()
    machine.drawn = drawn

    assert machine.room() is room


@pytest.mark.parametrize(("share", "room"), [(0.0, True), (0.45, True), (0.55, False), (1.8, False)])
def test_of_a_core_half_stays_for_clicks(share, room):
    assert Machine().works(share, 3) is room


def test_a_burst_of_work_takes_the_room_for_as_long_as_it_weighs_within_a_second():
    machine = Machine()

    assert machine.works(0.1, 3)
    assert machine.works(1.0, 0.3)
    assert not machine.works(1.0, 0.6)
    assert not machine.works(0.0, 0.3)
    assert machine.works(0.0, 0.8)


@pytest.mark.parametrize("pause", [1, 10, 600])
def test_what_was_before_a_pause_in_asking_counts_for_nothing(pause):
    machine = Machine()
    assert not machine.works(1.0, 60)

    machine.now, machine.spent = machine.now + pause, machine.spent + 0.7 * pause

    assert machine.room()
    assert not machine.works(1.0, 0.2)
    assert machine.works(0.0, 0.3)
