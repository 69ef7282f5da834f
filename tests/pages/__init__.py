"""The web app in a real Chromium, before a whole desk: every process runs as `./mtquant up` starts it."""
