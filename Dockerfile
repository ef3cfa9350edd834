# An image with nothing in it but the agent, Node and the libraries that Node needs: no shell, no package manager, no root.
# docs/deployment-container.md says how to build, run and check it.

ARG NODE_IMAGE=node:24-bookworm-slim

# Whatever it is built for, only the building machine's own programs run here: other architectures need no emulation.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY development/package.json development/
RUN npm ci --ignore-scripts
COPY . .
# In the image, there is no /usr/bin/env to find node.
RUN npm run build && sed -i '1s|.*|#!/usr/local/bin/node|' bin/affiant.js

FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS modules
ARG TARGETARCH
WORKDIR /modules
COPY package.json package-lock.json .npmrc ./
COPY development/package.json development/
# The workspace brings a Node for checkouts. What compilers and people read of a package is left out, its licence is not.
RUN case "$TARGETARCH" in amd64) cpu=x64 ;; *) cpu=$TARGETARCH ;; esac \
  && npm ci --omit=dev --ignore-scripts --os=linux --cpu="$cpu" --libc=glibc \
  && rm -rf node_modules/node-linux-* node_modules/affiant-development node_modules/.bin node_modules/.package-lock.json \
  && find node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.cts' -o -name '*.mts' -o -name '*.md' \) \
    ! -iname 'licen[cs]e*' ! -iname 'notice*' ! -iname 'copying*' -delete

FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS system
ARG TARGETARCH
WORKDIR /packages
# Debian's own packages, and where scanners look for what they are; users; directories that volumes are mounted on.
RUN dpkg --add-architecture "$TARGETARCH" \
  && apt-get update \
  && apt-get download "libc6:$TARGETARCH" "libgcc-s1:$TARGETARCH" "libstdc++6:$TARGETARCH" "base-files:$TARGETARCH" \
  && rm -rf /var/lib/apt/lists/* \
  && mkdir -p /packages/unpacked /system/etc/affiant /system/usr/local/bin /system/var/lib/dpkg/status.d /data \
  && mkdir -m 1777 /system/tmp \
  && for package in *.deb; do \
    name=$(dpkg-deb --field "$package" Package) \
    && dpkg-deb --field "$package" > "/system/var/lib/dpkg/status.d/$name" \
    && dpkg-deb --extract "$package" unpacked || exit 1; \
  done \
  && cp -a unpacked/lib unpacked/usr /system/ \
  && if [ -d unpacked/lib64 ]; then cp -a unpacked/lib64 /system/; fi \
  && cp -aL unpacked/usr/lib/os-release /system/etc/os-release \
  && rm -rf /system/usr/lib/*/gconv /system/usr/share/lintian /system/usr/share/base-files \
  && find /system/usr/share/doc -type f ! -name copyright -delete \
  && echo 'root:x:0:0:root:/:/nonexistent' > /system/etc/passwd \
  && echo 'affiant:x:10001:10001:Affiant:/var/lib/affiant:/nonexistent' >> /system/etc/passwd \
  && printf 'root:x:0:\naffiant:x:10001:\n' > /system/etc/group \
  && ln -s /opt/affiant/bin/affiant.js /system/usr/local/bin/affiant

FROM ${NODE_IMAGE} AS node

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
# A time, as the label asks for one.
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="Affiant" \
  org.opencontainers.image.description="The audit-log collector that can testify" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="$VERSION" \
  org.opencontainers.image.revision="$REVISION" \
  org.opencontainers.image.created="$CREATED"
COPY --from=system /system /
COPY --from=system --chown=10001:10001 --chmod=0750 /data /var/lib/affiant
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=modules /modules/node_modules /opt/affiant/node_modules
COPY --from=build /build/dist /opt/affiant/dist
COPY --from=build /build/bin/affiant.js /opt/affiant/bin/affiant.js
COPY package.json LICENSE /opt/affiant/
COPY config /opt/affiant/config
COPY schema /opt/affiant/schema
ENV PATH=/usr/local/bin \
  AFFIANT_CONFIG=/etc/affiant/affiant.yaml
WORKDIR /var/lib/affiant
USER 10001:10001
VOLUME /var/lib/affiant
# Alive, not ready: a destination that is away is no reason to restart the agent.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["/usr/local/bin/affiant", "health", "--live"]
ENTRYPOINT ["/usr/local/bin/affiant"]
CMD ["run"]
