# Stands in for nats:…-alpine: the nats-server that this machine has or its archive gives.
FROM hookline-stand-in:base
COPY nats-server /usr/local/bin/nats-server
ENTRYPOINT ["nats-server"]
