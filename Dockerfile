# syntax=docker/dockerfile:1

# Node.js 22 on a Linux with glibc; it brings npm and the user "node". A mirror's copy of it has another name.
ARG NODE_IMAGE=node:22-slim

# What is built with. Where npm needs to be told of a registry: --secret id=npmrc,src=.npmrc-of-yours
FROM ${NODE_IMAGE} AS build
WORKDIR /parley
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm --mount=type=secret,id=npmrc,target=/root/.npmrc \
  npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json LICENSE ./
COPY src src
COPY web web
RUN npm run build && rm -f dist/*.tsbuildinfo

# What it runs with, drivers of all engines included.
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /parley
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm --mount=type=secret,id=npmrc,target=/root/.npmrc \
  npm ci --omit=dev --ignore-scripts

FROM ${NODE_IMAGE}
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="Parley" \
  org.opencontainers.image.description="Pairs waiting participants and lets them talk over the Model Context Protocol" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}"
ENV NODE_ENV=production \
  HOST=0.0.0.0 \
  PORT=3000
WORKDIR /parley
COPY --from=dependencies /parley/node_modules node_modules
COPY --from=build /parley/dist dist
COPY package.json LICENSE ./
# Nothing here is written to: the root file system may be read-only.
USER node
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
