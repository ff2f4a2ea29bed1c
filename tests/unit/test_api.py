"""The HTTP API: who may use it, what it decides, what it refuses and in which words."""

import functools
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient
from unit.office import Office

from signoff.api import build_api
from signoff.errors import BackendUnavailable
from signoff.reviews import Query
from signoff.settings_tables import Api
from signoff.tokens import Gate, TooManyRequests, fingerprint, new_token

ERP, SHOP = new_token(), new_token()
DECIDED = {
    "id", "review", "outcome", "reviewer", "answer", "error", "checkpoint_before", "checkpoint_after", "next",
}  # fmt: skip
YES = {"approved": True}
SHAPE = {"type": "object", "required": ["approved"], "properties": {"approved": {"type": "boolean"}}}


class Server(Office):
    """The API of an office, and a program that holds a token."""

    def __init__(self, folder, **api):
        super().__init__(folder)
        known = [{"name": name, "sha256": fingerprint(token)} for name, token in (("erp", ERP), ("shop", SHOP))]
        self.settings = SimpleNamespace(api=Api(**{"tokens": known, "per_minute": 1_000} | api))
        self.client = TestClient(build_api(lambda: self))

    def post(self, body=None, *, token=ERP, **options):
        headers = {"Authorization": f"Bearer {token}"} | options.pop("headers", {})
        return self.client.post(
            "/decisions", headers=headers, **({"json": body} if body is not None else {}), **options
        )

    def get(self, path, *, token=ERP):
        return self.client.get(path, headers={"Authorization": f"Bearer {token}"})

    def states(self):
        self.desk.scan()
        return {review.thread_id: review.state.value for review in self.desk.queue(Query()).reviews}

    def recorded(self):
        return self.desk.decisions()[1]


@pytest.fixture
def server(tmp_path):
    opened = Server(tmp_path)
    yield opened
    opened.desk.close()


def error(response):
    return response.json()["error"]


def test_a_message_answers_the_question_about_its_order(server):
    server.pause("t1", {"order_id": 4711})
    server.pause("t2", {"order_id": 4712})

    response = server.post({"key": {"order_id": "4711"}, "answer": YES, "raw": True, "comment": "goods received"})

    decided = response.json()
    assert (response.status_code, set(decided)) == (201, DECIDED)
    assert (decided["reviewer"], decided["outcome"], decided["answer"]) == ("erp", "recorded", YES)
    assert server.states() == {"t1": "applying", "t2": "waiting"}
    recorded = server.desk.decision(decided["id"])
    assert (recorded.reviewer.source, recorded.comment) == ("token", "goods received")


def test_a_review_may_be_named_by_its_id(server):
    server.pause("t", "Approve?")
    server.desk.scan()
    [review] = server.get("/reviews").json()["reviews"]

    assert server.post({"review": review["id"], "answer": YES, "raw": True}).json()["review"] == review["id"]


def test_a_decision_can_be_followed_to_its_outcome(server):
    server.pause("t", {"order_id": 4711})
    response = server.post({"key": {"order_id": 4711}, "answer": YES, "raw": True})

    before = server.get(response.headers["Location"].removeprefix("/api"))
    server.deliver()
    after = server.get(response.headers["Location"].removeprefix("/api"))

    assert (before.json()["outcome"], after.json()["outcome"]) == ("recorded", "applied")
    assert server.answers() == {"t": YES}


def test_a_request_may_wait_for_the_outcome_and_blocks_nobody_meanwhile(server):
    server.pause("t", {"order_id": 4711})
    with server.client, ThreadPoolExecutor() as others:
        waiting = others.submit(server.post, {"key": {"order_id": 4711}, "answer": YES, "raw": True, "wait": 30})
        while not server.recorded():
            time.sleep(0.01)
        assert server.get("/reviews").status_code == 200
        assert not waiting.done()
        server.deliver()

        assert waiting.result(timeout=60).json()["outcome"] == "applied"


