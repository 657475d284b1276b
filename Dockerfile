# One image for the five services; the command chooses which:
#   node services/<name>/src/main.ts
# TypeScript runs natively, so the services have nothing to compile: one stage
# installs what production needs, one builds the console's page, the last is
# both and Node.

FROM node:24-bookworm-slim AS build
WORKDIR /app
# The lockfile alone first: as long as it stays, so does the layer with pnpm's store of packages.
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml .npmrc ./
RUN npx --yes pnpm fetch --prod && rm -rf node_modules
COPY . .
# Optional are the embedded PostgreSQL and Node itself; an image has neither need.
RUN npx --yes pnpm install --prod --no-optional --frozen-lockfile --offline

FROM node:24-bookworm-slim AS page
WORKDIR /app
COPY . .
RUN npx --yes pnpm install --frozen-lockfile --filter @hookline/console \
 && node services/console/scripts/build-page.ts

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
# A volume that is empty takes over owner and mode of the folder it is mounted on.
RUN mkdir -p /etc/hookline /var/lib/hookline /var/lib/nats \
 && chown node:node /etc/hookline /var/lib/hookline /var/lib/nats \
 && chmod 0700 /etc/hookline
COPY --from=build /app /app
COPY --from=page /app/services/console/web/dist /app/services/console/web/dist
USER node
# Shown by /healthz and the metrics: docker build --build-arg HOOKLINE_BUILD=$(git rev-parse --short HEAD)
ARG HOOKLINE_BUILD=image
ENV HOOKLINE_BIND=0.0.0.0 \
    HOOKLINE_BUILD=$HOOKLINE_BUILD \
    HOOKLINE_DATA_DIR=/var/lib/hookline
# Node as process 1 gets signals only from its own handlers; every service has them.
STOPSIGNAL SIGTERM
CMD ["node", "services/console/src/main.ts"]
