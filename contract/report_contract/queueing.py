"""Who runs next: priority first, then fairness over profiles, then first in, first out.

The operator starts imports in this order, and the API computes a position in it on demand; nothing
is ever written into the statuses of those who wait.

Fairness: among equal priorities the next one comes from the profile with the fewest imports that
run or were picked before it, and of several such from the one that was longest not served. So a
profile with 500 in the queue does not starve one with a single import, however few run at once.
Within a profile the oldest comes first.
"""

import heapq
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One import in the queue."""

    report_id: int
    profile: str
    priority: int
    queued_at: datetime


def queue_order(
    waiting: Iterable[Waiting], running: Mapping[str, int], last_started: Mapping[str, datetime] | None = None
) -> Iterator[Waiting]:
    """The queue from the next to the last.

    ``running`` counts the running imports by profile; ``last_started`` says when each profile last
    had an import started, as far as that is known.

    Lazy: the first ``k`` cost ``O(n log n)`` once for the sorting and ``O(log profiles)`` each.
    """
    taken = Counter(running)
    served = last_started or {}
    levels: dict[int, dict[str, deque[Waiting]]] = defaultdict(dict)
    for item in sorted(waiting, key=lambda one: (one.queued_at, one.report_id)):
        levels[item.priority].setdefault(item.profile, deque()).append(item)
    for priority in sorted(levels, reverse=True):
        profiles = levels[priority]
        heap = [_rank(taken[profile], served.get(profile, _NEVER), items) for profile, items in profiles.items()]
        heapq.heapify(heap)
        while heap:
            *_, profile = heapq.heappop(heap)
            items = profiles[profile]
            yield items.popleft()
            taken[profile] += 1
            if items:
                heapq.heappush(heap, _rank(taken[profile], served.get(profile, _NEVER), items))


def _rank(taken: int, served: datetime, items: deque[Waiting]) -> tuple[int, datetime, datetime, int, str]:
    first = items[0]
    return (taken, served, first.queued_at, first.report_id, first.profile)
