"""One import inside one Job: read, detect, parse, write, tell.

Stages that pull from each other, each of bounded memory:

================  =====================================================================
``sources``       the uploaded objects as streams, their SHA-256 checked on the way
``unpack``        zip, tar and what is compressed (gzip, zstd, bzip2, xz), recognised by content, with limits
``decode``        bytes to text: byte order marks, declared encodings, damaged bytes
``detect``        which format a text is of, by its content
``formats``       one module a format: text in, events out, no I/O
``events``        what parsers say: containers, results, notes
``collect``       events to the report: tree, counts, identity, messages
``tables``        the report as Parquet; ``writer`` runs it in a process of its own
``run``           one import from ``request.json`` to ``status.json``
``tell``          progress and the final status to whoever watches
================  =====================================================================
"""
