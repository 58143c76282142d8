"""What the planner asks about words (``base.Vocabulary``)."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from search.contracts import DocumentType
from search.documents.physical import SURFACE, Column, physical_fields
from search.engines.elastic.connection import Connection
from search.engines.elastic.layout import WORDS
from search.engines.elastic.request import escaped
from search.engines.elastic.translate import Translator
from search.query.clauses import Clause

CANDIDATES = 50
KNOWN_SECONDS, UNKNOWN_SECONDS, REMEMBERED = 5.0, 0.5, 50_000
T = TypeVar("T")
# Completion looks at this many documents of each shard: enough to know the commonest words.
SAMPLE = 20_000


class Counted:
    """Counts of words, remembered by a process for a while: a word that isn't there yet for half a
    second, less than an index takes to show it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> int | None:
        """The count, if it is still good."""
        found = self._kept.get(key)
        return found[1] if found is not None and found[0] > time.monotonic() else None

    def keep(self, key: Hashable, count: int) -> None:
        """Remember a count."""
        until = time.monotonic() + (KNOWN_SECONDS if count else UNKNOWN_SECONDS)
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = (until, count)
            while len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)

    def forget(self) -> None:
        """After writing."""
        with self._lock:
            self._kept.clear()


class ElasticVocabulary:
    """The words of one physical index; ``sight``: the filters of the viewer."""

    def __init__(
        self,
        connection: Connection,
        doc_type: DocumentType,
        index: str,
        sight: Sequence[Clause],
        translator: Translator,
        counted: Counted | None = None,
    ) -> None:
        self._counted = counted or Counted()
        self.index = index
        self._connection = connection
        self._doc_type = doc_type
        self._sight = tuple(sight)
        self._translator = translator

    def frequencies(self, terms: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
        """In how many visible documents each token stands: exact."""
        found, missing = {}, []
        for term in dict.fromkeys(terms):
            count = self._counted.get((self.index, self._sight, term))
            if count is None:
                missing.append(term)
            else:
                found[term] = count
        if missing:
            counts = {
                str(number): {"filter": {"term": {field: token}}}
                for number, (field, token) in enumerate(missing)
            }
            for term, count in zip(missing, self._count(counts), strict=True):
                self._counted.keep((self.index, self._sight, term), count)
                found[term] = count
        return found

    def ahead(self, terms: Sequence[tuple[str, str]]) -> None:
        """One request for all that isn't remembered."""
        self.frequencies(terms)

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """Nothing tells when the index changes, so it is made each time."""
        return make()

    def together(self, groups: Sequence[Sequence[str]]) -> Sequence[int]:
        """How many visible documents have all tokens of each group, each in any field: exact."""
        if not groups:
            return []
        fields = physical_fields(self._doc_type)
        names = [one.name for one in fields if one.column is Column.TOKENS]
        counts: dict[str, Any] = {}
        for number, tokens in enumerate(groups):
            parts = [
                {"bool": {"should": [{"term": {name: token}} for name in names]}}
                for token in tokens
            ]
            counts[str(number)] = {"filter": {"bool": {"filter": parts}}}
        return self._count(counts)

    def _count(self, counts: dict[str, Any]) -> list[int]:
        sight = [self._translator.filter(one) for one in self._sight]
        answer = self._search(query={"bool": {"filter": sight}}, aggs=counts)
        found = answer["aggregations"]
        return [int(found[number]["doc_count"]) for number in counts]

    def similar(self, word: str, edits: int) -> Sequence[tuple[str, int, int]]:
        """Words of the index within ``edits``, nearest first, then the commonest."""
        options = {
            "field": SURFACE,
            "suggest_mode": "always",
            "max_edits": edits,
            "prefix_length": 0,
            "min_word_length": 1,
            "size": CANDIDATES,
            "shard_size": CANDIDATES,
            "max_term_freq": 1.0e9,
        }
        answer = self._search(suggest={"near": {"text": word, "term": options}})
        found = []
        for part in answer.get("suggest", {}).get("near", []):
            for option in part["options"]:
                away = distance(word, option["text"], edits)
                if 0 < away <= edits:
                    found.append((str(option["text"]), away, int(option["freq"])))
        return sorted(found, key=lambda one: (one[1], -one[2], one[0]))

    def completions(self, field: str, prefix: str, limit: int) -> Sequence[tuple[str, int]]:
        """Words that begin so, the commonest first (among the documents looked at)."""
        values = WORDS.get(field)
        if values is None or not prefix:
            return []
        counted = {
            "terms": {
                "field": values,
                "include": escaped(prefix) + ".*",
                "size": limit,
                "order": [{"_count": "desc"}, {"_key": "asc"}],
            }
        }
        answer = self._search(
            query={"prefix": {values: prefix}}, aggs={"words": counted}, terminate_after=SAMPLE
        )
        buckets = answer["aggregations"]["words"]["buckets"]
        return [(str(one["key"]), int(one["doc_count"])) for one in buckets]

    def _search(self, **options: Any) -> Any:
        return self._connection.call(
            lambda client: client.search(index=self.index, size=0, **options).body
        )


def distance(one: str, other: str, most: int) -> int:
    """Edits from one word to another, a swap of neighbours being one; above ``most``: most + 1."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        older, before = before, row
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return min(row[-1], most + 1)
