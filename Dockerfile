# The image of every Airflow process and of the command `kehu`. What is in it is what uv.lock names, nothing newer.
#
# Tags name versions. For a build that cannot change under its name, add the digest that your registry shows:
# python:3.11.14-slim-bookworm@sha256:…
ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ARG UV_VERSION=0.13.9
RUN pip install --no-cache-dir "uv==${UV_VERSION}"
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
WORKDIR /opt/kehu
# Dependencies first: a change of a model does not install them again.
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --no-dev --no-install-project --extra deploy
COPY plugins plugins
# Editable: the package finds dbt_project/ and expectations/ beside itself.
RUN uv sync --frozen --no-dev --extra deploy

FROM ${PYTHON_IMAGE}
RUN groupadd --gid 10001 kehu \
    && useradd --uid 10001 --gid kehu --no-log-init --create-home --home-dir /home/kehu kehu \
    && install -d -o kehu -g kehu -m 0750 /var/lib/kehu /var/lib/kehu-airflow /var/lib/kehu-airflow/logs
WORKDIR /opt/kehu
COPY --from=build /opt/kehu/.venv .venv
# Code is root's and read-only to the user that runs it.
COPY pyproject.toml uv.lock README.md sources.yml ./
COPY plugins plugins
COPY dags dags
COPY dbt_project dbt_project
COPY expectations expectations
COPY deploy deploy
ENV PATH=/opt/kehu/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    AIRFLOW_HOME=/var/lib/kehu-airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/kehu/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/kehu/plugins \
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=/var/lib/kehu-airflow/logs \
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=false \
    KEHU_HOME=/var/lib/kehu \
    DBT_SEND_ANONYMOUS_USAGE_STATS=false \
    GX_ANALYTICS_ENABLED=false \
    DO_NOT_TRACK=1
USER 10001:10001
VOLUME ["/var/lib/kehu", "/var/lib/kehu-airflow/logs"]
CMD ["kehu", "--help"]
