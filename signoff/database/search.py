"""Full-text search over open reviews, in one place, by trigrams: SQLite's FTS5, a GIN index of arrays on PostgreSQL.

Trigrams find any part of a word, which is what people paste: half an id, the end of a compound, Chinese. They cost
three times the text. What is typed is never FTS syntax. On SQLite words have an index of their own (`wordsets`), and
what neither knows, like one sign, is looked for with LIKE. The index on PostgreSQL needs no extension: pg_trgm is
not on every server, and knows letters only as the server's language has them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from signoff.database import wordsets
from signoff.database.among import among
from signoff.database.tables import reviews

IS_OPEN: sa.ColumnElement[bool] = reviews.c.state != sa.literal_column("'closed'")
"""Word for word the condition of the partial indexes."""

_TEXTS = sa.select(reviews.c.seq, reviews.c.search).where(among(reviews.c.id, "review_ids")).order_by(reviews.c.seq)
_INDEX = sa.table("words", sa.column("words"), sa.column("rowid"), sa.column("search"))
_FOUND = sa.table("found", sa.column("seq", sa.Integer))
_KEPT = {
    few: seq.in_(sa.select(_FOUND.c.seq))
    for few, seq in ((True, reviews.c.seq), (False, sa.literal_column("+reviews.seq", sa.Integer)))
}
_LEARN = sa.insert(_INDEX).from_select(["rowid", "search"], _TEXTS)
_LEARNT = sa.select(reviews.c.seq, reviews.c.search).where(among(reviews.c.seq, "numbers"))
_UNLEARN = sa.insert(_INDEX).from_select(
    ["words", "rowid", "search"], _LEARNT.with_only_columns(sa.literal("delete"), *_LEARNT.selected_columns)
)

Found = sa.Select[tuple[int]]
"""The ``seq`` of reviews."""

_TERM = re.compile(r'"([^"]+)"|(\S+)')
_MARKS = re.compile("[\u0300-\u036f]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SHORTEST = 3  # characters of a trigram
_BRIEF = 6  # characters of a word whose trigrams cost less than to bring two indexes together
_FEW = 500  # reviews of which the texts are read at once
_LONGEST = 500  # characters of a search that are looked at


def folded(text: str) -> str:
    """Return text without regard to case, accents and width: as it is indexed, and as it is looked for."""
    if not text.isascii():
        encodable = text.encode("utf-8", "ignore").decode()
        text = _MARKS.sub("", unicodedata.normalize("NFKD", encodable.casefold())).casefold()
    return _CONTROL.sub(" ", text.lower())


def terms_of(search: str) -> list[str]:
    """Return the folded words and quoted phrases of a search."""
    found = (phrase or word for phrase, word in _TERM.findall(folded(search[:_LONGEST])))
    return [term.strip() for term in found if term.strip()]


def containing(search: str, seq: sa.ColumnElement[int], dialect: str) -> sa.ColumnElement[bool]:
    """Return the condition that an open review contains every term of a search.

    What is found is a table of its own (a CTE), so that a statement which uses the condition twice searches once.
    """
    terms = terms_of(search)
    indexed = [term for term in terms if len(term) >= _SHORTEST]
    short = [_has(term) for term in terms if term not in indexed]
    if not indexed:
        return sa.and_(sa.true(), *short)
    found = (_by_fts if dialect == "sqlite" else _by_gin)(indexed).cte().prefix_with("MATERIALIZED")
    return sa.and_(seq.in_(sa.select(found.c.seq)), *short)


def _has(term: str) -> sa.ColumnElement[bool]:
    return reviews.c.search.contains(term, autoescape=True)


def _by_fts(terms: Sequence[str]) -> sa.Select[tuple[int]]:
    quoted = " ".join('"' + term.replace('"', '""') + '"' for term in terms)
    return sa.select(_INDEX.c.rowid.label("seq")).where(_INDEX.c.words.match(quoted))


def _by_gin(terms: Sequence[str]) -> sa.Select[tuple[int]]:
    """Find the reviews that have all trigrams of the terms, and of those the ones that have the terms."""
    trigrams = sorted({term[at : at + 3] for term in terms for at in range(len(term) - 2)})
    sought = sa.cast(sa.bindparam(None, trigrams, ARRAY(sa.Text)), ARRAY(sa.Text))
    candidates = sa.func.signoff_trigrams(reviews.c.search).bool_op("@>")(sought)
    return sa.select(reviews.c.seq).where(IS_OPEN, candidates, *(_has(term) for term in terms))


@lru_cache(maxsize=256)
def containing_unindexed(search: str) -> sa.ColumnElement[bool]:
    """Return the same condition for reviews of any state, closed ones too, which the index does not hold."""
    return sa.and_(sa.true(), *map(_has, terms_of(search)))


def count(connection: sa.Connection, found: Found) -> int:
    """Return how many open reviews a search finds."""
    return connection.execute(sa.select(sa.func.count()).select_from(found.subquery())).scalar_one()


def keep(connection: sa.Connection, found: Found, most: int | None = None) -> int:
    """Keep what a search finds, at ``most`` so many, for `kept` in the same transaction; return how many. On SQLite."""
    connection.execute(sa.delete(_FOUND))
    return connection.execute(sa.insert(_FOUND).from_select(["seq"], found.limit(most))).rowcount


def kept(*, few: bool) -> sa.ColumnElement[bool]:
    """Return the condition that a review was kept; with ``few``, SQLite begins with those and sorts."""
    return _KEPT[few]


def finding(connection: sa.Connection, search: str) -> Found:
    """Return what finds the open reviews that contain every term, on SQLite.

    By words where that can be, else by trigrams; texts are read where these find little, or cannot tell.
    """
    terms = dict.fromkeys(terms_of(search))
    held = wordsets.having(connection, terms)
    if any(len(term) >= _SHORTEST for term in terms if term not in held):
        held = {term: words for term, words in held.items() if not _SHORTEST <= len(term) <= _BRIEF}
    parts = [term for term in terms if term not in held and len(term) >= _SHORTEST]
    unsure = [term for term in terms if term not in held and term not in parts]
    indexes = [_by_fts(parts)] * bool(parts) + [wordsets.finding(held)] * bool(held)
    return _narrowed(connection, indexes, [*terms], unsure) if len(indexes) != 1 or unsure else indexes[0]


def _narrowed(connection: sa.Connection, indexes: list[Found], terms: list[str], unsure: list[str]) -> Found:
    """Return what one index finds, narrowed by another or by reading texts for what neither is sure of."""
    for one in indexes:
        few = connection.execute(one.limit(_FEW + 1)).scalars().all()
        if len(few) <= _FEW:
            return sa.select(reviews.c.seq).where(reviews.c.seq.in_(few), *map(_has, terms))
    if len(indexes) > 1:
        indexes = [indexes[0].where(sa.literal_column("+words.rowid").in_(indexes[1]))]
    if not unsure:
        return indexes[0]
    seq = sa.literal_column("+reviews.seq", sa.Integer)
    return sa.select(reviews.c.seq).where(IS_OPEN, *map(_has, unsure), *(seq.in_(one) for one in indexes))


def learn(connection: sa.Connection, review_ids: Collection[str]) -> None:
    """Put the texts of these reviews into the index."""
    if review_ids and connection.dialect.name == "sqlite":
        asked = {"review_ids": list(review_ids)}
        connection.execute(_LEARN, asked)
        wordsets.learn(connection, _texts(connection, _TEXTS, asked))


def unlearn(connection: sa.Connection, numbers: Collection[int]) -> None:
    """Take these reviews out of the index, while their rows still say what was indexed."""
    if numbers and connection.dialect.name == "sqlite":
        asked = {"numbers": list(numbers)}
        connection.execute(_UNLEARN, asked)
        wordsets.unlearn(connection, _texts(connection, _LEARNT, asked))


def _texts(
    connection: sa.Connection, query: sa.Select[tuple[int, str]], asked: Mapping[str, object]
) -> list[tuple[int, str]]:
    return [(row.seq, row.search) for row in connection.execute(query, asked)]


def clear(connection: sa.Connection) -> None:
    """Empty the index."""
    if connection.dialect.name == "sqlite":
        connection.execute(sa.insert(_INDEX).values(words="delete-all"))
        wordsets.clear(connection)