def test_a_wait_ends_when_its_time_is_over(server):
    server.pause("t", {"order_id": 4711})

    assert (
        server.post({"key": {"order_id": 4711}, "answer": YES, "raw": True, "wait": 0.3}).json()["outcome"]
        == "recorded"
    )


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "patch", "options"])
def test_nothing_but_a_post_decides(server, method):
    server.pause("t", {"order_id": 4711})

    response = server.client.request(
        method,
        "/decisions",
        params={"key": "order_id=4711", "answer": "true", "token": ERP},
        headers={"Authorization": f"Bearer {ERP}"},
    )

    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert server.recorded() == 0


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer ü".encode()},
        {"Authorization": f"Bearer {fingerprint(ERP)}"},
        {"Authorization": f"Basic {ERP}"},
        {"Authorization": ERP},
        {"Cookie": f"token={ERP}; Authorization=Bearer {ERP}; _streamlit_user=erp"},
        {"X-Forwarded-User": "erp"},
    ],
)
def test_without_a_known_token_nothing_is_read_or_decided(server, headers):
    server.pause("t", {"order_id": 4711})

    body = {"key": {"order_id": 4711}, "answer": YES, "raw": True}
    responses = [server.client.post(f"/decisions?token={ERP}", json=body, headers=headers)]
    responses += [server.client.get(path, headers=headers) for path in ("/reviews", "/decisions/any")]

    assert [(response.status_code, response.headers["WWW-Authenticate"]) for response in responses] == [
        (401, "Bearer")
    ] * 3
    assert server.recorded() == 0


def test_a_desk_without_tokens_says_how_the_api_is_switched_on(tmp_path):
    server = Server(tmp_path, tokens=())

    response = server.post({"key": {"order_id": 4711}, "answer": YES})

    assert response.status_code == 403
    assert "run `signoff token NAME`" in error(response)["message"]
    server.desk.close()


def test_a_request_that_is_sent_again_is_told_the_same_decision(server):
    server.pause("t", {"order_id": 4711})
    body = {"key": {"order_id": 4711}, "answer": YES, "raw": True}

    first, again, later = (
        server.post(body | {"wait": wait}, headers={"Idempotency-Key": "message-1"}) for wait in (0, 0, 0.1)
    )

    assert (first.status_code, again.status_code, later.status_code) == (201, 200, 200)
    assert first.json() == again.json() == later.json()
    assert server.recorded() == 1


@pytest.mark.parametrize("other", [{"answer": {"approved": False}}, {"answer": {"approved": 1}}, {"comment": "no"}])
def test_an_idempotency_key_stands_for_one_request_only(server, other):
    server.pause("t", {"order_id": 4711})
    body = {"key": {"order_id": 4711}, "answer": YES, "raw": True}
    server.post(body, headers={"Idempotency-Key": "message-1"})

    response = server.post(body | other, headers={"Idempotency-Key": "message-1"})

    assert (response.status_code, error(response)["type"]) == (422, "RequestKeyUsed")
    assert server.recorded() == 1


def test_idempotency_keys_of_two_programs_are_two(server):
    for order in (1, 2):
        server.pause(f"t{order}", {"order_id": order})

    responses = [
        server.post(
            {"key": {"order_id": order}, "answer": YES, "raw": True}, token=token, headers={"Idempotency-Key": "1"}
        )
        for order, token in ((1, ERP), (2, SHOP))
    ]

    assert [response.status_code for response in responses] == [201, 201]


def test_a_refused_request_leaves_its_key_free(server):
    headers = {"Idempotency-Key": "message-1"}
    body = {"key": {"order_id": 4711}, "answer": YES, "raw": True}

    early = server.post(body, headers=headers)
    server.pause("t", {"order_id": 4711})
    again = server.post(body, headers=headers)

    assert (early.status_code, again.status_code) == (404, 201)


def test_a_key_used_by_two_requests_at_once_makes_one_decision(server):
    """Both have found the key free when the first is recorded."""
    for order in (1, 2):
        server.pause(f"t{order}", {"order_id": order})
    server.desk.scan()
    both_have_looked = threading.Barrier(2)
    store = server.desk.database.idempotency
    look = store.decision_of

    def look_together(**request):
        found = look(**request)
        if not server.recorded():
            both_have_looked.wait(timeout=60)
        return found

    store.decision_of = look_together
    bodies = [{"key": {"order_id": order}, "answer": YES, "raw": True} for order in (1, 2)]
    with server.client, ThreadPoolExecutor() as together:
        sent = [together.submit(server.post, body, headers={"Idempotency-Key": "one"}) for body in bodies]

    assert sorted(response.result().status_code for response in sent) == [201, 422]
    assert server.recorded() == 1
    assert sorted(server.states().values()) == ["applying", "waiting"]


