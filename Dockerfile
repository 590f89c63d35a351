# One image, three commands: python -m report_api.main, report_operator.main, report_processor.main.
#
# The base needs Python 3.11 or newer with venv. Where no registry is reached, give another one:
#   --build-arg BASE=...
# Where no package index is reached from inside a build, give a folder of wheels:
#   --build-context wheels=FOLDER
# scripts/image does both.
ARG BASE=docker.io/library/python:3.12-slim

FROM scratch AS wheels

FROM ${BASE} AS tools
RUN python3 -m venv /opt/report-import
ENV PATH=/opt/report-import/bin:${PATH} PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1

# The dependencies change rarely, and alone in a layer they are built and shipped rarely.
FROM tools AS dependencies
COPY pyproject.toml /src/
COPY scripts/requirements /src/scripts/
RUN --mount=type=bind,from=wheels,target=/wheels \
    python3 /src/scripts/requirements project > /src/requirements.txt \
    && if [ -n "$(ls /wheels)" ]; then set -- --no-index --find-links /wheels; fi \
    && pip install "$@" --requirement /src/requirements.txt \
    && python3 /src/scripts/requirements trim /opt/report-import \
    && python3 -c "import pyarrow.parquet, kubernetes.client" \
    && pip uninstall --yes setuptools pip

FROM tools AS code
COPY pyproject.toml /src/
COPY scripts/requirements /src/scripts/
RUN --mount=type=bind,from=wheels,target=/wheels \
    python3 /src/scripts/requirements build > /src/requirements.txt \
    && if [ -n "$(ls /wheels)" ]; then set -- --no-index --find-links /wheels; fi \
    && pip install "$@" --requirement /src/requirements.txt
WORKDIR /src
COPY . .
RUN pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /dist . \
    && pip install --no-deps --no-index --target /app /dist/*.whl

FROM ${BASE}
LABEL org.opencontainers.image.title="Report Import" \
      org.opencontainers.image.description="Asynchronous importer of test reports for Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=dependencies /opt/report-import /opt/report-import
# Unbuffered, so that the last line before a kill is in the log. Nothing is written into the image.
# The user has a name, though not in /etc/passwd: kopf asks for it, under whatever number it runs.
ENV PATH=/app/bin:/opt/report-import/bin:${PATH} \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    USER=report-import
USER 65532:65532
WORKDIR /tmp
CMD ["python3", "-m", "report_api.main"]
# Last, because it changes most.
COPY --from=code /app /app
