# Bureau as one image: `docker run -p 8000:8000 -v bureau:/home/bureau/data <image>` serves; any other command of
# `bureau` can be given instead. The population and the secret live in the volume; keys and usage in the PostgreSQL
# that BUREAU_DATABASE_URL names, or, without it, in an embedded one in the same volume (one container only then).

FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/bureau
# Dependencies first: they change less often than the code, so this layer is usually there already.
COPY pyproject.toml constraints.txt README.md ./
RUN python -c "import tomllib; print('\n'.join(tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies']))" > needed.txt \
    && /opt/bureau/bin/pip install --no-cache-dir -c constraints.txt -r needed.txt
COPY bureau bureau
COPY loaders loaders
COPY api api
RUN /opt/bureau/bin/pip install --no-cache-dir --no-deps .
# Compile the hot loops now, so that the first request does not wait for it: a small demonstration runs every part
# once, outside /src, so that what is compiled is what will run. The embedded PostgreSQL it starts is thrown away.
ENV NUMBA_CACHE_DIR=/opt/bureau/numba NUMBA_CPU_NAME=generic
RUN cd /tmp && /opt/bureau/bin/bureau demo --home /tmp/demo --people 2000 --once && rm -rf /tmp/demo

FROM python:3.13-slim
RUN useradd --create-home --uid 10001 bureau && install -d -o bureau -g bureau /home/bureau/data
COPY --from=build --chown=bureau:bureau /opt/bureau /opt/bureau
ENV PATH=/opt/bureau/bin:$PATH \
    NUMBA_CACHE_DIR=/opt/bureau/numba \
    NUMBA_CPU_NAME=generic \
    BUREAU_HOME=/home/bureau/data \
    BUREAU_HOST=0.0.0.0 \
    BUREAU_PORT=8000
USER bureau
WORKDIR /home/bureau
VOLUME /home/bureau/data
EXPOSE 8000
# Alive, not ready: a container without a population yet must not be restarted for it. /readyz is for load balancers.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ['BUREAU_PORT']}/livez\", timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["bureau"]
CMD ["serve"]
