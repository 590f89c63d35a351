"""What is skimmed of a Robot Framework report, the largest first: tests, keywords with others inside, keywords."""

from collections.abc import Callable
from typing import Final

from report_processor.formats.robotframework.keywords import Keywords
from report_processor.formats.robotframework.skim import KeywordSkimmer, NestedSkimmer
from report_processor.formats.robotframework.whole_tests import TestSkimmer, WholeTest


class RobotSkimmer:
    """A ``xml_parser.Skimmer`` of all three."""

    opening = "<kw"
    other = "<test "

    def __init__(
        self,
        among_keywords: Callable[[], bool],
        keywords: Callable[[], Keywords],
        among_tests: Callable[[], bool],
        record: Callable[[WholeTest], None],
    ) -> None:
        """Whether keywords may stand here, where they belong, whether tests may stand here, and what takes one."""
        self._among_keywords: Final = among_keywords
        self._among_tests: Final = among_tests
        self._leaves: Final = KeywordSkimmer(among_keywords, keywords)
        self._nested: Final = NestedSkimmer(among_keywords, keywords)
        self._tests: Final = TestSkimmer(among_tests, record)

    def ready(self) -> bool:
        """See ``xml_parser.Skimmer``."""
        return self._among_keywords() or self._among_tests()

    def learn(self, text: str, at: int, end: int) -> None:
        """See ``xml_parser.Skimmer``."""
        if text.startswith(self.other, at):
            self._tests.learn(text, at, end)
        elif text.find("</kw>", at, end) >= 0:
            self._leaves.learn(text, at, end)
        else:
            self._nested.learn(text, at, end)

    def skim(self, text: str, at: int, line: int) -> int:
        """See ``xml_parser.Skimmer``."""
        if self._among_tests():
            return self._tests.skim(text, at, line)
        end = at
        while text.startswith(self.opening, at):
            taken = self._leaves.skim(text, at, line)
            if taken == at:
                taken = self._nested.skim(text, at, line)
            if taken == at:
                break
            end = taken
            at = end + 1 if text.startswith("\n", end) else end  # how Robot Framework writes them
        return end
