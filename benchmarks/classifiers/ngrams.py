"""Texts as feature numbers of a CountVectorizer, fast for many variants of one long text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

WORD = re.compile(r"(?u)\b\w\w+\b")  # CountVectorizer's default


class NGrams:
    """The n-grams of a fitted vocabulary as a trie over word numbers.

    A node of depth w is the beginning, w words long, of some n-gram; its children are found by
    the key `node * n_words + word`. Invariant: `features` finds in a text exactly the n-grams
    that CountVectorizer finds, at the word where they begin.

    Args:
        vocabulary: n-gram (words joined by one space) to feature.
        widest: the longest n-gram's words.
    """

    def __init__(self, vocabulary: Mapping[str, int], widest: int) -> None:
        grams = [(tuple(gram.split(" ")), feature) for gram, feature in vocabulary.items()]
        words = sorted({word for gram, _ in grams for word in gram})
        self._number = {word: number for number, word in enumerate(words)}
        self._keys: list[Ints] = []  # by depth, from 2 on
        self._feature: list[Ints] = []  # by depth, from 1 on: of each node, or -1
        node: dict[tuple[str, ...], int] = {(w,): n for w, n in self._number.items()}
        for depth in range(1, widest + 1):
            if depth > 1:
                prefixes = {gram[:depth] for gram, _ in grams if len(gram) >= depth}
                key = {p: node[p[:-1]] * len(words) + self._number[p[-1]] for p in prefixes}
                order = sorted(key, key=key.__getitem__)
                self._keys.append(np.array([key[p] for p in order], dtype=np.int64))
                node = {prefix: number for number, prefix in enumerate(order)}
            feature = np.full(len(node), -1, dtype=np.int64)
            for gram, column in grams:
                if len(gram) == depth:
                    feature[node[gram]] = column
            self._feature.append(feature)

    def read(self, texts: Sequence[str]) -> Iterator[Ints]:
        """Word numbers of each text, -1 for words of no n-gram.

        No word spans white space, so each distinct stretch between spaces is read once.
        """
        known: dict[str, tuple[int, ...]] = {}
        for text in texts:
            pieces = text.split()
            for piece in set(pieces).difference(known):
                words = WORD.findall(piece.lower())
                known[piece] = tuple(self._number.get(word, -1) for word in words)
            numbers = chain.from_iterable(map(known.__getitem__, pieces))
            yield np.fromiter(numbers, dtype=np.int64)

    def features(self, words: Ints) -> Iterator[Ints]:
        """By width, the feature of the n-gram that begins at each word, or -1."""
        node = words
        for depth, feature in enumerate(self._feature, start=1):
            if depth > 1:
                node = node[: max(0, len(words) - depth + 1)]
                node = self._children(self._keys[depth - 2], node, words[depth - 1 :])
            yield _lookup(feature, node)

    def _children(self, keys: Ints, node: Ints, word: Ints) -> Ints:
        wanted = np.where((node < 0) | (word < 0), -1, node * len(self._number) + word)
        if not len(keys):
            return np.full(len(wanted), -1, dtype=np.int64)
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[place] == wanted, place, -1)


def _lookup(table: Ints, index: Ints) -> Ints:
    """`table[index]`, and -1 where the index is -1."""
    return np.append(table, -1)[index]
