# syntax=docker/dockerfile:1

# What is built with.
FROM node:22-slim AS build
WORKDIR /parley
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json LICENSE ./
COPY src src
COPY web web
RUN npm run build && rm -f dist/*.tsbuildinfo

# What it runs with, drivers of all engines included.
FROM node:22-slim AS dependencies
WORKDIR /parley
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

FROM node:22-slim
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
