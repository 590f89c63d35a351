"""HTTP: takes uploads in, shows status, reports and pages.

===================  ========================================================================
``app``              ``create_app``: everything below, put together
``main``, ``serving``, ``headdeadline``  the server process
``settings``         limits and addresses
``keysource``        API keys from a file that may change at any time
``access``           who is calling, and what that key may do
``errors``           every refusal as one exception and one JSON shape
``body``             a request body as it arrives, with its limits
``multipart``        a form as it arrives: parser without I/O
``intake``           from body to storage: one upload while it runs
``storing``, ``buffers``  one file on its way, and the memory that all of them share
``turns``, ``endings``   how many uploads run at once, and how they end
``accepting``        request.json, resource, answer
``idempotency``      one key, one report, on any number of replicas
``uploading``        the import endpoints
``lookup``           one report, from the resource while it lives, then from storage
``queueing``         place in the queue and an estimate, computed on demand
``answers``          the JSON answers and how they are made
``compatible``       the older answer with the whole report in it
``reading``          status, report, cancel, delete
``listing``          the reports of one profile
``events``           server-sent events: one poller for all who watch a report
``downloads``        originals and results, streamed
``pages``, ``signin``  HTML
``apidocs``, ``examples``, ``docs_page``  the OpenAPI document and the page that shows it
``requestline``      HEAD and final slashes, before routes see them
``health``, ``metrics``, ``middleware``  what surrounds every request
===================  ========================================================================
"""
