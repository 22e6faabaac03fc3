#!/bin/sh
# Tongke on a classroom's Linux PC: the browser on the whole screen, and again whenever it ends.
# Started by tongke-room.desktop. Change the address below to your own, or set TONGKE_ROOM.
address="${TONGKE_ROOM:-https://tongke.example/room}"
profile="${TONGKE_ROOM_PROFILE:-$HOME/.local/share/tongke-room}"
browser="$(command -v chromium || command -v chromium-browser || command -v google-chrome || command -v microsoft-edge)"
[ -n "$browser" ] || { echo "tongke-room: no Chromium, Chrome or Edge here" >&2; exit 1; }
# The screen stays on. A desktop without X has its own settings for that.
command -v xset >/dev/null && xset s off -dpms 2>/dev/null
while true; do
    # What a power cut left behind: the browser would ask whether another one holds the profile.
    rm -f "$profile/SingletonLock" "$profile/SingletonSocket" "$profile/SingletonCookie"
    "$browser" --kiosk --user-data-dir="$profile" --no-first-run --no-default-browser-check \
        --disable-session-crashed-bubble --hide-crash-restore-bubble --noerrdialogs \
        --autoplay-policy=no-user-gesture-required --password-store=basic \
        "$@" "$address"
    sleep 3
done
