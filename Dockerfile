# The image of accountd: the binary, what it needs of the C library, authorities for TLS, and nothing else.
#
#   docker build --tag accountd:0.1.0 .
#   docker run --publish 127.0.0.1:50051:50051 --volume accountd:/data accountd:0.1.0
#
# Where there is no Docker, scripts/image builds it and tries what it has built.

# The channel of rust-toolchain.toml; scripts/lib/deploy.py compares them.
ARG RUST=1.95.0

# A tag may be moved. To hold on to one image, write its digest behind it: rust:…-slim-bookworm@sha256:…
FROM rust:${RUST}-slim-bookworm AS build
LABEL org.opencontainers.image.title="accountd"
WORKDIR /build
# `thin` links in a fraction of the time, into a binary that is a little larger and slower: for trying things out.
ARG LTO=fat
ENV CARGO_PROFILE_RELEASE_LTO=${LTO}

# The dependencies, with nothing of ours but the manifests: this layer lasts until one of those changes.
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY migrations/Cargo.toml migrations/
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    mkdir -p src migrations/src benches/import benches/limits benches/scale \
    && touch src/lib.rs migrations/src/lib.rs \
    && echo 'fn main() {}' | tee build.rs src/main.rs benches/import/main.rs benches/limits/main.rs >benches/scale/main.rs \
    && cargo build --release --locked

COPY build.rs ./
COPY proto proto
COPY migrations/src migrations/src
COPY src src
# Newer than what was built of the empty files, whatever the time of the last change is.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    find build.rs proto migrations/src src -type f -exec touch {} + \
    && cargo build --release --locked

# The libraries by their full names, as the binary asks for them, with the loader; their licences; and the one user.
RUN mkdir -p /image/etc /image/usr/local/bin /volumes/data \
    && cp target/release/accountd /image/usr/local/bin/ \
    && ldd target/release/accountd | grep -o '/[^ ]*' | xargs cp --dereference --parents --target-directory=/image \
    && cp --parents /usr/share/doc/libc6/copyright /usr/share/doc/libgcc-s1/copyright \
        /usr/share/doc/ca-certificates/copyright /image \
    && echo 'nonroot:x:65532:65532::/data:/sbin/nologin' >/image/etc/passwd \
    && echo 'nonroot:x:65532:' >/image/etc/group \
    && echo 'hosts: files dns' >/image/etc/nsswitch.conf

FROM scratch
LABEL org.opencontainers.image.title="accountd" \
      org.opencontainers.image.description="A gRPC identity service: accounts, one-time codes, sessions" \
      org.opencontainers.image.version="0.1.0"
COPY --from=build /image /
COPY --from=build --chown=65532:65532 --chmod=0700 /volumes /
# From the image and not by a command, which may see other authorities while it is built.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
# Settings are a file, of which yours takes the place; a variable here would win over yours.
COPY deploy/container/accountd.toml /etc/accountd/
# There is no /tmp for what SQLite puts aside in the middle of a statement.
ENV PATH=/usr/local/bin \
    ACCOUNTD_CONFIG=/etc/accountd/accountd.toml \
    SQLITE_TMPDIR=/data
USER 65532:65532
# So that `data`, the default of `data_directory`, is the volume.
WORKDIR /
VOLUME /data
EXPOSE 50051 3000 3001 3002 3003 3004
HEALTHCHECK --interval=10s --timeout=6s --start-period=10s CMD ["accountd", "health"]
ENTRYPOINT ["accountd"]
CMD ["serve"]
