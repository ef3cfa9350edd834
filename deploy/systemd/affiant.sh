#!/bin/sh
# /usr/local/bin/affiant: the program with the Node that lies beside it, for the service's configuration unless another is named.
export AFFIANT_CONFIG="${AFFIANT_CONFIG:-/etc/affiant/affiant.yaml}"
export PATH="/opt/affiant/bin:$PATH"
exec /opt/affiant/bin/affiant "$@"
