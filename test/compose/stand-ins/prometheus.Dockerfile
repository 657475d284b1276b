# Stands in for prom/prometheus: Debian's build of it.
FROM hookline-stand-in:base
COPY prometheus /bin/prometheus
RUN install --directory --owner nobody --group nogroup /prometheus
USER nobody
WORKDIR /prometheus
ENTRYPOINT ["/bin/prometheus"]
