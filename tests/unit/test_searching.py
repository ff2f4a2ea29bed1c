"""A search finds the same by words, by trigrams and by reading texts, however much it finds, on every page."""

import random
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import databases
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from signoff.database import Database, paging, search, wordsets
from signoff.database.reviews import Projected
from signoff.database.search import folded, terms_of
from signoff.reviews import Kind, Query, Review, Sort, State, review_id

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
EVERYWHERE = "approve payment"
OFTEN = ["customer", "Rückzahlung", "東京支店", "straße", "repayment", "Оплата"]
SELDOM = [
    "sequence",
    "100%",
    "a_b",
    "*bold*",
    '[x]? "said"',
    "支払",
    "zz",
    "naïve",
    "İstanbul",
    "ﬁne",
    "🙂",
    "o'neil",
    "ΣΑΣ",
]
DICE = random.Random(7)
CORPUS = [
    " ".join([f"txn-{number:03}", EVERYWHERE, *DICE.sample(OFTEN, 4), *DICE.sample(SELDOM, 1)]) for number in range(40)
]
SEARCHES = [
    *("payment", "approve payment", "pay", "e", "eq", "zz", "a", "customer repayment", "seque", "МЕ ОПЛАТА", "оплат"),
    *("東京", "京支", "東", "東京支", "東京支店", "支払 payment", "STRASSE ruckzahlung", "naive", "istanbul", "σας"),
    *(
        "txn-0",
        "txn-01 payment",
        "txn-007 customer",
        "-0 customer",
        "0 e",
        "00 店",
        "3",
        "38 payment e",
        "no such",
        "customer no",
        '"approve payment"',
    ),
    *(
        '"payment customer"',
        '"t a"',
        '"payment',
        "100%",
        "%",
        "0%",
        "a_b",
        "_",
        "*",
        "*bold* approve",
        "pay*",
        "[x]",
        "?",
    ),
    *('"said', "🙂 e", "o'neil", "'", "fine", "NOT payment", "payment OR customer", "words:payment", "^approve", ""),
]


def projected(number, text):
    thread = f"t{number}"
    review = Review(
        id=review_id(thread, "q"),
        thread_id=thread,
        checkpoint_id=f"c{number}",
        kind=Kind.INTERRUPT,
        state=State.WAITING,
        title=text[:7],
        paused_at=NOW - timedelta(hours=number * 7 % 40),
        graph="even" if number % 2 == 0 else "odd",
    )
    return Projected(review=review, search=text)


@pytest.fixture(scope="module", params=databases.BOTH)
def store(request, tmp_path_factory):
    with databases.desk(request, tmp_path_factory.mktemp("searching")) as database:
        database.reviews.project([f"t{n}" for n in range(40)], [projected(n, text) for n, text in enumerate(CORPUS)])
        yield database.reviews


@pytest.fixture
def desk(tmp_path):
    with closing(Database(f"sqlite:///{tmp_path / 'desk.db'}")) as database:
        yield database


def expected(query):
    terms = terms_of(query.search)
    ordered = {Sort.OLDEST: lambda r: (r.paused_at, r.id), Sort.TITLE: lambda r: (r.title, r.id)}[query.sort]
    found = [projected(n, t).review for n, t in enumerate(CORPUS) if all(term in folded(t) for term in terms)]
    return sorted((r for r in found if query.graph in (None, r.graph)), key=ordered)


def agrees(store, query):
    page, wanted = store.page(query), expected(query)
    assert [r.id for r in page.reviews] == [r.id for r in wanted[query.offset : query.offset + query.limit]]
    assert page.total == len(wanted)


WAYS = [
    {},
    {"most": 0},  # no words: trigrams, and texts for what is shorter
    {"few": 0},  # no texts where an index finds few
    {"few": 5, "much": 10, "near": 3},
    {"most": 1, "few": 0, "much": 1},
    {"longest": 6, "few": 2, "much": 1},
    {"few": 0, "brief": 0, "much": 5},  # both indexes, whatever the word
]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_every_search_finds_the_same_every_way_on_every_page(store, monkeypatch, way):
    take(monkeypatch, **way)

    for text, offset, (graph, sort) in product(SEARCHES, (0, 3, 15), ((None, Sort.OLDEST), ("odd", Sort.TITLE))):
        agrees(store, Query(search=text, offset=offset, limit=4, graph=graph, sort=sort))


def take(monkeypatch, *, most=16, few=500, much=2_000, near=500, longest=8_000, brief=6):
    monkeypatch.setattr(wordsets, "_MOST", most)
    monkeypatch.setattr(wordsets, "_LONGEST", longest)
    monkeypatch.setattr(search, "_FEW", few)
    monkeypatch.setattr(search, "_BRIEF", brief)
    monkeypatch.setattr(paging, "_MUCH", much)
    monkeypatch.setattr(paging, "_NEAR", near)


PIECES = sorted({piece for text in CORPUS for word in text.split() for piece in (word, word[:2], word[1:], word[-3:])})
searches = st.lists(st.sampled_from(PIECES) | st.text(max_size=2), min_size=1, max_size=4)


@settings(max_examples=200, deadline=None)
@given(searches, st.sampled_from(WAYS), st.integers(0, 20), st.sampled_from([Sort.OLDEST, Sort.TITLE]), st.booleans())
def test_any_pieces_of_texts_are_found_every_way(store, pieces, way, offset, sort, quoted):
    text = " ".join(pieces)
    with pytest.MonkeyPatch.context() as monkeypatch:
        take(monkeypatch, **way)
        agrees(store, Query(search=f'"{text}"' if quoted else text, offset=offset, limit=5, sort=sort))


