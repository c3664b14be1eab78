# One image for all that runs: the web process (the default), the relay, migrations, cron jobs, the command line.
# Any base of glibc with Python 3.11 or newer and its venv module does; it is the same for building and for running.
ARG BASE=docker.io/library/python:3.13-slim-bookworm
# runtime; or release, which adds what S3, tracing and Sentry need (26 MB)
ARG LOCK=runtime

# hadolint ignore=DL3006
FROM ${BASE} AS wheels
ARG LOCK
WORKDIR /build
COPY requirements/runtime.txt requirements/release.txt requirements/
# What builds wheels comes from the lock as well: without isolation pip fetches nothing that has no hash.
RUN python3 -m venv /pip \
    && sed -n '/^setuptools==/,/# via/p' "requirements/$LOCK.txt" >setuptools.txt \
    && /pip/bin/pip install --no-cache-dir --no-deps --require-hashes -r setuptools.txt \
    && /pip/bin/pip wheel --no-cache-dir --no-build-isolation --require-hashes --wheel-dir /wheels \
        -r "requirements/$LOCK.txt"
COPY setup.cfg pyproject.toml README.md LICENSE ./
COPY bee_customers bee_customers
RUN /pip/bin/pip wheel --no-cache-dir --no-build-isolation --no-index --no-deps --wheel-dir /wheels .
RUN python3 -m venv --without-pip /opt/bee-customers \
    && /pip/bin/pip --python /opt/bee-customers/bin/python install --no-cache-dir --no-compile --no-index --no-deps \
        /wheels/*.whl \
    && find /opt/bee-customers -type d -name tests -prune -exec rm -rf {} +
COPY deploy/image/compile_used.py /
RUN /opt/bee-customers/bin/python -W ignore /compile_used.py

# hadolint ignore=DL3006
FROM ${BASE}
ARG VERSION=0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="BeeConnect Customers" \
    org.opencontainers.image.licenses="MIT" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
# var is the one place that is written to: files, where they are kept in a directory. Mount a volume there.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin bee \
    && install --directory --owner=bee --group=bee --mode=0700 /srv/bee-customers/var
COPY --from=wheels /opt/bee-customers /opt/bee-customers
COPY alembic /srv/bee-customers/alembic
COPY production.ini /srv/bee-customers/
ENV PATH=/opt/bee-customers/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONWARNINGS="ignore:pkg_resources is deprecated:UserWarning"
WORKDIR /srv/bee-customers
USER 10001:10001
EXPOSE 8002
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f'http://127.0.0.1:{os.environ.get(\"PORT\", 8002)}/health/live', timeout=2)"]
ENTRYPOINT ["bee-customers", "--config", "/srv/bee-customers/production.ini"]
CMD ["serve"]
