"""However many answer, and however often a job comes, one answer is applied, once, and all others learn whose."""

import json
import signal
import sqlite3
from contextlib import closing

import pytest

from signoff.decisions import Outcome, Reviewer
from signoff.errors import AlreadyDecided

pytestmark = pytest.mark.chaos
ONCE = {"review": 1, "post": 1}


@pytest.mark.parametrize("processes", [2, 8])
def test_of_fifty_submits_at_once_from_many_processes_one_wins_and_all_others_learn_whose(workspace, processes):
    workspace.pause("a")
    review = workspace.review("a").id
    names = [f"reviewer {number}" for number in range(50)]
    workspace.start("serve", "--port", "0", "--no-browser")
    crowd = [workspace.submit(review, *names[part::processes]) for part in range(processes)]
    workspace.until(lambda: len(list(workspace.folder.glob("ready.*"))) == processes, seconds=120)

    (workspace.folder / "go").touch()
    told = [each for process in crowd for each in json.loads(process.communicate(timeout=60)[0])]
    workspace.settled("a")

    [winner] = [each["name"] for each in told if "won" in each]
    assert [each["lost_to"] for each in told if "won" not in each] == [winner] * 49
    assert workspace.values("a") == {"answer": winner, "posted": winner}
    assert workspace.ran("a") == ONCE
    assert [d.reviewer.name for d in workspace.desk.decisions_on(review)] == [winner]


def test_of_commands_that_answer_and_wait_at_once_one_wins_and_the_others_say_so(workspace):
    workspace.pause("a")
    review = workspace.review("a").id

    racers = [
        workspace.start("decide", review, "--answer", f'"{n}"', "--as", f"racer {n}", "--wait", "60", "--json")
        for n in range(3)
    ]
    told = [json.loads(racer.communicate(timeout=60)[0]) for racer in racers]

    codes = [racer.returncode for racer in racers]
    assert sorted(codes) == [0, 3, 3]
    winner = codes.index(0)
    assert workspace.values("a") == {"answer": str(winner), "posted": str(winner)}
    assert workspace.ran("a") == ONCE
    assert {each["error"]["reviewer"] for each in told if each["error"]} == {f"racer {winner}"}


def test_the_loser_is_told_what_was_answered(workspace):
    workspace.pause("a")
    review = workspace.decide("a", {"approved": True}).review_id

    with pytest.raises(AlreadyDecided) as late:
        workspace.desk.decide(review, "no", reviewer=Reviewer(name="Grace"))

    assert late.value.answer == {"approved": True}


def test_a_job_that_is_delivered_many_times_is_done_once(workspace):
    workspace.pause("a", "b")
    decision = workspace.decide("a")
    redeliver(workspace, decision)
    workspace.work()
    workspace.settled("a")
    redeliver(workspace, decision, first=10)
    workspace.decide("b")
    workspace.settled("b")
    workspace.until(lambda: workspace.desk.jobs.lost(decision))

    assert workspace.ran("a") == ONCE
    assert workspace.decision("a").outcome is Outcome.APPLIED


def redeliver(workspace, decision, first=1):
    with workspace.desk.database.writing() as connection:
        for again in range(first, first + 5):
            workspace.desk.jobs.enqueue(connection, decision, again=again)


def test_a_worker_that_was_stopped_for_a_while_is_not_overtaken(workspace):
    """SIGSTOP: it is no longer seen to live, but it does; taking over would run its node a second time."""
    workspace.pause("a", "b")
    workspace.decide("a")
    workspace.hold("a.review.before")
    worker = workspace.work()
    workspace.until(lambda: workspace.at("a.review.before"))

    with workspace.desk.database.alone("scan", wait=True):  # stopped in a scan, it would keep others from scanning
        workspace.halt(worker)
    workspace.let_go()
    workspace.start("work")
    waiting = workspace.start("decide", workspace.review("b").id, "--answer", '"yes"', "--wait", "3")
    waiting.wait(timeout=60)
    assert workspace.ran("a") == {}
    worker.send_signal(signal.SIGCONT)
    workspace.settled("a", "b")

    assert workspace.outcomes("a", "b") == {Outcome.APPLIED}
    assert (workspace.ran("a"), workspace.ran("b")) == (ONCE, ONCE)


def written(workspace):
    """Return how much of what nodes returned is on disk: it is written beside the step, mostly before its end."""
    with closing(sqlite3.connect(workspace.folder / "pay.sqlite")) as db:
        return db.execute("SELECT count(*) FROM writes WHERE substr(channel, 1, 2) <> '__'").fetchone()[0]


def test_a_worker_that_was_stopped_inside_a_step_and_killed_is_overtaken(workspace):
    workspace.pause("a")
    workspace.decide("a")
    workspace.hold("a.step")
    before = written(workspace)
    worker = workspace.work()
    workspace.start("work")
    workspace.until(lambda: workspace.at("a.step") and written(workspace) > before)

    workspace.halt(worker)
    workspace.let_go()
    workspace.kill(worker)
    workspace.settled("a")

    assert workspace.ran("a") == ONCE
