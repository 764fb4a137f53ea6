#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""browser.py CHROMIUM PAGE PICTURE HEADLINE: opens the page in a real Chromium, without a screen, over a pipe. Fails if a script
of the page ran, if it asked for anything but itself, if the headline is another one, or if nothing is to be seen; PICTURE gets
what is. Each script in the corpus sets window.ran."""
import base64
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

chromium, page, picture, headline = sys.argv[1:]
url = pathlib.Path(page).resolve().as_uri()
# As root there is no sandbox of Chromium's; and it is to ask nobody, of itself.
flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--window-size=1100,1000", "--remote-debugging-pipe"]


class Browser:
    """Its protocol: messages of JSON, each ended by a byte of 0, on the files 3 and 4."""

    def __init__(self, folder):
        (there, self.out), (self.input, back) = os.pipe(), os.pipe()

        def place():
            # They may be 3 and 4 themselves.
            high = [os.dup(there), os.dup(back)]
            high = [os.dup2(fd, 200 + i) for i, fd in enumerate(high)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)
        self.process = subprocess.Popen([chromium, *flags, f"--user-data-dir={folder}"], preexec_fn=place, close_fds=False,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(there)
        os.close(back)
        self.rest, self.events, self.last, self.session = b"", [], 0, None

    def read(self):
        while b"\0" not in self.rest:
            more = os.read(self.input, 1 << 20)
            assert more, "Chromium has ended"
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def ask(self, method, **params):
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while (answer := self.read()).get("id") != self.last:
            self.events.append(answer)
        assert "result" in answer, answer
        return answer["result"]

    def wait(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.read())


def pixels(png):
    """The bytes of a picture, decompressed: filters and all."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    data, at = b"", 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        data += png[at + 8:at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    return zlib.decompress(data)


with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
    browser = Browser(folder)
    try:
        target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        browser.session = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Network", "Page", "Runtime"):
            browser.ask(f"{domain}.enable")
        browser.ask("Page.navigate", url=url)
        browser.wait("Page.loadEventFired")

        def value(expression):
            return browser.ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")
        # What an event would run, runs.
        value("document.querySelectorAll('*').forEach(e => e.dispatchEvent(new Event('mouseover', {bubbles: true})))")
        ran = value("typeof window.ran === 'undefined' ? null : String(window.ran)")
        scripts = value("document.scripts.length")
        shown = value("document.getElementById('headline')?.textContent ?? null")
        outside = value("document.querySelectorAll('img,iframe,object,embed,link,form,audio,video,base').length")
        seen = base64.b64decode(browser.ask("Page.captureScreenshot", format="png")["data"])
        asked = [event["params"]["request"]["url"] for event in browser.events
                 if event.get("method") == "Network.requestWillBeSent"]
    finally:
        browser.session = None
        browser.ask("Browser.close")
        browser.process.wait()
pathlib.Path(picture).write_bytes(seen)
print("headline:", shown, "; asked for:", asked, "; ran:", ran, "; scripts:", scripts, "; bytes of the picture:", len(seen))
assert ran is None, f"a script ran: {ran}"
assert scripts == 0 and outside == 0, "there is what there is not to be"
assert asked == [url], "it asked for something else"
assert shown == headline, "the headline is another one"
assert len(set(pixels(seen)[::997])) > 8, "nothing is to be seen"