def test_the_same_message_many_times_at_once_makes_one_decision(server):
    server.pause("t", {"order_id": 4711})
    body = {"key": {"order_id": 4711}, "answer": YES, "raw": True}

    with server.client, ThreadPoolExecutor(8) as together:
        sent = [together.submit(server.post, body, headers={"Idempotency-Key": "one"}) for _ in range(8)]
    responses = [response.result() for response in sent]

    assert sorted(response.status_code for response in responses) == [200] * 7 + [201]
    assert len({response.json()["id"] for response in responses}) == 1


def test_the_same_message_twice_at_once_is_told_what_the_first_did_though_another_question_carries_its_key_now(server):
    server.pause("t1", {"order_id": 4711})
    body = {"key": {"order_id": 4711}, "answer": YES, "raw": True}
    look, first = server.desk.database.idempotency.decision_of, []

    def overtaken(**request):
        found = look(**request)
        if not first:  # the other delivery goes all its way in this moment
            first.append(None)
            first.append(server.post(body, headers={"Idempotency-Key": "one"}))
            server.pause("t2", {"order_id": 4711}, shape={"type": "integer"})
            server.desk.scan()
        return found

    server.desk.database.idempotency.decision_of = overtaken
    second = server.post(body, headers={"Idempotency-Key": "one"})

    assert (first[1].status_code, second.status_code) == (201, 200)
    assert first[1].json()["id"] == second.json()["id"]


def test_a_list_is_asked_for_no_row_that_no_database_could_count_to(server):
    assert server.get("/reviews?offset=9223372036854775807").status_code == 400
    assert server.get("/reviews?offset=2147483648").json()["reviews"] == []


DEEP = functools.reduce(lambda inner, _: [inner], range(253), [])
"""254 levels: an answer that LangGraph stores and then cannot put into a state."""

REFUSED = [
    ({"key": {"order_id": 1}, "answer": YES}, 404, "NoReviewCarries", "No waiting review carries order_id=1"),
    ({"review": "0" * 16, "answer": YES}, 404, "ReviewNotFound", "no review"),
    (
        {"key": {"customer": "ACME"}, "answer": YES},
        409,
        "ManyReviewsCarry",
        "Several waiting reviews carry customer=ACME",
    ),
    ({"key": {"order_id": 4711}, "answer": YES, "seen": "0" * 64}, 409, "ReviewChanged", "has changed"),
    ({"key": {"order_id": 4711}, "answer": {"approved": "maybe"}}, 422, "InvalidAnswer", "approved"),
    (
        {"key": {"order_id": 4711}, "answer": {"approved": True, "n": 2**80}, "raw": True},
        422,
        "InvalidAnswer",
        "64 bits",
    ),
    ({"answer": YES}, 400, "RequestUnreadable", "give either review"),
    ({"key": {}, "answer": YES}, 400, "RequestUnreadable", "give either review"),
    ({"key": {"a": 1}, "review": "x", "answer": YES}, 400, "RequestUnreadable", "give either review"),
    ({"key": {"order_id": [4711]}, "answer": YES}, 400, "RequestUnreadable", "key.order_id"),
    ({"key": {"order_id": 4711}}, 400, "RequestUnreadable", "answer: Field required"),
    ({"key": {"order_id": 4711}, "answer": YES, "as": "Ada"}, 400, "RequestUnreadable", "as: Extra inputs"),
    ({"key": {"order_id": 4711}, "answer": YES, "wait": 31}, 400, "RequestUnreadable", "wait"),
    ({"key": {"order_id": 4711}, "answer": YES, "comment": "\ud800"}, 400, "RequestUnreadable", "comment"),
    ({"review": "\ud800", "answer": YES}, 400, "RequestUnreadable", "half of a character"),
    ({"key": {"\ud800": 1}, "answer": YES}, 400, "RequestUnreadable", "half of a character"),
    ({"key": {"order_id": "\ud800"}, "answer": YES}, 400, "RequestUnreadable", "half of a character"),
    ({"review": "a", "seen": "\ud800", "answer": YES}, 400, "RequestUnreadable", "half of a character"),
    ({"key": {"order_id": 4711}, "answer": {"\ud800": 1}, "raw": True}, 422, "InvalidAnswer", "half of a character"),
    ({"key": {"order_id": 4711}, "answer": DEEP, "raw": True}, 422, "InvalidAnswer", "deeper than 200 levels"),
    ([], 400, "RequestUnreadable", "request"),
]


