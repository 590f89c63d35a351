"""The elements of a TRX file, and how its usual ones are written."""

from typing import Final

from report_processor import limits
from report_processor.parsing.shapes import Rule
from report_processor.parsing.xml_skim import ANY, NAME, VALUE

_TYPES: Final = ("", "Unit", "Generic", "Manual", "Web", "Load", "Ordered", "CodedWeb", "Declarative")
RESULTS: Final = frozenset({*(f"{kind}TestResult" for kind in _TYPES), "TestResultAggregation"})
DEFINITIONS: Final = frozenset({*(f"{kind}Test" for kind in _TYPES[1:]), "TestElement"})
TEXTS: Final = {
    "StdOut": limits.BACKTRACE,
    "StdErr": limits.BACKTRACE,
    "DebugTrace": limits.BACKTRACE,
    "TraceInfo": limits.BACKTRACE,
    "Message": limits.EXCEPTION_DESCRIPTION,
    "StackTrace": limits.BACKTRACE,
    "Exception": limits.BACKTRACE,
    "Text": limits.EXCEPTION_DESCRIPTION,
    "Description": limits.DESCRIPTION,
    "Comments": limits.DESCRIPTION,
    "WorkItem": limits.LABEL_VALUE,
    "Workitem": limits.LABEL_VALUE,
    "Key": limits.LABEL_NAME,
    "Value": limits.LABEL_VALUE,
}
"""Elements with text, and how much of it is kept."""
OTHERS: Final = frozenset(
    {
        *("Times", "TestSettings", "TestRunConfiguration", "Deployment", "DeploymentItems", "DeploymentItem", "Build"),
        *("Results", "InnerResults", "Output", "ErrorInfo", "TextMessages", "ResultFiles", "ResultFile"),
        *("CollectorDataEntries", "Collector", "UriAttachments", "UriAttachment", "A", "Execution", "TestMethod"),
        *("TestDefinitions", "TestCategory", "TestCategoryItem", "Owners", "Owner", "Properties", "Property"),
        *("Workitems", "WorkItemIDs", "TestLinks", "TestLink", "TestLists", "TestList", "TestEntries", "TestEntry"),
        *("ResultSummary", "Counters", "RunInfos", "RunInfo", "Agent", "AgentRule", "TestTypeSpecific"),
    }
)
"""Elements without text that the format defines."""
FREE: Final = frozenset(
    {
        *("TestSettings", "TestRunConfiguration", "TestDefinitions", "CollectorDataEntries"),
        *("WebTestResult", "LoadTestResult", "ManualTestResult", "CodedWebTestResult", "DeclarativeTestResult"),
    }
)
"""Those in which each kind of test and each data collector of Visual Studio has elements of its own."""

RESULT: Final = {
    "testName": NAME,
    "testId": VALUE,
    "duration": Rule(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"),
    **dict.fromkeys(
        ("executionId", "computerName", "startTime", "endTime", "testType", "testListId", "relativeResultsDirectory"),
        ANY,
    ),
}
DEFINED: Final = {
    **dict.fromkeys(("id", "storage", "TestMethod@className", "TestMethod@codeBase"), VALUE),
    **dict.fromkeys(("name", "Execution@id", "Execution@parentId", "TestMethod@name"), ANY),
}
USUAL_DEFINITION: Final = DEFINED.keys() | {"TestMethod@adapterTypeName", "TestMethod", "Execution"}
ENTRY: Final = dict.fromkeys(("testId", "executionId", "parentExecutionId", "testListId"), ANY)
"""How the values of the usual result, definition and entry are written."""
