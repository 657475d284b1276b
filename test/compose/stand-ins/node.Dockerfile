# Stands in for node:24-bookworm-slim: this repository's Node and this machine's npm on a plain system.
FROM hookline-stand-in:base
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
# What this machine trusts, packages are fetched through.
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
 && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx \
 && groupadd --gid 1000 node \
 && useradd --uid 1000 --gid node --create-home node