@pytest.mark.parametrize(("body", "status", "kind", "says"), REFUSED)
def test_what_cannot_be_done_is_refused_with_a_status_a_type_and_a_sentence(server, body, status, kind, says):
    server.pause("t1", {"order_id": 4711, "customer": "ACME"}, shape=SHAPE)
    server.pause("t2", {"order_id": 4712, "customer": "ACME"}, shape=SHAPE)

    response = server.post(content=json.dumps(body))

    assert (response.status_code, error(response)["type"]) == (status, kind)
    assert says in error(response)["message"]
    assert server.recorded() == 0


def test_an_answer_to_what_has_changed_is_told_what_is_different(server):
    server.pause("t", {"order_id": 4711, "amount": 250})
    server.desk.scan()
    [review] = server.get("/reviews").json()["reviews"]
    server.desk.database.shown.keep(review["id"], "0" * 64, {"payload": {"order_id": 4711}, "schema": None})

    response = server.post({"review": review["id"], "answer": YES, "seen": "0" * 64})

    assert response.status_code == 409
    assert error(response)["changes"] == [{"path": ["payload", "amount"], "how": "added", "after": 250}]
    assert server.recorded() == 0


def test_an_answer_that_does_not_fit_is_refused_with_its_paths(server):
    server.pause("t", {"order_id": 4711}, shape=SHAPE)

    response = server.post({"key": {"order_id": 4711}, "answer": {"approved": "maybe"}})

    assert [problem["path"] for problem in error(response)["problems"]] == [["approved"]]


def test_the_second_answer_is_told_who_was_first(server):
    server.pause("t", {"order_id": 4711})
    review = server.find(order_id=4711)
    server.post({"review": review.id, "answer": YES, "raw": True}, token=SHOP)

    response = server.post({"review": review.id, "answer": YES, "raw": True})

    assert (response.status_code, error(response)["type"], error(response)["reviewer"]) == (
        409,
        "AlreadyDecided",
        "shop",
    )


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"answer": NaN}', b"[" * 200_000, b"1" * 10_000])
def test_a_body_that_is_no_json_is_refused(server, body):
    response = server.post(content=body)

    assert (response.status_code, error(response)["type"]) == (400, "RequestUnreadable")


@pytest.mark.parametrize("depth", [50, 200, 900, 5_000])
def test_an_answer_however_deep_is_taken_or_refused_but_never_an_accident(server, depth):
    server.pause("t", {"order_id": 4711})
    body = f'{{"key": {{"order_id": 4711}}, "raw": true, "answer": {"[" * depth}{"]" * depth}}}'

    assert server.post(content=body).status_code in (201, 400, 422)


def test_a_body_that_is_too_large_is_refused_before_it_is_read_to_its_end(server):
    sent = []

    def endless():
        for _ in range(50):
            sent.append(100_000)
            yield b" " * 100_000

    assert server.post(content=endless()).status_code == 413
    assert server.post(content=b" " * 1_000_001).status_code == 413


def test_a_token_may_be_used_so_many_times_a_minute(tmp_path):
    server = Server(tmp_path, per_minute=3)

    responses = [server.get("/reviews") for _ in range(4)]

    assert [response.status_code for response in responses] == [200, 200, 200, 429]
    assert 1 <= int(responses[-1].headers["Retry-After"]) <= 20
    assert server.get("/reviews", token=SHOP).status_code == 200
    server.desk.close()


