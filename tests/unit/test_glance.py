"""One reading of the mark for many who ask, and never an old one for who has just changed something."""

from signoff.glance import Glance


class Desk:
    def __init__(self):
        self.time, self.version, self.reads = 0.0, 0, 0

    def read(self):
        self.reads += 1
        self.version += 1
        return str(self.version)

    def glance(self):
        return Glance(self.read, clock=lambda: self.time)


def ask(desk, glance, *, times, every):
    found = []
    for _ in range(times):
        desk.time += every
        found.append(glance.read())
    return found


def test_who_asks_seldom_gets_a_reading_each_time():
    desk = Desk()

    ask(desk, desk.glance(), times=50, every=0.1)

    assert desk.reads == 50


def test_many_who_ask_at_once_share_readings_that_are_a_quarter_of_a_second_old_at_most():
    desk = Desk()

    found = ask(desk, desk.glance(), times=1_000, every=0.01)

    assert desk.reads < 10 / 0.25 + 10
    assert max(found.count(one) for one in set(found)) <= 26


def test_who_has_changed_something_sees_it_and_so_does_everybody_after():
    desk = Desk()
    glance = desk.glance()
    before = ask(desk, glance, times=20, every=0.001)[-1]

    assert glance.read() == before
    mine = glance.read(fresh=True)

    assert mine == glance.read() != before
