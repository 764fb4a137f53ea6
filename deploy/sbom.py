# SPDX-License-Identifier: BSD-2-Clause
"""sbom.py VERSION TIME FILE: FILE.spdx.json, which says what is in a file of a release, or needed by it: Debian's
packages on standard input, a line each: name and version, and if it is linked in, its processor. The format is SPDX 2.3
(spdx.github.io/spdx-spec/v2.3)."""
import hashlib
import json
import os
import re
import sys
import time
import urllib.parse
import uuid


def package(name, version, arch):
    place = f"pkg:deb/debian/{name}" + (f"@{urllib.parse.quote(version)}" if version else "")
    return {"SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", f"{name}-{arch or 'any'}"), "name": name,
            "versionInfo": version or "NOASSERTION", "supplier": "Organization: Debian", "downloadLocation": "NOASSERTION",
            "filesAnalyzed": False, "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION",
            "copyrightText": "NOASSERTION",
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                              "referenceLocator": place + (f"?arch={arch}" if arch else "")}]}


def main(version, when, path):
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    name = os.path.basename(path)
    rows = [(line.split() + [None, None])[:3] for line in sys.stdin if line.strip()]
    linked = [row for row in rows if row[2]]
    others = [package(*row) for row in rows]
    own = {"SPDXID": "SPDXRef-nsvigil", "name": "nsvigil", "versionInfo": version, "packageFileName": name,
           "supplier": "Organization: The nsvigil authors", "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
           "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
           "licenseConcluded": "BSD-2-Clause AND GPL-2.0-only", "licenseDeclared": "BSD-2-Clause AND GPL-2.0-only",
           "copyrightText": "2026 The nsvigil authors"}
    how = "STATIC_LINK" if linked else "DEPENDS_ON"
    document = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": name,
        "documentNamespace": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest)}",
        "creationInfo": {"created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(when))),
                         "creators": ["Organization: The nsvigil authors", f"Tool: nsvigil-{version}"]},
        "packages": [own, *others],
        "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                           "relatedSpdxElement": own["SPDXID"]}] +
                         [{"spdxElementId": own["SPDXID"], "relationshipType": how,
                           "relatedSpdxElement": each["SPDXID"]} for each in others]}
    with open(path + ".spdx.json", "w") as out:
        json.dump(document, out, indent=1, sort_keys=True)
        out.write("\n")


main(*sys.argv[1:])
