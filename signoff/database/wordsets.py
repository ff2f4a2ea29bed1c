"""The words of open reviews on SQLite: which reviews have a word, and which words there are, to find those with a part.

For what nearly every review has, the index of trigrams (`signoff.database.search`) goes through a list as long as the
queue for each trigram of a term, place by place; this one through one list for each word, without places. A word is a
run of letters, so a term of letters is in a text just where it is in one of the text's words. Chinese and Japanese do
not part words, and numbers are too many to go through: of these the index has any two neighbouring characters, and of
all each character by itself, for a term that is no more.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

import sqlalchemy as sa

_SETS = sa.table("wordsets", sa.column("wordsets"), sa.column("rowid"))
_BY_PART = "SELECT word FROM words_parts WHERE words_parts MATCH ? LIMIT ?"
_BY_LETTERS = "SELECT word FROM words_known WHERE instr(word, ?) > 0 LIMIT ?"
_FORGET = "DELETE FROM words_known WHERE word = ? AND NOT EXISTS (SELECT 1 FROM wordsets WHERE wordsets MATCH ?)"

_LETTER = "[a-z\u00df-\u052f]"  # Latin, Greek and Cyrillic, folded
_UNPARTED = "[0-9\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]"  # numbers, and what writes no spaces between words
_RUNS, _UNPARTED_RUNS = re.compile(f"{_LETTER}+"), re.compile(f"{_UNPARTED}{{2,}}")
_CHARACTER = re.compile(f"{_UNPARTED}|{_LETTER}")
_PIECE = re.compile(f"{_UNPARTED}{{1,2}}|{_LETTER}")
_MOST = 16  # words with a term, of which the lists are read at once
_SHORTEST = 3  # characters of a trigram
_LONGEST = 8_000  # characters of these; FTS5 cuts a word off after 32,768 bytes


def words_of(text: str) -> set[str]:
    """Return the different words of a folded text."""
    return set(_RUNS.findall(text))


def pieces_of(text: str) -> set[str]:
    """Return the characters of a folded text, and the pairs of those that no word holds."""
    pairs = (run[at : at + 2] for run in _UNPARTED_RUNS.findall(text) for at in range(len(run) - 1))
    return {*_CHARACTER.findall("".join({*text})), *pairs}


def having(connection: sa.Connection, terms: Iterable[str]) -> dict[str, list[str]]:
    """Return what the index has of each folded term, for those that it knows: the term, or the words it is in."""
    found = {term: _around(connection, term) for term in terms if _PIECE.fullmatch(term) or _RUNS.fullmatch(term)}
    return {term: words for term, words in found.items() if len(words) <= _MOST and len("".join(words)) <= _LONGEST}


def _around(connection: sa.Connection, term: str) -> list[str]:
    if _PIECE.fullmatch(term):
        return [term]
    asking, part = (_BY_PART, f'"{term}"') if len(term) >= _SHORTEST else (_BY_LETTERS, term)
    return [row.word for row in connection.exec_driver_sql(asking, (part, _MOST + 1))]


def finding(held: Mapping[str, Sequence[str]]) -> sa.Select[tuple[int]]:
    """Return the ``seq`` of open reviews that have, for every term, one of the words it is in."""
    if not all(held.values()):
        return sa.select(_SETS.c.rowid.label("seq")).where(sa.false())
    asked = " AND ".join("(" + " OR ".join(f'"{word}"' for word in words) + ")" for words in held.values())
    return sa.select(_SETS.c.rowid.label("seq")).where(_SETS.c.wordsets.match(asked))


def learn(connection: sa.Connection, texts: Collection[tuple[int, str]]) -> None:
    """Put reviews, each its ``seq`` and folded text, into the index."""
    rows, words = _lists(texts)
    connection.exec_driver_sql("INSERT INTO wordsets (rowid, pieces) VALUES (?, ?)", rows)
    if words:
        connection.exec_driver_sql("INSERT OR IGNORE INTO words_known (word) VALUES (?)", [(word,) for word in words])


def unlearn(connection: sa.Connection, texts: Collection[tuple[int, str]]) -> None:
    """Take reviews out of the index, with the text that they were put in with, and words that no other has."""
    rows, words = _lists(texts)
    connection.exec_driver_sql("INSERT INTO wordsets (wordsets, rowid, pieces) VALUES ('delete', ?, ?)", rows)
    if words:
        connection.exec_driver_sql(_FORGET, [(word, f'"{word}"') for word in words])


def _lists(texts: Collection[tuple[int, str]]) -> tuple[list[tuple[int, str]], list[str]]:
    """Return what the index has of each review, and all words that a part can be looked for in."""
    sets = {seq: (words_of(text), pieces_of(text)) for seq, text in texts}
    rows = [(seq, " ".join(sorted(words | pieces))) for seq, (words, pieces) in sorted(sets.items())]
    return rows, sorted({word for words, _ in sets.values() for word in words if len(word) > 1})


def clear(connection: sa.Connection) -> None:
    """Empty the index."""
    connection.execute(sa.insert(_SETS).values(wordsets="delete-all"))
    connection.exec_driver_sql("DELETE FROM words_known")