@pytest.mark.parametrize(
    ("text", "few", "asked"),
    [
        ("payment customer", 500, {"wordsets"}),
        ("eq", 500, {"wordsets"}),
        ("支店", 500, {"wordsets"}),
        ("店", 0, {"wordsets"}),
        ("e", 0, {"wordsets"}),
        ("payment e 0 00", 0, {"wordsets"}),
        ("txn-0", 500, {"words"}),
        ('"approve payment"', 500, {"words"}),
        ("txn-007 payment", 500, {"words"}),
        ("txn- payment", 0, {"words", "wordsets"}),
        ("txn- approv", 0, {"words"}),
        ("-0", 500, set()),
    ],
)
def test_what_is_asked_is_the_index_that_knows_it_best(desk, monkeypatch, text, few, asked):
    monkeypatch.setattr(search, "_FEW", few)
    said = []
    desk.reviews.project([f"t{n}" for n in range(40)], [projected(n, text) for n, text in enumerate(CORPUS)])
    sa.event.listen(desk.engine, "before_cursor_execute", lambda _, __, statement, *___: said.append(statement))

    desk.reviews.page(Query(search=text))

    assert {name for name in ("words", "wordsets") if any(f".{name} MATCH" in statement for statement in said)} == asked


def test_the_words_of_closed_and_changed_reviews_are_forgotten(desk):
    first, second = projected(1, "alpha Omega 東京都 4711 a"), projected(2, "beta omega Оплата 48 1 b")
    desk.reviews.project(["t1", "t2"], [first, second])
    assert known(desk) == {"alpha": 1, "omega": 2, "beta": 1, "оплата": 1}

    desk.reviews.project(["t1"], [replace(first, search="alpha gamma 71")])
    assert known(desk) == {"alpha": 1, "gamma": 1, "omega": 1, "beta": 1, "оплата": 1}

    desk.reviews.project(["t1"], [])
    assert known(desk) == {"omega": 1, "beta": 1, "оплата": 1}

    desk.reviews.clear()
    assert known(desk) == {}


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", set()),
        ("pay 480 -", {"p", "a", "y", "4", "8", "0", "48", "80"}),
        ("東京都7", {"東", "京", "都", "7", "東京", "京都", "都7"}),
        ("оп 4a", {"о", "п", "4", "a"}),
    ],
)
def test_pieces_are_characters_and_pairs_of_those_that_no_word_holds(text, pieces):
    assert wordsets.pieces_of(text) == pieces


def known(database):
    """Return each word of the index with the number of its reviews, and check that it has just what open texts have."""
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE VIRTUAL TABLE IF NOT EXISTS temp.said USING fts5vocab(main, wordsets, row)")
        counted = {row.term: row.doc for row in connection.exec_driver_sql("SELECT term, doc FROM temp.said")}
        words = {row[0] for row in connection.exec_driver_sql("SELECT word FROM words_known")}
        texts = connection.exec_driver_sql("SELECT search FROM reviews WHERE state != 'closed'").scalars().all()
        connection.exec_driver_sql("INSERT INTO words_parts (words_parts, rank) VALUES ('integrity-check', 1)")
    assert counted == Counter(one for text in texts for one in wordsets.words_of(text) | wordsets.pieces_of(text))
    assert words == {word for text in texts for word in wordsets.words_of(text) if len(word) > 1}
    return {word: counted[word] for word in words}


OLD = "CREATE VIRTUAL TABLE wordsets USING fts5(words, content='', detail=none, columnsize=0, tokenize='ascii')"


def test_an_older_desk_finds_single_characters_when_it_is_opened(tmp_path):
    texts = ["pay 48", "no 7", "pay 9", *["more"] * 1_000, "gone 5"]
    threads = [f"t{number}" for number in range(len(texts))]
    with closing(Database(f"sqlite:///{tmp_path / 'desk.db'}")) as older:
        older.reviews.project(threads, [projected(number, text) for number, text in enumerate(texts)])
        older.reviews.project(threads[-1:], [])
        with older.writing() as connection:
            connection.exec_driver_sql("DROP TABLE wordsets")
            connection.exec_driver_sql(OLD)
            connection.exec_driver_sql(
                "INSERT INTO wordsets (rowid, words) SELECT seq, substr(search, 1, 3) FROM reviews"
            )
            connection.exec_driver_sql("INSERT INTO words_known (word) VALUES ('東京')")
            connection.exec_driver_sql("UPDATE signoff_version SET version_num = '0001'")

    with closing(Database(older.url)) as again:
        assert known(again) == {"pay": 2, "no": 1, "more": 1_000}
        found = [again.reviews.page(Query(search=text)).total for text in ("p", "48", "7", "o", "pay", "5")]
        with again.writing() as connection, pytest.raises(sa.exc.OperationalError, match="no column named words"):
            connection.exec_driver_sql("INSERT INTO wordsets (rowid, words) VALUES (9999, 'the version before')")

    assert found == [2, 1, 1, 1_001, 2, 0]


def test_every_character_is_found_as_it_is_folded(desk):
    every = [chr(code) for code in range(33, 0x30000) if not 0xD800 <= code < 0xE000]
    texts = [folded("".join(every[at : at + 64])) for at in range(0, len(every), 64)]
    with desk.writing() as connection:
        wordsets.learn(connection, [*enumerate(texts)])
        for seq, text in enumerate(texts):
            for word in wordsets.words_of(text) | wordsets.pieces_of(text):
                assert seq in connection.execute(wordsets.finding({word: [word]})).scalars().all()
