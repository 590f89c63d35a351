"""What the API, the operator and the processor agree on. Pure: nothing here does I/O.

=============  ========================================================================
``names``      API group, labels, field managers, and the deterministic names of objects
``phases``     phases of an import, and the words the HTTP API uses for them
``codes``      every message an import can carry, with its level and its advice
``resource``   the ``ReportImport`` resource (the one definition; ``crds/`` is made from it)
``options``    the import options, and how they are read from text
``requests``   ``request.json`` and ``status.json``, the two ends of an import in storage
``report``     the report: containers, results, attempts, ``report.json``, ``tests.parquet``
``objectkeys`` where each of these lies in object storage
``formatters`` the formats that can be imported
``accesskeys`` API keys: their form, their salted hashes and their roles
``queueing``   who runs next, and where an import stands in the queue
``crd``        the CustomResourceDefinition, generated from ``resource``
=============  ========================================================================
"""
