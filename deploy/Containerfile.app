# Gateway, worker and actions: one image, three commands. Build from the project's root:
#   docker build -f deploy/Containerfile.app -t tend-app .
# Bases are pinned to a minor version on purpose: its tag still receives security patches.
FROM docker.io/library/python:3.12-slim-bookworm AS build
WORKDIR /srv/tend
# uv itself is pinned by hash in this script.
COPY deploy/get_uv.py deploy/get_uv.py
RUN python deploy/get_uv.py /usr/local/bin
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-dev --no-install-project
# Folder by folder: nothing of var/ (keys, database) can slip into the image.
COPY bot bot
COPY actions actions
RUN uv sync --frozen --no-dev
COPY data data
COPY config.yml domain.yml ./

FROM docker.io/library/python:3.12-slim-bookworm
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin tend
WORKDIR /srv/tend
COPY --from=build /srv/tend /srv/tend
ENV PATH=/srv/tend/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
ENTRYPOINT ["tend"]
CMD ["--help"]