def test_a_token_can_be_used_again_when_its_time_has_come():
    clock = iter([0.0, 0.0, 0.0, 1.0, 59.0, 60.0, 60.0]).__next__
    gate = Gate(Api(tokens=({"name": "erp", "sha256": fingerprint(ERP)},), per_minute=1), clock=clock)

    gate.enter(f"Bearer {ERP}")
    for left in (60, 59, 1):
        with pytest.raises(TooManyRequests) as refused:
            gate.enter(f"Bearer {ERP}")
        assert refused.value.retry_after == left
    assert gate.enter(f"Bearer {ERP}").name == "erp"


def test_a_program_that_works_off_the_queue_meets_each_review_once(server):
    for number in range(7):
        server.pause(f"t{number}", {"order_id": number})
    server.desk.scan()
    met, after = [], ""

    while page := server.get(f"/reviews?state=waiting&limit=3{after}").json()["reviews"]:
        for review in page:
            server.post({"review": review["id"], "answer": YES, "raw": True})
        met += [review["thread_id"] for review in page]
        after = f"&after={page[-1]['id']}"

    assert met == [f"t{number}" for number in range(7)]
    assert error(server.get("/reviews?after=0123456789abcdef"))["type"] == "ReviewNotFound"
    assert server.get("/reviews?after=%00").status_code == 400


def test_the_queue_is_listed_as_the_command_line_lists_it(server):
    for order in range(3):
        server.pause(f"t{order}", {"order_id": order, "title": f"Order {order}?"})
    server.desk.scan()

    listed = server.get("/reviews?search=order&limit=2&offset=1&state=waiting&state=failed").json()

    assert listed["total"] == 3
    assert [(review["thread_id"], review["title"]) for review in listed["reviews"]] == [
        ("t1", "Order 1?"),
        ("t2", "Order 2?"),
    ]


def test_the_queue_is_narrowed_by_what_it_is_narrowed_by_elsewhere(server):
    server.pause("a", {"order_id": 1, "priority": "high", "tags": ["eu"]})
    server.pause("b", {"order_id": 2, "priority": "low", "tags": ["us"]})
    server.desk.scan()

    def found(asked):
        return {review["thread_id"] for review in server.get(f"/reviews?{asked}").json()["reviews"]}

    assert found("priority=high") == found("tag=eu") == found("key=order_id%3D1") == {"a"}
    assert found("assignee=@none&sort=newest") == {"a", "b"}
    assert found("older=1h") == found("node=elsewhere") == set()


def test_what_is_snoozed_is_listed_when_it_is_asked_for(server):
    server.pause("later", {"order_id": 1, "follow_up_at": "2999-01-01T00:00:00Z"})
    server.pause("now", {"order_id": 2})
    server.desk.scan()

    def found(asked):
        return {review["thread_id"] for review in server.get(f"/reviews{asked}").json()["reviews"]}

    assert found("") == found("?snoozed=no") == {"now"}
    assert found("?snoozed=also") == {"later", "now"}
    assert found("?snoozed=only") == {"later"}


@pytest.mark.parametrize(
    "wrong", ["limit=0", "limit=x", "snoozed=true", "state=open", "keys=a", "older=soon", "due=someday"]
)
def test_a_list_that_cannot_be_made_is_refused(server, wrong):
    assert server.get(f"/reviews?{wrong}").status_code == 400


@pytest.mark.parametrize("path", ["/decisions/unknown", "/decisions/", "/reviews/", "/nothing"])
def test_what_is_not_there_is_not_found_in_json(server, path):
    assert server.get(path).status_code == 404
    assert error(server.get(path))["message"]


def test_a_database_that_does_not_answer_is_told_as_such(server, monkeypatch):
    def locked(*_):
        raise BackendUnavailable("The checkpoint database stayed locked. Try again.")

    monkeypatch.setattr(server.desk.checkpoints, "changes", locked)

    response = server.post({"key": {"order_id": 4711}, "answer": YES})

    assert (response.status_code, error(response)["type"]) == (503, "BackendUnavailable")


def test_no_answer_may_be_kept_by_a_cache_or_read_by_another_site(server):
    response = server.client.get(
        "/reviews", headers={"Authorization": f"Bearer {ERP}", "Origin": "https://evil.example"}
    )

    assert response.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in response.headers
