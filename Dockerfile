# The portal's image: the same for web, worker, beat and every manage.py command.

FROM node:20-slim AS assets
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
COPY scripts ./scripts
RUN npm run vendor

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
COPY --from=assets /build/static/vendor ./static/vendor
# The key is for this one command; a production start refuses to run without its own.
RUN SECRET_KEY=only-to-build python manage.py collectstatic --noinput --verbosity 0 \
    && useradd --system portal && mkdir -p var/media && chown -R portal var
USER portal
EXPOSE 8000
CMD ["gunicorn", "-c", "deploy/gunicorn.conf.py", "config.wsgi"]
