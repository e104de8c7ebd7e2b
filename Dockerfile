# One image for every role; the command says which: dist/apps/{api,worker,standalone}/src/main.js.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY nest-cli.json tsconfig.json ./
COPY apps apps
COPY libs libs
COPY migrations migrations
COPY scripts scripts
RUN node scripts/build.mjs \
 && npm prune --omit=dev \
 # What only a compiler, a debugger or another machine reads, and the Node that npm brings for machines with an older one: half of it all.
 && rm -rf node_modules/.bin node_modules/node-linux-* node_modules/typescript node_modules/better-sqlite3/deps \
 && find node_modules \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM ${NODE_IMAGE}
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY docs docs
COPY scripts/healthcheck.mjs scripts/ingest-docs.mjs scripts/
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "scripts/healthcheck.mjs"]
ENTRYPOINT ["node", "--enable-source-maps"]
CMD ["dist/apps/standalone/src/main.js"]
