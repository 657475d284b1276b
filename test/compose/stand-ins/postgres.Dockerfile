# Stands in for postgres:18: the PostgreSQL of this repository's packages, with the folders,
# the user and the way of starting that the image has.
FROM hookline-stand-in:base
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
RUN apt-get -q update && apt-get -q -y --no-install-recommends install postgresql-client
RUN groupadd --system --gid 999 postgres \
 && useradd --system --uid 999 --gid postgres --home-dir /var/lib/postgresql postgres \
 && install --directory --owner postgres --group postgres --mode 1777 /var/lib/postgresql \
 && install --directory --owner postgres --group postgres --mode 3777 /var/run/postgresql
COPY native /usr/lib/postgresql/18
COPY postgres-entrypoint.sh /usr/local/bin/docker-entrypoint.sh
ENV PATH=/usr/lib/postgresql/18/bin:$PATH PGDATA=/var/lib/postgresql/18/docker
ENTRYPOINT ["sh", "/usr/local/bin/docker-entrypoint.sh"]
CMD ["postgres"]
